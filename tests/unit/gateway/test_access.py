"""Log in, Sign Up, Forgot Password, Set password, the account switcher and log out."""

import re
from datetime import timedelta

import pytest

from contracts import codes
from contracts.identity import (
    AccountChoice,
    CheckSession,
    Done,
    InspectLink,
    LinkView,
    LogIn,
    LogOut,
    RequestLink,
    SetPassword,
    SwitchAccount,
)
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA, TOKEN

SECOND = AccountChoice(customer_id="second-account", reference="C-1019", name="The lake house")
GOOD = {"email": "ana@example.test", "password": "a lawn is never finished"}


@pytest.fixture
def link(backend):
    backend.answers(
        InspectLink,
        LinkView(purpose="sign_up", email="ana@example.test", expires_at=views.NOW + timedelta(minutes=60)),
    )
    backend.answers(SetPassword, Done())


def test_logging_in_opens_a_session_and_goes_to_the_dashboard(stranger, backend):
    answer = stranger.submit("/login", **GOOD)
    assert (answer.status_code, answer.location) == (303, "/")
    with stranger.session_transaction() as session:
        assert (session["token"], session["account"]) == (TOKEN, ANA)
    assert backend.asked(LogIn)[0].ip_address == "127.0.0.1"


def test_logging_in_makes_a_new_form_token(stranger):
    before = stranger.form_token()
    stranger.submit("/login", **GOOD)
    assert stranger.form_token("/login") != before


def test_logging_in_goes_on_to_the_page_that_was_asked_for(stranger):
    answer = stranger.submit("/login", page="/login?next=/invoices?show%3Dopen", next="/invoices?show=open", **GOOD)
    assert answer.location == "/invoices?show=open"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n//evil.test",
        "http:evil.test",
        "javascript:alert(1)",
        "evil.test",
        "",
        "/" + "a" * 600,
    ],
)
def test_next_parameter_cannot_leave_the_portal(stranger, target):
    assert stranger.submit("/login", next=target, **GOOD).location == "/"
    page = stranger.get("/login", query_string={"next": target}).text
    assert 'name="next"' not in page


@pytest.mark.parametrize("code", [codes.WRONG_CREDENTIALS, codes.INVALID])
def test_wrong_credentials_say_neither_which_was_wrong_nor_who_is_known(stranger, backend, code):
    backend.answers(LogIn, Refused(code, "unknown address"))
    answer = stranger.submit("/login", **GOOD)
    assert answer.status_code == 401
    assert "don&#39;t match" in answer.text
    assert "unknown address" not in answer.text
    assert GOOD["password"] not in answer.text


def test_too_many_tries_say_how_long_to_wait(stranger, backend):
    backend.answers(LogIn, Refused(codes.THROTTLED, "Too many tries.", retry_after_s=290))
    answer = stranger.submit("/login", **GOOD)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "290"
    assert "5 minutes" in answer.text


def test_logging_in_without_identity_says_so(stranger, backend):
    backend.take_away("identity")
    answer = stranger.submit("/login", **GOOD)
    assert answer.status_code == 503
    assert "did not answer in time" in answer.text


def test_an_incomplete_login_is_not_asked(stranger, backend):
    answer = stranger.submit("/login", email="ana", password="")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not backend.calls


@pytest.mark.parametrize(("path", "purpose"), [("/sign-up", "sign_up"), ("/forgot-password", "reset")])
def test_asking_for_a_link_ends_on_the_same_page_for_any_address(stranger, backend, path, purpose):
    answer = stranger.submit(path, email=" ana@example.test ")
    assert (answer.status_code, answer.location) == (303, "/link-sent")
    assert backend.asked(RequestLink) == [
        RequestLink(email="ana@example.test", purpose=purpose, ip_address="127.0.0.1")
    ]
    assert "If <strong" in stranger.get("/link-sent").text


def test_opening_a_link_changes_nothing(stranger, backend, link):
    page = stranger.get("/set-password/some-token").text
    assert "ana@example.test" in page
    assert page.count('type="password"') == 2
    assert not backend.asked(SetPassword)


def test_setting_the_password_uses_the_link_and_leads_to_the_login(stranger, backend, link):
    answer = stranger.submit("/set-password/some-token", password="lawn and order", again="lawn and order")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert backend.asked(SetPassword) == [SetPassword(token="some-token", password="lawn and order")]
    page = stranger.get("/login").text
    assert "Your password is set" in page
    assert 'value="ana@example.test"' in page


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("lawn and order", "lawn and border", "not the same"),
        ("short", "short", "Use 8 to 256"),
        ("", "", "Enter a password"),
    ],
)
def test_a_password_that_cannot_be_right_does_not_use_the_link(stranger, backend, link, password, again, words):
    answer = stranger.submit("/set-password/some-token", password=password, again=again)
    assert answer.status_code == 422
    assert words in answer.text
    assert not backend.asked(SetPassword)


