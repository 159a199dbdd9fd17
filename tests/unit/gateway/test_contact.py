"""Contact Us: who may write, what is sent to notify, and that nothing that was typed is lost."""

import re
from html import unescape

import pytest
from bs4 import BeautifulSoup

from contracts import codes
from contracts.billing import GetInvoice
from contracts.identity import CheckSession, LogIn
from contracts.notify import ContactDone, WriteToBusiness
from contracts.wire import Refused
from gateway.app import create_app
from tests.support import gateway as views
from tests.support.gateway import ANA, Browser, RecordingBackend, gateway_settings

SIGNED_IN_PAGES = (
    "/",
    "/invoices",
    "/invoices/i-1",
    "/pay",
    "/receipts/p-1",
    "/account-history",
    "/contact",
    "/nowhere",
)
TYPED = {"name": "Bo Chen", "email": "bo@example.test", "message": "When do you come?\nIt rains.", "topic": "Visits"}


@pytest.fixture(autouse=True)
def notify(backend):
    backend.answers(WriteToBusiness, ContactDone(message_id="m-1"))


def fields(page: str) -> dict[str, str]:
    """The form's hidden fields."""
    form = BeautifulSoup(page, "html.parser").find("form", action="/contact")
    assert form is not None
    return {str(each["name"]): str(each.get("value", "")) for each in form.find_all("input", type="hidden")}


def write(browser, page: str = "/contact", **typed: str):
    """Fill the form in and send it."""
    return browser.post("/contact", data={**fields(browser.get(page).text), **typed})


def sent(backend) -> WriteToBusiness:
    command: WriteToBusiness = backend.asked(WriteToBusiness)[-1]
    return command


@pytest.mark.parametrize("path", SIGNED_IN_PAGES)
def test_link_can_be_found_at_the_top_right_hand_side_of_the_customer_portal_dashboard(ana, path):
    """And of every other signed-in page: what follows it is the person's own menu."""
    header = BeautifulSoup(ana.get(path).text, "html.parser").find("header")
    assert header is not None
    link = header.find("a", string="Contact Us")
    assert link is not None
    assert link["href"] == "/contact"
    following = link.find_next_sibling()
    assert following is not None
    assert following["class"] == ["menu", "menu-me"]


@pytest.mark.parametrize("path", ["/login", "/sign-up", "/forgot-password", "/link-sent", "/nowhere"])
def test_or_at_the_bottom_of_the_login_page(stranger, path):
    footer = BeautifulSoup(stranger.get(path, follow_redirects=True).text, "html.parser").find("footer")
    assert footer is not None
    assert "Contact Us" in footer.get_text()
    assert footer.find("a", href="/contact") is not None


def test_no_page_leads_to_a_mail_program_for_want_of_a_form(ana, stranger):
    for browser, path in ((ana, "/"), (ana, "/invoices/i-1"), (stranger, "/login"), (stranger, "/link-sent")):
        assert "mailto:" not in browser.get(path).text


def test_a_stranger_says_who_it_is_and_is_sent_on(stranger, backend):
    answer = write(stranger, phone="(217) 555-0101", **TYPED)
    assert (answer.status_code, answer.location) == (303, "/contact/sent")
    command = sent(backend)
    assert (command.customer_id, command.name, command.email) == (None, "Bo Chen", "bo@example.test")
    assert (command.topic, command.message) == ("Visits", "When do you come?\nIt rains.")
    assert (command.phone, command.ip_address, command.trap) == ("(217) 555-0101", "127.0.0.1", "")
    assert command.open_s is not None
    assert 0 <= command.open_s < 60
    assert command.visitor_id
    assert "Your message is sent" in stranger.get(answer.location).text


def test_a_customer_writes_from_the_account_in_view(ana, backend):
    answer = write(ana, message="Hello", name="Somebody else", email="other@example.test")
    assert answer.status_code == 303
    command = sent(backend)
    assert (command.customer_id, command.reference) == (ANA, "C-1007")
    assert (command.name, command.email) == ("Ana Whitfield", "ana@example.test")


def test_a_question_about_an_invoice_names_it(ana, backend):
    link = BeautifulSoup(ana.get("/invoices/i-1").text, "html.parser").find("a", string="Ask us")
    assert link is not None
    page = ana.get(str(link["href"])).text
    number = views.an_invoice().number
    assert f"A question about invoice {number}" in unescape(page)
    write(ana, str(link["href"]), message="Why?")
    command = sent(backend)
    assert (command.invoice_id, command.invoice_number) == (views.an_invoice().invoice_id, number)


def test_somebody_elses_invoice_is_not_named_and_the_message_goes_without_it(ana, backend):
    backend.answers(GetInvoice, Refused(codes.NOT_FOUND, "no"))
    page = ana.get("/contact?invoice=other")
    assert page.status_code == 200
    assert "other" not in fields(page.text).values()
    write(ana, message="Hello", invoice="other")
    assert (sent(backend).invoice_id, sent(backend).invoice_number) == (None, "")


def test_the_page_is_one_round_of_calls(ana, backend):
    ana.get("/contact?invoice=i-1")
    assert [sorted(gather) for gather in backend.gathers] == [["invoice", "session"]]
    assert backend.calls == []


def test_a_stranger_costs_no_call(stranger, backend):
    stranger.get("/contact")
    assert (backend.gathers, backend.calls) == ([], [])


