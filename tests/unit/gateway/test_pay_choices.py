"""What can be chosen on the Pay page, what it then shows, and that nothing else than what it showed is ever charged."""

import pytest
from werkzeug.datastructures import MultiDict

from contracts import codes
from contracts.balance import GetAccount
from contracts.billing import AppliedCredits, ApplyCredits, GetAmountDue, Objection, PreviewAllocation
from contracts.payments import Decline, GetPayment, PayInvoices
from contracts.wire import Refused
from gateway.choice import AMOUNT, PAST_DUE, Choice, MalformedForm
from tests.support import gateway as views
from tests.support.gateway import ANA
from tests.support.gateway_previews import a_preview, a_previewed_invoice

WITH_SAVED_CARD = {"card": "card-visa"}
TWO = (views.an_invoice("1", past_due=True), views.an_invoice("2", open_minor=100))
PREVIEW = a_preview(a_previewed_invoice("1", credits_minor=1000, paid_minor=3000, left_minor=4450), amount_minor=3000)


def paid(backend):
    return backend.asked(PayInvoices)


@pytest.fixture
def backend(backend):
    backend.answers(GetAmountDue, views.an_amount_due(*TWO, credits_minor=1000))
    backend.answers(PreviewAllocation, PREVIEW)
    backend.answers(
        ApplyCredits,
        AppliedCredits(customer_id=ANA, currency="USD", applied_minor=1000, allocations=[], credits_minor=0),
    )
    return backend


def test_the_past_due_part_is_paid_alone(ana, backend):
    page = ana.get("/pay?what=past-due").text
    assert ">Pay $84.50</button>" in page
    ana.post("/pay", data=ana.pay_fields("/pay?what=past-due") | WITH_SAVED_CARD)
    assert (paid(backend)[0].invoice_ids, paid(backend)[0].amount_minor) == (["invoice-1"], 8450)


def test_with_nothing_past_due_that_part_is_not_offered(ana, backend):
    backend.answers(GetAmountDue, views.an_amount_due(views.an_invoice("2")))
    assert "Past Due only" not in ana.get("/pay").text


def test_a_whole_payment_is_one_round_of_calls_and_a_previewed_one_two(ana, backend):
    ana.get("/pay?what=past-due")
    assert len(backend.gathers) == 1
    backend.gathers.clear()
    ana.get("/pay?what=amount&amount=30")
    assert len(backend.gathers) == 2


def test_another_amount_asks_billing_where_it_would_go_and_pays_a_part(ana, backend):
    fields = ana.pay_fields("/pay?what=amount&amount=%2430.00")
    (asked,) = backend.asked(PreviewAllocation)
    assert (asked.amount_minor, asked.least_charge_minor, asked.use_credits) == (3000, 50, False)
    ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert (paid(backend)[0].amount_minor, paid(backend)[0].allow_partial) == (3000, True)
    assert not paid(backend)[0].allow_overpayment


@pytest.mark.parametrize(
    "typed", ["abc", "-5", "1e9", "12.345", "", "0", "9" * 300, "1,23,4.5", "$", "٫", "<script>", "NaN", "Infinity"]
)
def test_what_is_no_amount_has_a_message_beside_it_and_stays_typed(ana, backend, typed):
    page = ana.get("/pay", query_string={"what": "amount", "amount": typed})
    assert page.status_code == 200
    assert "Enter an amount" in page.text or "at most" in page.text
    assert 'class="btn btn-primary btn-pay"' not in page.text
    assert not backend.asked(PreviewAllocation)


@pytest.mark.parametrize(("typed", "minor"), [("1,234.50", 123450), ("$30", 3000), ("٣٠", 3000), (" 0.99 ", 99)])
def test_amounts_are_read_as_people_type_them(ana, backend, typed, minor):
    ana.get("/pay", query_string={"what": "amount", "amount": typed})
    assert backend.asked(PreviewAllocation)[0].amount_minor == minor


def test_what_would_be_refused_is_said_before_and_has_no_button(ana, backend):
    least = Objection(code=codes.AMOUNT_TOO_SMALL, message="Too little.", minimum_minor=500)
    backend.answers(PreviewAllocation, a_preview(amount_minor=100, objection=least))
    page = ana.get("/pay?what=amount&amount=1").text
    assert "Pay $5.00 or more" in page
    assert "btn-pay" not in page


