"""Cards are added, made the default and removed; what goes wrong is said, and nothing is done twice."""

import pytest

from contracts import codes
from contracts.payments import AddCard, ChangeAutoPay, MakeCardDefault, RemoveCard
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway_wallet import DECLINED, NEEDS_BANK, NEVER_ANSWERED, Wallet, a_charge, an_auto_pay

ENTRY = "data-card-form"


@pytest.fixture
def wallet(backend):
    wallet = Wallet([views.a_card(), views.a_card(card_id="card-second", last4="1117", is_default=False)])
    wallet.register(backend)
    return wallet


def _submit(ana, purpose="save", **fields):
    hidden = ana.hidden_fields(f"/billing-info?enter={purpose}", ENTRY)
    return ana.post("/billing-info/cards", data=hidden | {"card": "new", "payment_method": "pm_visa"} | fields)


def test_a_new_card_is_saved_under_the_forms_key(ana, backend, wallet):
    answer = _submit(ana)
    assert (answer.status_code, answer.location) == (303, "/billing-info#cards")
    (command,) = backend.asked(AddCard)
    assert (command.customer_id, command.payment_method) == (views.ANA, "pm_visa")
    assert "Visa ·· 1881 is saved." in ana.get("/billing-info").text


def test_the_same_form_twice_adds_one_card(ana, backend, wallet):
    hidden = ana.hidden_fields("/billing-info?enter=save", ENTRY)
    for _ in range(2):
        ana.post("/billing-info/cards", data=hidden | {"payment_method": "pm_visa"})
    assert len({command.key for command in backend.asked(AddCard)}) == 1
    assert len(wallet.cards) == 3


def test_each_form_has_a_key_of_its_own(ana, wallet):
    first, second = (ana.hidden_fields("/billing-info?enter=save", ENTRY)["key"] for _ in range(2))
    assert first != second


def test_a_declined_card_leads_back_with_what_the_bank_said(ana, wallet):
    answer = _submit(ana, payment_method=DECLINED)
    assert answer.location.startswith("/billing-info?enter=save&declined=setup-")
    page = ana.get(answer.location).text
    assert "There is not enough money available on the card. Nothing was charged." in page
    assert "The card is not saved." in page


def test_the_banks_check_is_a_page_of_its_own_and_leads_on(ana, wallet):
    answer = _submit(ana, "turn-on", payment_method=NEEDS_BANK)
    page = ana.get(answer.location)
    # The card is kept when it is asked for a second time, as after the bank's window.
    assert page.location == "/billing-info?enter=turn-on&card=card-3#auto-pay"


def test_a_card_whose_saving_got_no_answer_is_waited_for(ana, wallet):
    answer = _submit(ana, payment_method=NEVER_ANSWERED)
    page = ana.get(answer.location).text
    assert "Your card is being saved" in page
    assert "not saved twice" in page


def test_giving_up_saves_nothing(ana, wallet):
    setup = _submit(ana, payment_method=NEVER_ANSWERED).location.partition("?")[0]
    answer = ana.submit(f"{setup}/cancel", page="/billing-info", enter="save")
    assert answer.location == "/billing-info#cards"
    assert "The card is not saved." in ana.get("/billing-info").text


@pytest.mark.parametrize("code", [codes.UNAVAILABLE, codes.INTERNAL])
def test_an_answer_that_does_not_come_claims_neither(ana, backend, wallet, code):
    backend.answers(AddCard, Refused(code, "no answer", service="payments"))
    answer = _submit(ana)
    assert "did not arrive in time" in ana.get(answer.location).text


def test_too_many_cards_are_refused_in_words(ana, backend, wallet):
    backend.answers(AddCard, Refused(codes.LIMIT_REACHED, "You have saved 20 cards.", limit=20))
    assert "You have saved 20 cards." in ana.get(_submit(ana).location).text


def test_a_form_that_was_used_for_another_card_is_refused_in_words(ana, backend, wallet):
    backend.answers(AddCard, Refused(codes.KEY_REUSED, "This form was already used for another card."))
    assert "already used" in ana.get(_submit(ana).location).text