def test_the_same_words_of_the_same_form_have_one_key_and_others_another(stranger, backend):
    hidden = fields(stranger.get("/contact").text)
    for changes in ({}, {}, {"message": "Another thing"}):
        stranger.post("/contact", data={**hidden, **TYPED, **changes})
    write(stranger, **TYPED)
    keys = [command.key for command in backend.asked(WriteToBusiness)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"message": ""}, "Write your message here."),
        ({"message": "x" * 5001}, "at most 5000"),
        ({"name": " "}, "Enter your name."),
        ({"email": "nobody"}, "does not look like an e-mail address"),
        ({"topic": "x" * 121}, "at most 120"),
        ({"phone": "1" * 41}, "too long"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(stranger, backend, typed, problem):
    answer = write(stranger, **{**TYPED, "message": "<b>Kept</b> שלום", **typed})
    assert answer.status_code == 422
    assert problem in unescape(answer.text)
    assert backend.asked(WriteToBusiness) == []
    if "message" not in typed:
        assert "&lt;b&gt;Kept&lt;/b&gt; שלום" in answer.text


def test_while_notify_is_away_the_message_stays_and_the_telephone_number_is_shown(stranger, backend):
    hidden = fields(stranger.get("/contact").text)
    backend.take_away("notify")
    answer = stranger.post("/contact", data={**hidden, **TYPED})
    assert answer.status_code == 503
    text = unescape(answer.text)
    assert "We could not take your message right now" in text
    assert "When do you come?\nIt rains." in text
    assert 'href="tel:2175550142"' in text
    # Sent again it has the same key: kept after all, it would be one message.
    again = {**fields(answer.text), **TYPED}
    stranger.post("/contact", data=again)
    first, second = backend.asked(WriteToBusiness)
    assert first.key == second.key


def test_while_identity_is_away_the_page_asks_who_writes(ana, backend):
    backend.take_away("identity")
    page = ana.get("/contact")
    assert page.status_code == 200
    assert 'name="email"' in page.text
    assert write(ana, **TYPED).status_code == 303
    assert sent(backend).customer_id is None


def test_too_many_messages_are_told_and_the_last_one_is_kept(stranger, backend):
    backend.answers(WriteToBusiness, Refused(codes.THROTTLED, "slowly", retry_after_s=1800))
    answer = write(stranger, **TYPED)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    assert "When do you come?" in answer.text
    assert "30 minutes" in answer.text
    assert "(217) 555-0142" in answer.text


def test_what_the_service_turns_down_is_said_at_its_field(stranger, backend):
    backend.answers(WriteToBusiness, Refused(codes.INVALID, "No such address.", field="email"))
    answer = write(stranger, **TYPED)
    assert answer.status_code == 422
    assert "No such address." in answer.text


def test_a_session_that_ended_while_writing_takes_no_word_with_it(ana, backend):
    hidden = fields(ana.get("/contact").text)
    backend.answers(CheckSession, Refused(codes.WRONG_CREDENTIALS, "over"))
    answer = ana.post("/contact", data={**hidden, "message": "A long letter"})
    assert answer.status_code == 422
    assert "A long letter" in answer.text
    assert 'name="email"' in answer.text


def test_logging_in_elsewhere_while_writing_takes_no_word_with_it(stranger, backend):
    hidden = fields(stranger.get("/contact").text)
    stranger.submit("/login", email="ana@example.test", password="a lawn is never finished")
    assert backend.asked(LogIn)
    answer = stranger.post("/contact", data={**hidden, **TYPED})
    assert answer.status_code == 422
    assert "When do you come?" in answer.text
    assert "press Send once more" in answer.text
    assert stranger.post("/contact", data={**fields(answer.text), **TYPED}).status_code == 303


def test_a_form_from_another_site_sends_nothing(stranger, backend):
    assert stranger.post("/contact", data=TYPED).status_code == 422
    assert backend.asked(WriteToBusiness) == []


@pytest.mark.parametrize("opened", ["", "x", "ImFiYyI.aaaa.bbbb"])
def test_a_form_without_our_signed_time_has_none(stranger, backend, opened):
    assert write(stranger, opened=opened, **TYPED).status_code == 303
    assert sent(backend).open_s is None


def test_the_field_that_people_do_not_see_is_told(stranger, backend):
    page = BeautifulSoup(stranger.get("/contact").text, "html.parser")
    trap = page.find("input", {"name": "website"})
    assert trap is not None
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert trap.find_parent(attrs={"aria-hidden": "true"}) is not None
    write(stranger, website="http://cheap.test", **TYPED)
    assert sent(backend).trap == "http://cheap.test"


def test_telephone_address_hours_and_website_are_shown_where_they_are_set(backend):
    settings = gateway_settings(business_hours="Mon–Fri 8–5, Sat 9–noon")
    page = BeautifulSoup(Browser(create_app(settings, backend)).get("/contact").text, "html.parser")
    assert page.find("a", href="tel:2175550142") is not None
    address = page.find("address")
    assert address is not None
    assert list(address.stripped_strings) == ["212 Prairie Ave", "Springfield, IL 62704"]
    assert re.search(r"Mon–Fri 8–5\s*Sat 9–noon", page.get_text(" "))
    bare = gateway_settings(business_phone="", business_address="", business_website="")
    page = BeautifulSoup(Browser(create_app(bare, RecordingBackend())).get("/contact").text, "html.parser")
    assert page.find("address") is None
    assert page.find("a", href=re.compile("^tel:")) is None


def test_a_hostile_invoice_id_is_no_500(ana):
    for value in ("\x00", "../..", "x" * 5000, "é"):
        assert ana.get("/contact", query_string={"invoice": value}).status_code == 200
