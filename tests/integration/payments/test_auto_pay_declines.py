"""Cards that are not charged: which are tried again and when, what the customer is told, what another card does."""

from datetime import date

import pytest

from contracts.payments import (
    AutoPayChargeFailed,
    AutoPayChargeUpcoming,
    AutoPayPaused,
    ChangeAutoPay,
    PaymentFailed,
)
from tests.support.auto_pay import AutoPay, at
from tests.support.payments import CUSTOMER


def tried_on(auto_pay: AutoPay, invoice_id: str) -> list[date]:
    return [payment.listed_on for payment in auto_pay.attempts(invoice_id)]


def soft(auto_pay: AutoPay, due_on: str = "2026-04-01") -> str:
    """A customer whose card has no money on it, and an invoice."""
    auto_pay.enroll("pm_no_money")
    return auto_pay.send(due_on=due_on)


class TestSoftDeclines:
    def test_they_are_tried_again_on_days_3_7_and_14_then_auto_pay_pauses(self, auto_pay: AutoPay):
        invoice_id = soft(auto_pay)

        auto_pay.live_until(at("2026-05-20"))

        assert tried_on(auto_pay, invoice_id) == [date(2026, 4, day) for day in (1, 4, 8, 15)]
        assert [payment.auto_attempt for payment in auto_pay.attempts(invoice_id)] == [1, 2, 3, 4]
        view = auto_pay.view()
        assert (view.state, view.pause_reason, view.paused_at) == ("paused", "declined", at("2026-04-15"))
        assert (view.upcoming[0].state, view.next_charge) == ("declined", None)
        decline = view.upcoming[0].decline
        assert decline is not None
        assert decline.message == "There is not enough money available on the card. Nothing was charged."

    def test_the_days_are_those_of_the_wall_over_a_change_of_the_clocks_and_a_leap_day(self, auto_pay: AutoPay):
        auto_pay.clock.at = at("2028-02-20")
        invoice_id = soft(auto_pay, due_on="2028-02-27")

        auto_pay.live_until(at("2028-03-20"))

        # The clocks change on 12 March 2028.
        assert tried_on(auto_pay, invoice_id) == [
            date(2028, 2, 27),
            date(2028, 3, 1),
            date(2028, 3, 5),
            date(2028, 3, 12),
        ]
        assert [payment.created_at for payment in auto_pay.attempts(invoice_id)][-1] == at("2028-03-12")

    def test_the_customer_is_told_of_the_first_failure_and_of_the_pause(self, auto_pay: AutoPay):
        invoice_id = soft(auto_pay)

        auto_pay.live_until(at("2026-05-20"))

        failures = auto_pay.events(AutoPayChargeFailed)
        assert [failure.retry_on for failure in failures] == [
            date(2026, 4, 4),
            date(2026, 4, 8),
            date(2026, 4, 15),
            None,
        ]
        assert [failure.is_first for failure in failures] == [True, False, False, False]
        assert [failure.pauses for failure in failures] == [False, False, False, True]
        assert (failures[0].kind, failures[0].invoice_id, failures[0].amount_minor) == ("soft", invoice_id, 8_450)
        assert failures[0].card is not None
        (paused,) = auto_pay.events(AutoPayPaused)
        assert (paused.reason, paused.is_told) == ("declined", False)
        assert all(failure.auto_pay for failure in auto_pay.events(PaymentFailed))

    def test_a_try_that_the_failure_told_of_has_no_notice_of_its_own(self, auto_pay: AutoPay):
        auto_pay.send(due_on="2026-03-01")
        auto_pay.clock.at = at("2026-03-20")
        auto_pay.enroll("pm_no_money", include_balance=True)

        auto_pay.live_until(at("2026-04-20"))

        assert len(auto_pay.events(AutoPayChargeFailed)) == 4
        assert auto_pay.events(AutoPayChargeUpcoming) == []

    def test_money_that_has_come_by_the_third_day_pays_it(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card("pm_no_money")
        auto_pay.enroll(card_id=card_id)
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-02"))
        auto_pay.recharge(card_id, "pm_works")

        auto_pay.live_until(at("2026-04-20"))

        assert [payment.state for payment in auto_pay.attempts(invoice_id)] == ["failed", "succeeded"]
        assert auto_pay.charge(invoice_id).state == "paid"
        assert auto_pay.view().state == "on"

    def test_paid_by_hand_in_between_it_is_not_tried_again(self, auto_pay: AutoPay):
        invoice_id = soft(auto_pay)
        auto_pay.live_until(at("2026-04-02"))
        auto_pay.pay_by_hand(invoice_id)

        auto_pay.live_until(at("2026-04-20"))

        assert len(auto_pay.attempts(invoice_id)) == 1
        assert auto_pay.charge(invoice_id).state == "settled"
        assert auto_pay.view().state == "on"

    def test_days_that_nobody_worked_are_not_made_up_for(self, auto_pay: AutoPay):
        invoice_id = soft(auto_pay)
        auto_pay.go_to(at("2026-04-01"))

        auto_pay.go_to(at("2026-04-11"))
        assert tried_on(auto_pay, invoice_id) == [date(2026, 4, 1), date(2026, 4, 11)]
        auto_pay.live_until(at("2026-04-25"))

        assert tried_on(auto_pay, invoice_id)[2:] == [date(2026, 4, 15)]
        assert auto_pay.view().state == "paused"

    def test_money_that_was_captured_after_a_decline_was_believed_stops_the_tries(self, auto_pay: AutoPay):
        invoice_id = soft(auto_pay)
        auto_pay.live_until(at("2026-04-02"))
        (payment,) = auto_pay.attempts(invoice_id)
        made = auto_pay.stripe.made[payment.stripe_intent_id or ""]
        auto_pay.stripe._charge(made)

        auto_pay.webhook("payment_intent.succeeded", made.intent.intent_id)
        auto_pay.live_until(at("2026-04-20"))

        assert len(auto_pay.attempts(invoice_id)) == 1
        assert auto_pay.charge(invoice_id).state == "paid"


class TestHardDeclines:
    def test_they_are_not_tried_again_and_auto_pay_pauses_at_once(self, auto_pay: AutoPay):
        auto_pay.enroll("pm_expired")
        invoice_id = auto_pay.send(due_on="2026-04-01")
        other = auto_pay.send(due_on="2026-04-10")

        auto_pay.live_until(at("2026-05-20"))

        assert tried_on(auto_pay, invoice_id) == [date(2026, 4, 1)]
        assert not auto_pay.attempts(other)
        view = auto_pay.view()
        assert (view.state, view.pause_reason) == ("paused", "declined")
        (failure,) = auto_pay.events(AutoPayChargeFailed)
        assert (failure.kind, failure.retry_on, failure.is_first, failure.pauses) == ("hard", None, True, True)
        (paused,) = auto_pay.events(AutoPayPaused)
        assert paused.is_told, "the failure's letter says it"

    def test_invoices_sent_during_the_pause_wait_for_the_customer(self, auto_pay: AutoPay):
        auto_pay.enroll("pm_expired")
        auto_pay.send(due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-02"))
        during = auto_pay.send(due_on="2026-04-10")

        auto_pay.live_until(at("2026-04-20"))
        assert not auto_pay.attempts(during)
        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=auto_pay.save_card()))
        auto_pay.live_until(at("2026-04-25"))

        # Its day had passed: the customer was told anew.
        assert tried_on(auto_pay, during) == [date(2026, 4, 23)]