def test_a_rest_that_no_card_could_pay_is_explained(ana, backend):
    rest = Objection(code=codes.AMOUNT_TOO_SMALL, message="Rest.", minimum_minor=8450, most_minor=8400)
    backend.answers(PreviewAllocation, a_preview(amount_minor=8430, objection=rest))
    page = ana.get("/pay?what=amount&amount=84.30").text
    assert "Pay $84.50, which is all of it, or $84.00 at most" in page


class TestMoreThanIsOpen:
    @pytest.fixture(autouse=True)
    def excess(self, backend):
        backend.answers(PreviewAllocation, a_preview(amount_minor=10_000, excess_minor=1450))

    def test_needs_a_yes(self, ana, backend):
        fields = ana.pay_fields("/pay?what=amount&amount=100")
        choice = {"what": "amount", "amount": "100"}
        answer = ana.post("/pay", data=fields | WITH_SAVED_CARD | choice)
        assert answer.status_code == 422
        assert "Nothing was charged" in answer.text
        assert "Yes, keep $14.50 as my credit" in answer.text
        assert not paid(backend)

    def test_is_paid_with_it(self, ana, backend):
        fields = ana.pay_fields("/pay?what=amount&amount=100")
        ana.post("/pay", data=fields | WITH_SAVED_CARD | {"more": "1450"})
        assert paid(backend)[0].allow_overpayment
        assert paid(backend)[0].amount_minor == 10_000

    @pytest.mark.parametrize("yes", ["1", "1449", "on", ""])
    def test_a_yes_to_another_sum_is_none(self, ana, backend, yes):
        fields = ana.pay_fields("/pay?what=amount&amount=100")
        assert ana.post("/pay", data=fields | WITH_SAVED_CARD | {"more": yes}).status_code == 422
        assert not paid(backend)


def test_pressing_pay_on_another_choice_than_was_shown_charges_nothing_and_shows_it(ana, backend):
    fields = ana.pay_fields("/pay")
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD | {"what": "past-due"})
    assert answer.status_code == 409
    assert "Check the new amount" in answer.text
    assert ">Pay $84.50</button>" in answer.text
    assert not paid(backend)


def test_the_preview_button_leads_to_an_address_that_can_be_reloaded(ana, backend):
    fields = ana.pay_fields("/pay")
    answer = ana.post("/pay", data=fields | {"what": "amount", "amount": "30", "credits": "1", "preview": "1"})
    assert answer.status_code == 303
    assert answer.location == "/pay?what=amount&amount=30&credits=1"
    assert not paid(backend)


def test_choosing_without_a_tick_asks_for_one(ana):
    page = ana.get("/pay?what=chosen").text
    assert "Tick at least one invoice" in page
    assert "btn-pay" not in page


def test_the_fragment_has_the_button_and_the_hidden_fields_of_its_choice_and_no_page_around(ana, backend):
    answer = ana.get("/pay/preview?what=past-due")
    assert "<html" not in answer.text
    assert ">Pay $84.50</button>" in answer.text
    assert f'name="shown" value="{Choice(what=PAST_DUE).digest()}"' in answer.text


def test_the_fragment_is_for_nobody_but_its_customer(stranger, ana, backend):
    assert stranger.get("/pay/preview").status_code == 303
    backend.take_away("identity")
    answer = ana.get("/pay/preview")
    assert answer.status_code == 503
    assert "$" not in answer.text


@pytest.mark.parametrize("query", ["what=everything", "what=<b>", "invoice=" + "x" * 65])
@pytest.mark.parametrize("path", ["/pay", "/pay/preview"])
def test_a_choice_that_the_page_does_not_offer_is_refused(ana, path, query):
    assert ana.get(f"{path}?{query}").status_code == 400


