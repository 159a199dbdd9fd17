"""What is charged, when, how much of it, and what the customer is told before and after."""

from datetime import date, time

from chassis.database import Database
from contracts.billing import GetInvoice, HoldInvoices
from contracts.identity import BusinessClockSet
from contracts.payments import (
    AutoPayCardExpiring,
    AutoPayChargeSkipped,
    AutoPayChargeUpcoming,
    ChangeAutoPay,
    PaymentSucceeded,
)
from services.payments.domain.charge_dates import ChargeRules
from tests.support.auto_pay import NEW_YORK, AutoPay, at
from tests.support.payments import CUSTOMER, START


class TestTheDay:
    def test_an_invoice_is_charged_on_its_due_date_at_nine(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(8_450, due_on="2026-04-01")

        auto_pay.live_until(at("2026-04-01", 8, 59))
        assert not auto_pay.attempts(invoice_id)
        auto_pay.go_to(at("2026-04-01", 9))

        (payment,) = auto_pay.attempts(invoice_id)
        assert (payment.state, payment.amount_minor) == ("succeeded", 8_450)
        assert payment.received_on == date(2026, 4, 1)
        assert auto_pay.charge(invoice_id).state == "paid"
        assert auto_pay.view().upcoming == []

    def test_due_on_receipt_is_charged_three_days_after_it_was_sent(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-03-10")

        auto_pay.live_until(at("2026-03-13", 8, 59))
        assert not auto_pay.attempts(invoice_id)
        auto_pay.go_to(at("2026-03-13"))

        assert auto_pay.charge(invoice_id).state == "paid"

    def test_the_owner_can_have_invoices_charged_when_sent(self, sqlite_database: Database):
        rules = ChargeRules(charged_when="sent", time_of_day=time(9), time_zone=NEW_YORK)
        auto_pay = AutoPay(sqlite_database, rules=rules)
        auto_pay.enroll()

        late = auto_pay.send(due_on="2026-04-30")
        auto_pay.work()
        auto_pay.clock.at = at("2026-03-11", 7)
        early = auto_pay.send(due_on="2026-04-30")
        auto_pay.work()

        assert auto_pay.charge(late).state == "paid", "it was sent after nine"
        assert auto_pay.charge(early).state == "scheduled"
        auto_pay.go_to(at("2026-03-11"))
        assert auto_pay.charge(early).state == "paid"
        assert auto_pay.events(AutoPayChargeUpcoming) == [], "the invoice's own e-mail is the notice"

    def test_what_was_due_while_nobody_worked_is_charged_when_somebody_does(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-03-20")

        auto_pay.go_to(at("2026-04-20"))

        assert len(auto_pay.attempts(invoice_id)) == 1

    def test_moving_the_businesss_clock_makes_charges_happen_and_wakes_the_workers(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")

        def set_clock(to: str, version: int) -> None:
            moved = BusinessClockSet(version=version, mode="frozen", frozen_at=at(to))
            auto_pay.hear(moved)
            auto_pay.charge_due()

        set_clock("2026-03-29", 1)
        assert len(auto_pay.events(AutoPayChargeUpcoming)) == 1
        set_clock("2026-04-01", 2)
        assert auto_pay.charge(invoice_id).state == "paid"
        assert auto_pay.clock.at == START, "real time stood still"

    def test_a_clock_that_is_moved_back_charges_nothing_twice(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")

        for day in ("2026-04-01", "2026-03-12", "2026-04-02", "2026-03-30", "2026-05-01"):
            auto_pay.go_to(at(day))

        assert len(auto_pay.attempts(invoice_id)) == auto_pay.stripe.charges() == 1


class TestTheNotice:
    def test_three_days_before_the_customer_is_told_amount_day_and_card(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(8_450, due_on="2026-04-01")

        auto_pay.live_until(at("2026-03-29", 8, 59))
        assert auto_pay.events(AutoPayChargeUpcoming) == []
        auto_pay.live_until(at("2026-04-02"))

        (told,) = auto_pay.events(AutoPayChargeUpcoming)
        assert (told.invoice_id, told.amount_minor, told.charge_on) == (invoice_id, 8_450, date(2026, 4, 1))
        assert (told.card.brand, told.card.last4) == ("visa", "4242")

    def test_no_more_is_charged_than_was_told(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(10_000, due_on="2026-04-01")
        auto_pay.pay_by_hand(invoice_id, 4_000)
        auto_pay.go_to(at("2026-03-29"))
        # By a mistake of somebody's, without an event: more is open than was told.
        auto_pay.ledger.invoices[invoice_id].placed_minor = 0

        auto_pay.go_to(at("2026-04-01"))

        assert [payment.amount_minor for payment in auto_pay.attempts(invoice_id)] == [6_000]

    def test_what_was_paid_since_the_notice_is_charged_no_more(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(10_000, due_on="2026-04-01")
        auto_pay.go_to(at("2026-03-29"))
        auto_pay.pay_by_hand(invoice_id, 2_500)

        assert auto_pay.view().upcoming[0].amount_minor == 7_500
        auto_pay.go_to(at("2026-04-01"))

        assert [payment.amount_minor for payment in auto_pay.attempts(invoice_id)] == [7_500]

    def test_an_invoice_paid_otherwise_is_not_charged(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.pay_by_hand(invoice_id)

        auto_pay.live_until(at("2026-04-05"))

        assert auto_pay.charge(invoice_id).state == "settled"
        assert not auto_pay.attempts(invoice_id)
        assert auto_pay.events(AutoPayChargeUpcoming) == []

    def test_one_paid_otherwise_of_which_payments_has_not_heard_is_not_charged(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        late = auto_pay.ledger.credit(invoice_id, 8_450)

        auto_pay.go_to(at("2026-04-01"))

        assert auto_pay.charge(invoice_id).state == "settled"
        assert not auto_pay.rows()
        auto_pay.take(late)
        assert auto_pay.charge(invoice_id).state == "settled"

    def test_the_receipt_says_that_auto_pay_charged_it(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.go_to(at("2026-04-01"))
        auto_pay.pay_by_hand(auto_pay.send())

        (told,) = auto_pay.events(PaymentSucceeded)

        assert told.auto_pay
        assert [part.invoice_id for part in told.invoices] == [invoice_id]
        assert auto_pay.stripe.made[auto_pay.only().stripe_intent_id or ""].off_session


class TestTheAmount:
    def test_credits_are_put_on_the_invoice_before_the_card_is_charged(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(10_000, due_on="2026-04-01")
        auto_pay.ledger.credits[CUSTOMER] = 3_300

        auto_pay.go_to(at("2026-04-01"))

        assert [payment.amount_minor for payment in auto_pay.attempts(invoice_id)] == [6_700]
        assert auto_pay.charge(invoice_id).state == "paid"
        assert auto_pay.ledger.invoices[invoice_id].open_minor == 0

    def test_credits_that_pay_all_of_it_leave_nothing_to_charge(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(10_000, due_on="2026-04-01")
        auto_pay.ledger.credits[CUSTOMER] = 10_000

        auto_pay.go_to(at("2026-04-01"))

        assert not auto_pay.rows()
        assert auto_pay.charge(invoice_id).state == "settled"

    def test_above_the_maximum_it_is_skipped_and_the_customer_told_in_time(self, auto_pay: AutoPay):
        auto_pay.enroll(maximum_minor=5_000)
        above, below = auto_pay.send(5_001, due_on="2026-04-01"), auto_pay.send(5_000, due_on="2026-04-01")

        auto_pay.go_to(at("2026-03-29"))
        (skipped,) = auto_pay.events(AutoPayChargeSkipped)
        auto_pay.live_until(at("2026-04-20"))

        assert (skipped.invoice_id, skipped.amount_minor, skipped.maximum_minor) == (above, 5_001, 5_000)
        assert len(auto_pay.events(AutoPayChargeSkipped)) == 1
        assert not auto_pay.attempts(above)
        assert auto_pay.charge(below).state == "paid"
        (charge,) = auto_pay.view().upcoming
        assert (charge.state, charge.charge_on, charge.can_opt_in) == ("above_maximum", None, True)

    def test_a_maximum_lowered_after_the_notice_holds(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card()
        auto_pay.enroll(card_id=card_id)
        invoice_id = auto_pay.send(5_001, due_on="2026-04-01")
        auto_pay.go_to(at("2026-03-30"))
        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=card_id, maximum_minor=5_000))

        auto_pay.go_to(at("2026-04-01"))

        assert not auto_pay.attempts(invoice_id)
        assert len(auto_pay.events(AutoPayChargeSkipped)) == 1

    def test_a_maximum_raised_takes_the_invoice_in_again_with_a_notice(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card()
        auto_pay.enroll(card_id=card_id, maximum_minor=5_000)
        invoice_id = auto_pay.send(9_000, due_on="2026-04-01")
        auto_pay.go_to(at("2026-03-30"))
        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=card_id, maximum_minor=None))

        auto_pay.go_to(at("2026-03-30", 10))
        (told,) = auto_pay.events(AutoPayChargeUpcoming)
        auto_pay.live_until(at("2026-04-03"))

        assert told.charge_on == date(2026, 4, 2)
        assert [payment.listed_on for payment in auto_pay.attempts(invoice_id)] == [date(2026, 4, 2)]

    def test_below_what_a_card_can_be_charged_it_waits(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(49, due_on="2026-04-01")

        auto_pay.live_until(at("2026-04-10"))

        assert not auto_pay.rows()
        (charge,) = auto_pay.view().upcoming
        assert (charge.invoice_id, charge.state) == (invoice_id, "below_minimum")

    def test_a_dollar_less_a_cent_is_charged(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(99, due_on="2026-04-01")

        auto_pay.go_to(at("2026-04-01"))

        assert auto_pay.charge(invoice_id).state == "paid"
        assert auto_pay.captured_minor() == 99

    def test_more_than_a_card_can_be_charged_is_left_to_the_customer(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(100_000_000, due_on="2026-04-01")

        auto_pay.live_until(at("2026-04-02"))

        assert auto_pay.charge(invoice_id).state == "above_maximum"
        (skipped,) = auto_pay.events(AutoPayChargeSkipped)
        assert skipped.maximum_minor == 99_999_999


class TestWhileSomethingElseHappens:
    def test_an_invoice_that_is_being_paid_by_hand_is_left_alone_until_that_is_over(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.ledger.call(
            HoldInvoices(
                payment_id="by-hand",
                customer_id=CUSTOMER,
                currency="USD",
                amount_minor=8_450,
                invoice_ids=[invoice_id],
            )
        )

        auto_pay.go_to(at("2026-04-01"))
        assert not auto_pay.rows()
        auto_pay.ledger.holds.clear()
        auto_pay.go_to(at("2026-04-01", 9, 11))

        assert auto_pay.charge(invoice_id).state == "paid"

    def test_a_form_that_was_faster_between_question_and_hold_is_waited_for(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        command = HoldInvoices(
            payment_id="by-hand", customer_id=CUSTOMER, currency="USD", amount_minor=8_450, invoice_ids=[invoice_id]
        )
        auto_pay.ledger.strike(GetInvoice, "after", lambda: auto_pay.ledger.call(command))

        auto_pay.go_to(at("2026-04-01"))
        auto_pay.ledger.holds.clear()
        auto_pay.go_to(at("2026-04-01", 9, 11))

        (payment,) = auto_pay.attempts(invoice_id)
        assert (payment.state, payment.auto_attempt) == ("succeeded", 1), "the refused one was no attempt"

    def test_while_billing_does_not_answer_the_charge_waits(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.ledger.lose(GetInvoice, "before")

        auto_pay.go_to(at("2026-04-01"))
        assert not auto_pay.rows()
        auto_pay.go_to(at("2026-04-01", 9, 6))

        assert auto_pay.charge(invoice_id).state == "paid"

    def test_an_attempt_of_unknown_outcome_blocks_the_next(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-04-01")
        auto_pay.stripe.lose("confirm_intent", "after")
        auto_pay.go_to(at("2026-04-01"))
        auto_pay.stripe.lose("retrieve_intent", "before", times=10)

        auto_pay.live_until(at("2026-04-06"))
        assert [payment.state for payment in auto_pay.attempts(invoice_id)] == ["unknown"]
        assert auto_pay.view().upcoming[0].state == "charging"
        auto_pay.stripe.faults.clear()
        auto_pay.live_until(at("2026-04-08"))

        assert [payment.state for payment in auto_pay.attempts(invoice_id)] == ["succeeded"]
        assert auto_pay.stripe.charges() == 1
        assert auto_pay.charge(invoice_id).state == "paid"

    def test_a_charge_that_fails_in_an_unforeseen_way_keeps_no_other_waiting(self, auto_pay: AutoPay, caplog):
        auto_pay.enroll()
        first = auto_pay.send(due_on="2026-04-01")
        second = auto_pay.send(due_on="2026-04-01")
        auto_pay.ledger.strike(GetInvoice, "before", ZeroDivisionError("a slip"))

        auto_pay.go_to(at("2026-04-01"))
        assert sorted(auto_pay.charge(each).state for each in (first, second)) == ["paid", "scheduled"]
        auto_pay.go_to(at("2026-04-01", 9, 6))

        assert {auto_pay.charge(each).state for each in (first, second)} == {"paid"}
        assert "could not be handled" in caplog.text


class TestACardThatExpires:
    def test_the_customer_is_told_once_thirty_days_before_its_last_day(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card(exp_year=2026, exp_month=6)
        auto_pay.enroll(card_id=card_id)

        auto_pay.live_until(at("2026-05-31", 8, 59))
        assert auto_pay.events(AutoPayCardExpiring) == []
        auto_pay.live_until(at("2026-07-03"))

        (told,) = auto_pay.events(AutoPayCardExpiring)
        assert (told.card.last4, told.expires_on) == ("4242", date(2026, 6, 30))

    def test_a_card_entered_anew_is_told_of_when_its_own_time_comes(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card(exp_year=2026, exp_month=6)
        auto_pay.enroll(card_id=card_id)
        auto_pay.live_until(at("2026-06-02"))
        auto_pay.recharge(card_id, "pm_anew", exp_month=9)

        auto_pay.live_until(at("2026-10-02"))

        assert [told.expires_on for told in auto_pay.events(AutoPayCardExpiring)] == [
            date(2026, 6, 30),
            date(2026, 9, 30),
        ]