class TestTheBankAsksItsHolder:
    def test_it_is_not_tried_again_and_auto_pay_goes_on_with_others(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card("pm_asks")
        auto_pay.enroll(card_id=card_id)
        asked = auto_pay.send(due_on="2026-04-01")
        later = auto_pay.send(due_on="2026-05-01")

        auto_pay.live_until(at("2026-04-28"))
        auto_pay.recharge(card_id, "pm_works")
        auto_pay.live_until(at("2026-05-02"))

        assert tried_on(auto_pay, asked) == [date(2026, 4, 1)]
        assert auto_pay.charge(later).state == "paid"
        view = auto_pay.view()
        assert (view.state, view.upcoming[0].state, view.upcoming[0].can_opt_in) == ("on", "needs_customer", True)
        (failure,) = auto_pay.events(AutoPayChargeFailed)
        assert (failure.kind, failure.retry_on, failure.pauses) == ("authenticate", None, False)
        assert not auto_pay.ledger.holds, "the customer can pay it by hand"


class TestAnotherCard:
    @pytest.mark.parametrize("method", ["pm_no_money", "pm_expired", "pm_asks"])
    def test_it_is_tried_at_once(self, auto_pay: AutoPay, method):
        auto_pay.enroll(method)
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-02"))

        view = auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=auto_pay.save_card()))
        assert view.state == "on"
        auto_pay.work()

        first, second = auto_pay.attempts(invoice_id)
        assert (first.state, second.state) == ("failed", "succeeded")
        assert ((first.auto_cycle, first.auto_attempt), (second.auto_cycle, second.auto_attempt)) == ((1, 1), (2, 1))
        assert auto_pay.charge(invoice_id).state == "paid"

    def test_a_card_that_fails_too_has_its_own_days(self, auto_pay: AutoPay):
        auto_pay.enroll("pm_no_money")
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-05"))
        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=auto_pay.save_card("pm_declined")))
        auto_pay.work()

        auto_pay.live_until(at("2026-05-01"))

        assert tried_on(auto_pay, invoice_id) == [date(2026, 4, day) for day in (1, 4, 5, 8, 12, 19)]

    def test_the_same_card_again_changes_nothing_while_it_is_tried_anyway(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card("pm_no_money")
        auto_pay.enroll(card_id=card_id)
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-02"))

        for _ in range(3):
            auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=card_id, maximum_minor=900_000))
            auto_pay.work()

        assert len(auto_pay.attempts(invoice_id)) == 1

    def test_the_same_card_takes_a_paused_auto_pay_up_again(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card("pm_no_money")
        auto_pay.enroll(card_id=card_id)
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-20"))
        auto_pay.recharge(card_id, "pm_works")

        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=card_id))
        auto_pay.work()

        assert auto_pay.charge(invoice_id).state == "paid"
        assert auto_pay.view().state == "on"

    def test_no_more_than_was_told_is_charged_to_it(self, auto_pay: AutoPay):
        auto_pay.enroll("pm_no_money")
        invoice_id = auto_pay.send(10_000, due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-02"))
        auto_pay.pay_by_hand(invoice_id, 1_000)

        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=auto_pay.save_card()))
        auto_pay.work()

        assert [payment.amount_minor for payment in auto_pay.attempts(invoice_id)] == [10_000, 9_000]