class TestCredits:
    PAGE = "/pay?credits=1"

    def test_go_on_the_invoices_first_and_the_card_pays_the_rest(self, ana, backend):
        fields = ana.pay_fields(self.PAGE)
        answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
        assert answer.location == "/receipts/payment-1"
        kinds = [type(each) for each in backend.calls]
        assert kinds == [ApplyCredits, PayInvoices]
        (applied,) = backend.asked(ApplyCredits)
        assert (applied.key, applied.amount_minor) == (f"{fields['key'][0]}:credits", 1000)
        assert applied.invoice_ids == paid(backend)[0].invoice_ids
        assert paid(backend)[0].amount_minor == 3000

    def test_the_button_shows_what_the_card_is_charged_and_the_page_says_what_becomes_of_the_credits(self, ana):
        page = ana.get(self.PAGE).text
        assert ">Pay $30.00</button>" in page
        assert "−$10.00" in page
        assert "stay there even if the card is declined" in page

    def test_that_cover_all_ask_for_no_card(self, ana, backend):
        only_credits = a_previewed_invoice("2", open_minor=100, credits_minor=100, paid_minor=0)
        backend.answers(PreviewAllocation, a_preview(only_credits))
        page = ana.get(self.PAGE).text
        assert ">Use $1.00 of credits</button>" in page
        assert 'data-charge="0"' in page
        answer = ana.post("/pay", data=ana.pay_fields(self.PAGE) | {"card": "new"})
        assert answer.location == "/"
        assert len(backend.asked(ApplyCredits)) == 1
        assert not paid(backend)
        assert "$10.00 of your credits is on your invoices now" in ana.get("/").text

    def test_are_said_to_be_used_when_the_card_is_declined(self, ana, backend):
        decline = Decline(code="card_declined", decline_code=None, message="No.", next_step="Try another card.")
        declined = views.a_payment("failed", decline=decline)
        backend.answers(PayInvoices, declined)
        backend.answers(GetPayment, declined)
        answer = ana.post("/pay", data=ana.pay_fields(self.PAGE) | WITH_SAVED_CARD)
        page = ana.get(answer.location).text
        assert "$10.00 of your credits is on your invoices now" in page
        assert "Nothing was charged" in page

    def test_a_wish_without_an_answer_sends_the_same_form_again_and_charges_no_card(self, ana, backend):
        backend.answers(ApplyCredits, Refused(codes.UNAVAILABLE, "No answer.", service="billing"))
        fields = ana.pay_fields(self.PAGE)
        answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
        assert answer.status_code == 503
        assert 'name="credits_minor" value="1000"' in answer.text
        assert fields["key"][0] in answer.text
        assert not paid(backend)

    def test_that_are_refused_charge_no_card(self, ana, backend):
        backend.answers(ApplyCredits, Refused(codes.KEY_REUSED, "Another wish."))
        answer = ana.post("/pay", data=ana.pay_fields(self.PAGE) | WITH_SAVED_CARD)
        assert answer.status_code == 409
        assert not paid(backend)

    def test_are_not_offered_where_there_are_none(self, ana, backend):
        backend.answers(GetAmountDue, views.an_amount_due(*TWO))
        assert "Use my credits" not in ana.get("/pay").text

    def test_just_used_show_as_processing_until_balance_has_them(self, ana, backend):
        ana.post("/pay", data=ana.pay_fields(self.PAGE) | WITH_SAVED_CARD)
        backend.answers(GetAmountDue, views.an_amount_due(*TWO, credits_minor=0))
        backend.answers(GetAccount, views.an_account(credits_minor=1000))
        assert "Processing $10.00 of credits" in ana.get("/").text
        backend.answers(GetAccount, views.an_account(credits_minor=0))
        assert "Processing $10.00 of credits" not in ana.get("/").text
        backend.answers(GetAccount, views.an_account(credits_minor=1000))
        assert "Processing $10.00 of credits" not in ana.get("/").text


def test_a_log_in_in_the_middle_of_paying_leads_back_to_what_was_chosen(ana, backend):
    fields = ana.pay_fields("/pay?what=amount&amount=30")
    ana.delete_cookie("session")
    choice = {"what": "amount", "amount": "30", "shown": Choice(what=AMOUNT, amount="30").digest()}
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD | choice)
    assert answer.location == "/login?next=/pay?what%3Damount%26amount%3D30"
    assert not paid(backend)


def test_choices_that_differ_have_other_fingerprints():
    choices = [Choice(), Choice(what=PAST_DUE), Choice(what=AMOUNT, amount="1"), Choice(use_credits=True)]
    assert len({choice.digest() for choice in choices}) == len(choices)
    assert Choice(invoices=("a", "b")).digest() == Choice(invoices=("b", "a")).digest()


def test_more_invoices_than_can_be_chosen_are_malformed():
    with pytest.raises(MalformedForm):
        Choice.read(MultiDict([("invoice", str(number)) for number in range(101)]))
