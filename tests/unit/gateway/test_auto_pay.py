"""Auto-pay is turned on by a consent that is kept word for word, changed, and turned off."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts import codes
from contracts.identity import CheckSession
from contracts.payments import (
    CancelAutoPay,
    ChangeAutoPay,
    EnrollAutoPay,
    MoveCharge,
    OptInvoiceIn,
    SkipCharge,
    UnskipCharge,
)
from contracts.wire import Refused
from gateway.app import create_app
from tests.support import gateway as views
from tests.support.gateway import TOKEN, Browser, gateway_settings
from tests.support.gateway_wallet import Wallet, a_charge, an_auto_pay

SECOND_STEP = "/billing-info?enter=turn-on&card=card-visa"
AGENT = "Mozilla/5.0 (a browser of the tests)"


@pytest.fixture
def wallet(backend):
    wallet = Wallet([views.a_card()])
    wallet.register(backend)
    return wallet


@pytest.fixture
def running(wallet):
    wallet.auto_pay = an_auto_pay("on", maximum_minor=15000)
    wallet.plan(a_charge("1042"), a_charge("1043"))
    return wallet


def _agree(ana, *, page=SECOND_STEP, **fields):
    data = ana.hidden_fields(page, "consent_version") | {"maximum": "", "consent": "1"} | fields
    data = {name: value for name, value in data.items() if value is not None}
    return ana.post("/billing-info/auto-pay", data=data, headers={"User-Agent": AGENT})


def _enrolled(backend):
    (command,) = backend.asked(EnrollAutoPay)
    return command


def test_the_second_submit_signs_up(ana, wallet):
    answer = _agree(ana)
    assert answer.location == "/billing-info#auto-pay"
    assert wallet.auto_pay.state == "on"
    assert "Now you are signed up for auto-pay." in ana.get("/billing-info").text


def test_the_consent_is_kept_as_it_was_read_with_address_and_browser(ana, backend, wallet):
    page = ana.get(SECOND_STEP).text
    _agree(ana)
    command = _enrolled(backend)
    assert f"<span>{command.consent_text}</span>" in page
    assert command.consent_version in page
    assert (command.ip_address, command.user_agent, command.source) == ("127.0.0.1", AGENT, "portal")
    assert (command.card_id, command.maximum_minor, command.include_balance) == ("card-visa", None, False)


def test_words_of_the_browsers_own_are_not_what_is_kept(ana, backend, wallet):
    _agree(ana, consent_text="I agree to nothing")
    assert _enrolled(backend).consent_text.startswith("I agree that Green Acres Lawn may charge this card")


@pytest.mark.parametrize(("typed", "minor"), [("150", 15000), ("$1,234.50", 123450), (" 0.99 ", 99), ("٥٠", 5000)])
def test_the_maximum_is_read_as_people_write_it(ana, backend, wallet, typed, minor):
    _agree(ana, maximum=typed, pay_balance="1")
    assert (_enrolled(backend).maximum_minor, _enrolled(backend).include_balance) == (minor, True)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("abc", "Enter an amount such as $150.00."),
        ("0", "above zero"),
        ("-5", "above zero"),
        ("−5", "above zero"),
        ("1.005", "such as $150.00"),
        ("1e999999", "such as $150.00"),
        ("NaN", "such as $150.00"),
        ("9" * 30, "$999,999.99 at most"),
        ("9" * 5000, "such as $150.00"),
        ("<script>alert(1)</script>", "such as $150.00"),
        ("\u202e051", "such as $150.00"),
    ],
)
def test_a_wrong_maximum_is_said_beside_its_field_and_kept(ana, backend, wallet, typed, words):
    answer = _agree(ana, maximum=typed, pay_balance="1")
    assert answer.status_code == 422
    assert re.search(rf'id="maximum-problem">[^<]*{re.escape(words)}', answer.text)
    assert "<title>Error: " in answer.text
    assert 'name="pay_balance" value="1" aria-describedby="pay-balance-hint" checked' in answer.text
    if len(typed) < 100 and "<" not in typed:
        assert f'value="{typed}"' in answer.text
    assert backend.asked(EnrollAutoPay) == []
    assert "<script>alert" not in answer.text


def test_a_maximum_that_is_too_small_for_a_card_is_said_beside_its_field(ana, backend, wallet):
    refusal = Refused(codes.AMOUNT_TOO_SMALL, "Cards can be charged from $0.50.", minimum_minor=50)
    backend.answers(EnrollAutoPay, refusal)
    answer = _agree(ana, maximum="0.10")
    assert answer.status_code == 422
    assert "Cards can be charged from $0.50." in answer.text


def test_without_the_tick_auto_pay_stays_off(ana, backend, wallet):
    answer = _agree(ana, consent=None, maximum="150")
    assert answer.status_code == 422
    assert "Tick the box to agree." in answer.text
    assert 'value="150"' in answer.text
    assert backend.asked(EnrollAutoPay) == []


def test_words_that_have_changed_since_are_shown_anew(ana, backend, wallet):
    answer = _agree(ana, consent_version="an older one")
    assert answer.status_code == 422
    assert "These words have changed" in answer.text
    assert backend.asked(EnrollAutoPay) == []


@pytest.mark.parametrize("card", ["made-up", "", "x" * 500])
def test_a_tampered_or_removed_card_leads_back_to_the_choice(ana, backend, wallet, card):
    answer = _agree(ana, card=card)
    assert answer.status_code == 409
    assert "Choose or enter your card" in answer.text
    assert backend.asked(EnrollAutoPay) == []


def test_an_account_that_was_switched_is_not_signed_up(ana, backend, wallet):
    _agree(ana, account="another")
    assert backend.asked(EnrollAutoPay) == []
    assert "You switched to another account" in ana.get("/billing-info").text


def test_a_session_lost_between_the_two_submits_leads_back_with_what_was_typed(ana, backend, wallet):
    data = ana.hidden_fields(SECOND_STEP, "consent_version") | {"maximum": "150", "pay_balance": "1", "consent": "1"}
    backend.answers(CheckSession, Refused(codes.WRONG_CREDENTIALS, "The session is over."))
    answer = ana.post("/billing-info/auto-pay", data=data)
    assert answer.location.startswith("/login?next=/billing-info?enter%3Dturn-on%26card%3Dcard-visa")
    backend.answers(CheckSession, lambda command: views.a_session(command.customer_id))
    page = ana.submit(answer.location, email="ana@example.test", password="a long password", next=_next(answer))
    shown = ana.get(page.location).text
    assert 'value="150"' in shown
    assert 'aria-describedby="pay-balance-hint" checked' in shown
    assert 'name="consent" value="1" required>' in shown


def test_a_cookie_that_is_gone_leads_to_log_in_and_back_too(ana, wallet):
    data = ana.hidden_fields(SECOND_STEP, "consent_version") | {"maximum": "150", "consent": "1"}
    ana.delete_cookie("session")
    answer = ana.post("/billing-info/auto-pay", data=data)
    assert answer.status_code == 303
    assert "maximum%3D150" in answer.location


def test_an_enrolment_without_an_answer_claims_neither(ana, backend, wallet):
    backend.answers(EnrollAutoPay, Refused(codes.UNAVAILABLE, "no answer", service="payments"))
    answer = _agree(ana)
    assert "did not arrive in time" in ana.get(answer.location).text


def test_the_same_form_twice_sends_the_same_key(ana, backend, wallet):
    data = ana.hidden_fields(SECOND_STEP, "consent_version") | {"consent": "1"}
    for _ in range(2):
        assert ana.post("/billing-info/auto-pay", data=data).status_code == 303
    assert len({command.key for command in backend.asked(EnrollAutoPay)}) == 1


def test_behind_a_proxy_of_ours_the_address_is_the_customers(backend, wallet):
    app = create_app(gateway_settings(proxy_count=1), backend)
    browser = Browser(app, app.response_class)
    with browser.session_transaction() as session:
        session["token"], session["account"] = TOKEN, views.ANA
    data = browser.hidden_fields(SECOND_STEP, "consent_version") | {"consent": "1"}
    # What stands before the last comma was sent by the browser and could be anything.
    browser.post("/billing-info/auto-pay", data=data, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert _enrolled(backend).ip_address == "203.0.113.9"


def test_the_maximum_is_changed(ana, backend, running):
    _set_maximum(ana, "200")
    (command,) = backend.asked(ChangeAutoPay)
    assert (command.card_id, command.maximum_minor) == ("card-visa", 20000)


def test_an_empty_maximum_is_none(ana, backend, running):
    _set_maximum(ana, "  ")
    assert backend.asked(ChangeAutoPay)[0].maximum_minor is None


def test_a_wrong_new_maximum_is_said_beside_its_field_and_kept(ana, backend, running):
    answer = _set_maximum(ana, "much")
    assert answer.status_code == 422
    assert 'value="much"' in answer.text
    assert backend.asked(ChangeAutoPay) == []


@pytest.mark.parametrize("state", ["off", "paused"])
def test_a_maximum_for_auto_pay_that_is_not_on_any_more_changes_nothing(ana, backend, running, state):
    data = ana.hidden_fields("/billing-info", "Save maximum") | {"maximum": "200"}
    running.auto_pay = an_auto_pay(state)
    answer = ana.post("/billing-info/auto-pay/maximum", data=data)
    assert "Nothing was changed." in ana.get(answer.location).text
    assert backend.asked(ChangeAutoPay) == []


def test_paused_auto_pay_has_no_maximum_to_save(ana, wallet):
    # Saving it would have auto-pay go on with the card that was declined.
    wallet.auto_pay = an_auto_pay("paused", pause_reason="declined", card=views.a_card())
    assert "Save maximum" not in ana.get("/billing-info").text


def test_what_was_pressed_for_one_account_is_not_done_to_another(ana, backend, running):
    _set_maximum(ana, "200", account="another")
    _turn_off(ana, account="another")
    assert backend.asked(ChangeAutoPay) == backend.asked(CancelAutoPay) == []
    assert "You switched to another account" in ana.get("/billing-info").text


def test_two_tabs_sign_up_once_with_what_was_submitted_last(ana, backend, wallet):
    tabs = [ana.hidden_fields(SECOND_STEP, "consent_version") | {"consent": "1"} for _ in range(2)]
    for tab, maximum in zip(tabs, ("100", "200"), strict=True):
        answer = ana.post("/billing-info/auto-pay", data=tab | {"maximum": maximum})
        assert "Now you are signed up for auto-pay." in ana.get(answer.location).text
    assert len({command.key for command in backend.asked(EnrollAutoPay)}) == 2
    assert (wallet.auto_pay.state, wallet.auto_pay.maximum_minor) == ("on", 20000)


@pytest.mark.parametrize(
    ("action", "command"), [("skip", SkipCharge), ("undo", UnskipCharge), ("charge", OptInvoiceIn)]
)
def test_a_charge_is_skipped_undone_and_let_in(ana, backend, running, action, command):
    answer = ana.submit(f"/billing-info/auto-pay/charges/invoice-1042/{action}", page="/billing-info")
    assert answer.location == "/billing-info#auto-pay"
    assert backend.asked(command)[0].invoice_id == "invoice-1042"


def test_a_charge_is_moved(ana, backend, running):
    address = "/billing-info/auto-pay/charges/invoice-1042/move"
    ana.submit(address, page="/billing-info", charge_on="2026-07-20")
    assert backend.asked(MoveCharge)[0].charge_on == date(2026, 7, 20)


@pytest.mark.parametrize("typed", ["", "20.7.2026", "2026-02-30", "9" * 500])
def test_a_charge_is_not_moved_to_no_day(ana, backend, running, typed):
    address = "/billing-info/auto-pay/charges/invoice-1042/move"
    ana.submit(address, page="/billing-info", charge_on=typed)
    assert backend.asked(MoveCharge) == []
    assert "Choose a day." in ana.get("/billing-info").text


@pytest.mark.parametrize("address", ["invoice-of-the-neighbour/skip", "invoice-1042/steal"])
def test_a_tampered_charge_is_404(ana, running, address):
    assert ana.submit(f"/billing-info/auto-pay/charges/{address}", page="/billing-info").status_code == 404


def test_a_charge_that_is_on_its_way_cannot_be_skipped_and_the_page_says_why(ana, backend, running):
    backend.answers(SkipCharge, Refused(codes.WRONG_STATE, "This charge is on its way."))
    answer = ana.submit("/billing-info/auto-pay/charges/invoice-1042/skip", page="/billing-info")
    assert "This charge is on its way." in ana.get(answer.location).text


def test_turning_off_says_what_happens_and_asks(ana, backend, running):
    page = ana.get("/billing-info/auto-pay/off").text
    assert "Turn off auto-pay" in page
    assert "$84.50" in page
    assert backend.asked(CancelAutoPay) == []
    _turn_off(ana)
    assert backend.asked(CancelAutoPay)[0].ip_address == "127.0.0.1"
    assert running.auto_pay.state == "off"


def test_turning_off_twice_is_harmless(ana, wallet):
    assert ana.get("/billing-info/auto-pay/off").location == "/billing-info#auto-pay"


def test_nothing_is_done_before_identity_has_answered(ana, backend, running):
    token = ana.form_token("/billing-info")
    backend.take_away("identity")
    for address in ("auto-pay", "auto-pay/off", "auto-pay/maximum", "auto-pay/charges/invoice-1042/skip"):
        answer = ana.post(f"/billing-info/{address}", data={"csrf_token": token, "maximum": "1", "consent": "1"})
        assert answer.status_code == 503
    assert backend.calls == []


def _set_maximum(ana, maximum, **fields):
    data = ana.hidden_fields("/billing-info", "Save maximum") | {"maximum": maximum} | fields
    return ana.post("/billing-info/auto-pay/maximum", data=data)


def _turn_off(ana, **fields):
    data = ana.hidden_fields("/billing-info/auto-pay/off", "Turn off auto-pay</button>") | fields
    return ana.post("/billing-info/auto-pay/off", data=data)


def _next(answer):
    return parse_qs(urlsplit(answer.location).query)["next"][0]