def test_a_pause_of_auto_pay_stops_what_is_due_at_the_same_moment(auto_pay: AutoPay):
    auto_pay.enroll("pm_expired")
    ids = [auto_pay.send(due_on="2026-04-01") for _ in range(4)]

    auto_pay.live_until(at("2026-04-20"))

    assert sum(len(auto_pay.attempts(invoice_id)) for invoice_id in ids) == 1


class TestDisputes:
    def test_a_payment_that_the_bank_takes_back_pauses_auto_pay_once_and_says_so(self, auto_pay: AutoPay):
        auto_pay.enroll()
        auto_pay.send(8_450, due_on="2026-04-01")
        later = auto_pay.send(2_000, due_on="2026-04-20")
        auto_pay.live_until(at("2026-04-02"))
        dispute = auto_pay.stripe.give_back(auto_pay.stripe.only().intent_id, 8_450, kind="dispute")

        auto_pay.webhook("charge.dispute.created", dispute, event_id="evt_1")
        auto_pay.webhook("charge.dispute.funds_withdrawn", dispute, event_id="evt_2")
        auto_pay.live_until(at("2026-04-25"))

        assert (auto_pay.view().state, auto_pay.view().pause_reason) == ("paused", "disputed")
        assert not auto_pay.attempts(later)
        (told,) = auto_pay.events(AutoPayPaused)
        assert told.message == "A payment with your card was disputed at your bank."

    def test_a_refund_pauses_nothing(self, auto_pay: AutoPay):
        auto_pay.enroll()
        auto_pay.send(8_450, due_on="2026-04-01")
        auto_pay.live_until(at("2026-04-02"))
        refund = auto_pay.stripe.give_back(auto_pay.stripe.only().intent_id, 8_450)
        auto_pay.webhook("refund.created", refund)
        auto_pay.work()
        assert auto_pay.view().state == "on"