@pytest.mark.parametrize(("purpose", "place"), [("turn-on", "auto-pay"), ("save", "cards")])
def test_without_a_card_nothing_is_asked(ana, backend, wallet, purpose, place):
    answer = _submit(ana, purpose, payment_method="")
    assert answer.location == f"/billing-info?enter={purpose}#{place}"
    page = ana.get(answer.location).text
    assert "No card was entered" in page
    assert "not there any more" not in page
    assert backend.asked(AddCard) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"key": ""},
        {"key": "x" * 65},
        {"account": ""},
        {"enter": "else"},
        {"card": "x" * 65},
        {"payment_method": "x" * 256},
    ],
)
def test_a_form_that_the_page_never_made_is_400(ana, backend, wallet, fields):
    assert _submit(ana, **fields).status_code == 400
    assert backend.asked(AddCard) == []


def test_after_a_switch_to_another_account_nothing_is_saved(ana, backend, wallet):
    answer = _submit(ana, account="another")
    assert answer.location == "/billing-info"
    assert backend.asked(AddCard) == []


def test_a_card_is_made_the_default(ana, backend, wallet):
    answer = ana.submit("/billing-info/cards/card-second/default", page="/billing-info")
    assert answer.location == "/billing-info#cards"
    assert backend.asked(MakeCardDefault)[0].card_id == "card-second"


@pytest.mark.parametrize("address", ["default", "remove"])
def test_a_tampered_card_is_404(ana, wallet, address):
    assert ana.submit(f"/billing-info/cards/made-up/{address}", page="/billing-info").status_code == 404


def test_the_removal_of_a_card_that_is_gone_is_404(ana, wallet):
    assert ana.get("/billing-info/cards/made-up/remove").status_code == 404


def test_removing_asks_first_and_opening_the_question_removes_nothing(ana, backend, wallet):
    page = ana.get("/billing-info/cards/card-second/remove").text
    assert "Remove this card" in page
    assert "Auto-pay" not in page
    assert backend.asked(RemoveCard) == []
    ana.submit("/billing-info/cards/card-second/remove", page="/billing-info/cards/card-second/remove")
    assert [card.card_id for card in wallet.cards] == ["card-visa"]


def test_removing_the_card_of_auto_pay_warns_and_pauses_only_when_that_was_said(ana, backend, wallet):
    wallet.auto_pay = an_auto_pay("on")
    page = ana.get("/billing-info/cards/card-visa/remove").text
    assert "Auto-pay charges this card." in page
    assert "Remove it and pause auto-pay" in page
    ana.post(
        "/billing-info/cards/card-visa/remove",
        data=ana.hidden_fields("/billing-info/cards/card-visa/remove", "pause_auto_pay"),
    )
    assert backend.asked(RemoveCard)[0].pause_auto_pay is True
    assert "The card that it charged was removed." in ana.get("/billing-info").text


def test_a_card_that_auto_pay_took_up_meanwhile_is_asked_about_again(ana, wallet):
    hidden = ana.hidden_fields("/billing-info/cards/card-visa/remove", "Remove this card")
    wallet.auto_pay = an_auto_pay("on")
    answer = ana.post("/billing-info/cards/card-visa/remove", data=hidden)
    assert answer.status_code == 409
    assert "Remove it and pause auto-pay" in answer.text
    assert len(wallet.cards) == 2


def test_a_card_that_is_being_charged_is_kept_and_the_page_says_why(ana, backend, wallet):
    backend.answers(RemoveCard, Refused(codes.WRONG_STATE, "A payment with this card is on its way."))
    answer = ana.submit("/billing-info/cards/card-second/remove", page="/billing-info/cards/card-second/remove")
    assert "A payment with this card is on its way." in ana.get(answer.location).text


@pytest.mark.parametrize("card", ["card-second", "new"])
def test_the_rescue_gives_auto_pay_the_card_and_says_what_happens(ana, backend, wallet, card):
    wallet.auto_pay = an_auto_pay("paused", pause_reason="declined", maximum_minor=9900)
    wallet.plan(a_charge(state="declined", charge_on=None))
    answer = _submit(ana, "change", card=card, payment_method="pm_visa" if card == "new" else "")
    assert answer.location == "/billing-info#auto-pay"
    (command,) = backend.asked(ChangeAutoPay)
    assert (command.card_id, command.maximum_minor) == ("card-3" if card == "new" else "card-second", 9900)
    assert "What was declined is charged to it now." in ana.get("/billing-info").text
