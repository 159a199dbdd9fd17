"""Texts turned on and off, by hand and from the phone, at both widths and with scripts off; and what else is sent."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chassis.ids import new_id
from contracts.billing import ScheduleVisit, VisitTerms
from tests.support.embedded_portal import Customer, EmbeddedPortal
from tests.support.waiting import eventually

_lines = count(2000)
NEVER_REACHED = {360: "+1 500 555 0001", 1280: "+1 500 555 0009"}
"""Marked for whoever has them: one for each width."""

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def at_noon(whole_portal: EmbeddedPortal) -> Iterator[EmbeddedPortal]:
    """No quiet hours."""
    noon = datetime.combine(whole_portal.today(), time(12), tzinfo=whole_portal.services.time_zone)
    whole_portal.set_clock("frozen", noon)
    yield whole_portal
    whole_portal.set_clock("real")


class Phone:
    """A customer's phone, which the sandbox's page plays."""

    def __init__(self, portal: EmbeddedPortal, page: Page, line: int) -> None:
        self.shown, self.number = f"(607) 555-{line}", f"+1607555{line}"
        self._page = page
        self._address = f"{portal.sandbox_url}/texts/{self.number}"

    def expect_text(self, words: str) -> None:
        eventually(lambda: words in self._read())

    def answer(self, words: str) -> None:
        self._page.goto(self._address)
        self._page.get_by_role("textbox", name="Answer").fill(words)
        self._page.get_by_role("button", name="Send", exact=True).click()

    def count(self, words: str) -> int:
        return self._read().count(words)

    def _read(self) -> str:
        self._page.goto(self._address)
        return self._page.locator("main").inner_text()


@pytest.fixture
def line() -> int:
    return next(_lines)


def on_file(portal: EmbeddedPortal, line: int) -> Customer:
    return portal.customer(phone=f"(607) 555-{line}")


def open_notifications(visitor: Any) -> Page:
    page: Page = visitor.go_to_own("Notifications")
    expect(page.get_by_role("heading", name="Notifications", exact=True)).to_be_visible()
    return page


def agree(page: Page) -> None:
    page.get_by_role("checkbox", name="I agree that").check()
    page.get_by_role("button", name="Turn on texts").click()
    expect(page.get_by_text("Texts are on.", exact=True)).to_be_visible()


def switch(page: Page):
    return page.get_by_role("switch", name="Text messages")


@SCRIPTS
def test_opt_in_and_out_of_text_message_notification(visit_portal, at_noon, line, scripts):
    visitor = visit_portal(on_file(at_noon, line), java_script_enabled=scripts)
    phone = Phone(at_noon, visitor.new_tab(), line)
    page = open_notifications(visitor)
    box = page.get_by_role("checkbox", name="I agree that")
    expect(box).not_to_be_checked()
    expect(switch(page)).not_to_be_checked()
    expect(page.get_by_text("Msg & data rates may apply")).to_be_visible()
    expect(page.get_by_text(phone.shown).first).to_be_visible()
    switch(page).click()
    expect(page.get_by_text("Tick the box to agree to text messages.")).to_be_visible()
    if scripts:
        visitor.expect_no_faults()
    agree(page)
    phone.expect_text("you will get service reminders by text")
    page.locator("summary", has_text="The words").click()
    expect(page.get_by_role("blockquote")).to_contain_text("I agree that Green Acres")
    if scripts:
        visitor.expect_no_faults()
    switch(page).click()
    expect(page.get_by_text("Texts are off. You will get no more.")).to_be_visible()
    expect(page.get_by_text("Turned off", exact=True)).to_be_visible()
    expect(page.get_by_role("checkbox", name="I agree that")).not_to_be_checked()


@SCRIPTS
def test_opt_in_and_out_of_text_message_notifications_service_reminders_these_are_not_marketing_messages(
    visit_portal, at_noon, line, scripts
):
    visitor = visit_portal(on_file(at_noon, line), java_script_enabled=scripts)
    phone = Phone(at_noon, visitor.new_tab(), line)
    page = open_notifications(visitor)
    expect(page.get_by_text("These are not marketing messages.")).to_be_visible()
    agree(page)
    phone.answer("help")
    phone.expect_text("Call (607) 555-0142")
    phone.answer("Stop")
    eventually(lambda: page.reload() and page.get_by_text("Only the phone can lift that").is_visible())
    assert switch(page).count() == 0
    if scripts:
        visitor.expect_no_faults()
    phone.answer("Start")
    eventually(lambda: page.reload() and page.get_by_text("Texts are on.", exact=True).is_visible())
    phone.answer("opt out!")
    phone.expect_text("texts are off, you will get no more")
    phone.answer("OPT-OUT")
    eventually(lambda: page.reload() and page.get_by_text("by text from the phone").count() == 3)
    assert phone.count("texts are off, you will get no more") == 1


@SCRIPTS
def test_sign_up_for_text_alerts(visit_portal, at_noon, line, scripts):
    ana = on_file(at_noon, line)
    visitor = visit_portal(ana, java_script_enabled=scripts)
    phone = Phone(at_noon, visitor.new_tab(), line)
    agree(open_notifications(visitor))
    # It is past the hour of reminders, so that of tomorrow's visit goes out at once.
    tomorrow = VisitTerms(scheduled_on=at_noon.today() + timedelta(days=1), service="Hedge trimming")
    at_noon.call(ScheduleVisit(key=new_id(), customer_id=ana.customer_id, terms=tomorrow))
    phone.expect_text("reminder of your visit, Hedge trimming")


def test_a_new_phone_number_is_agreed_to_anew(visit_portal, at_noon, line):
    visitor = visit_portal(on_file(at_noon, line))
    page = open_notifications(visitor)
    agree(page)
    page.get_by_role("link", name="change it").click()
    page.get_by_label("Phone").fill(f"(607) 555-{next(_lines)}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your details are saved.")).to_be_visible()
    at_noon.settle()
    page = open_notifications(visitor)
    expect(switch(page)).not_to_be_checked()
    expect(page.get_by_text("because the number on file changed")).to_be_visible()


def test_at_night_the_page_says_that_texts_wait_for_the_morning(visit_portal, at_noon, line):
    night = datetime.combine(at_noon.today(), time(22), tzinfo=at_noon.services.time_zone)
    visitor = visit_portal(on_file(at_noon, line))
    phone = Phone(at_noon, visitor.new_tab(), line)
    at_noon.set_clock("frozen", night)
    page = open_notifications(visitor)
    agree(page)
    expect(page.get_by_text("Quiet now.")).to_be_visible()
    assert phone.count("service reminders") == 0
    at_noon.set_clock("frozen", night.replace(hour=9))
    phone.expect_text("you will get service reminders by text")


def test_a_phone_that_no_text_reaches_is_marked(visit_portal, at_noon, screen):
    # Twilio's magic numbers are at home all over America: in the evening nobody sleeps anywhere there.
    at_noon.set_clock("frozen", datetime.combine(at_noon.today(), time(19), tzinfo=at_noon.services.time_zone))
    visitor = visit_portal(at_noon.customer(phone=NEVER_REACHED[screen["width"]]))
    page = open_notifications(visitor)
    # Twilio may have refused the confirmation before the page is back.
    page.get_by_role("checkbox", name="I agree that").check()
    page.get_by_role("button", name="Turn on texts").click()
    eventually(lambda: page.reload() and page.get_by_text("No text reaches this number.").is_visible())
    visitor.expect_no_faults()


def test_without_a_number_the_way_to_one_is_shown(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = open_notifications(visitor)
    expect(page.get_by_text("There is no phone number on file.")).to_be_visible()
    assert switch(page).count() == 0
    visitor.expect_no_faults()


def test_e_mails_that_are_not_wanted_are_not_sent(visit_portal, whole_portal):
    ana = whole_portal.customer()
    visitor = visit_portal(ana, java_script_enabled=False)
    page = open_notifications(visitor)
    page.get_by_role("checkbox", name="New invoices").uncheck()
    page.get_by_role("radio", name="Not at all").check()
    page.get_by_role("button", name="Save choices").click()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="New invoices")).not_to_be_checked()
    expect(page.get_by_role("radio", name="Not at all")).to_be_checked()
    number = whole_portal.sent_invoice(ana, 8450)
    page.get_by_role("checkbox", name="New invoices").check()
    page.get_by_role("button", name="Save choices").click()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    wanted = whole_portal.sent_invoice(ana, 9900)
    assert wanted in whole_portal.mailbox.wait_for(ana.email, f"Invoice {wanted}")["subject"]
    assert not [each for each in whole_portal.mailbox.all_to(ana.email) if number in each["subject"]]