def test_a_password_that_everybody_uses_is_refused_in_identitys_words(stranger, backend, link):
    backend.answers(SetPassword, Refused(codes.PASSWORD_TOO_WEAK, "Many people use this password."))
    answer = stranger.submit("/set-password/some-token", password="password1", again="password1")
    assert answer.status_code == 422
    assert "Many people use this password." in answer.text
    assert "password1" not in answer.text


@pytest.mark.parametrize("method", ["get", "submit"])
def test_a_used_or_old_link_says_so_and_offers_a_new_one(stranger, backend, method):
    backend.answers(InspectLink, Refused(codes.LINK_NOT_VALID, "This link does not work any more."))
    if method == "get":
        answer = stranger.get("/set-password/old")
    else:
        answer = stranger.submit("/set-password/old", page="/login", password="lawn and order", again="lawn and order")
    assert answer.status_code == 410
    assert 'href="/sign-up"' in answer.text


def test_logging_out_ends_the_session_on_the_server_too(ana, backend):
    answer = ana.submit("/logout", page="/")
    assert answer.location == "/login"
    assert backend.asked(LogOut) == [LogOut(session_token=TOKEN)]
    assert ana.get("/").location == "/login"


def test_logging_out_is_not_a_link(ana, backend):
    assert ana.get("/logout").status_code == 405
    assert not backend.asked(LogOut)


def test_several_accounts_have_a_switcher(ana, backend):
    both = (AccountChoice(customer_id=ANA, reference="C-1007", name="Elm Street"), SECOND)
    backend.answers(CheckSession, lambda command: views.a_session(command.customer_id, accounts=both))
    page = ana.get("/").text
    assert "The lake house" in page
    backend.answers(SwitchAccount, views.a_session("second-account", accounts=both))
    answer = ana.submit("/account", page="/", customer_id="second-account")
    assert answer.location == "/"
    assert backend.asked(SwitchAccount) == [SwitchAccount(session_token=TOKEN, customer_id="second-account")]
    with ana.session_transaction() as session:
        assert session["account"] == "second-account"


def test_one_account_has_no_switcher(ana):
    assert 'name="customer_id"' not in ana.get("/").text


def test_an_account_of_somebody_else_is_not_switched_to(ana, backend):
    backend.answers(SwitchAccount, Refused(codes.NOT_FOUND, "There is no such account."))
    assert ana.submit("/account", page="/", customer_id="another").status_code == 404
    with ana.session_transaction() as session:
        assert session["account"] == ANA


def test_a_link_that_ends_between_two_tries_says_so(stranger, backend, link):
    token = stranger.form_token("/set-password/t")
    backend.answers(InspectLink, Refused(codes.LINK_NOT_VALID, "This link does not work any more."))
    answer = stranger.post("/set-password/t", data={"csrf_token": token, "password": "x", "again": "x"})
    assert answer.status_code == 410


def test_contact_us_names_address_and_phone_to_those_without_a_mail_program(stranger):
    footer = stranger.get("/login").text.partition("</main>")[2]
    assert "· office@greenacres.test" in footer
    assert "(217) 555-0142" in footer


def test_a_form_that_comes_back_says_so_first_and_has_the_focus_on_its_first_problem(stranger):
    page = stranger.submit("/login", email="ana@example.test", password="").text
    assert "<title>Error: Log in" in page
    assert page.count("autofocus") == 1
    focused = re.search(r"<input[^>]*autofocus[^>]*>", page)
    assert focused
    assert 'name="password"' in focused[0]
    assert 'aria-describedby="password-problem"' in focused[0]
    assert 'id="password-problem"' in page


def test_wrong_credentials_put_the_focus_on_the_password(stranger, backend):
    backend.answers(LogIn, Refused(codes.WRONG_CREDENTIALS, "no"))
    page = stranger.submit("/login", **GOOD).text
    assert "<title>Error: Log in" in page
    assert re.search(r'<input[^>]*autofocus[^>]*name="password"', page)


def test_a_form_that_is_new_says_nothing_of_errors_and_takes_no_focus(stranger):
    page = stranger.get("/login").text
    assert "<title>Log in" in page
    assert "autofocus" not in page


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/login", ["username", "current-password"]),
        ("/sign-up", ["email"]),
        ("/forgot-password", ["email"]),
    ],
)
def test_browsers_and_password_stores_know_what_each_field_is_for(stranger, path, wanted):
    assert re.findall(r'autocomplete="([^"]+)"', stranger.get(path).text) == wanted
