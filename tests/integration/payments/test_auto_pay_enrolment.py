"""Turning auto-pay on and off, what it covers, and what is kept of the customer's yes."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from chassis.database import Database
from contracts import codes
from contracts.billing import AllocationsReversed, InvoiceSent, InvoiceVoided
from contracts.payments import (
    AutoPayEnded,
    AutoPayEnrolled,
    AutoPayPaused,
    CancelAutoPay,
    ChangeAutoPay,
    ListAutoPayConsents,
    ListCards,
    OptInvoiceIn,
    RemoveCard,
)
from contracts.wire import Refused
from tests.support.auto_pay import CONSENT, AutoPay, at, enrollment, reversed_event, sent_event, voided_event
from tests.support.payments import CUSTOMER, NEIGHBOUR, START


def refusal(auto_pay: AutoPay, command) -> Refused:
    with pytest.raises(Refused) as refused:
        auto_pay.ask(command)
    return refused.value


class TestTurningItOn:
    def test_it_is_off_until_the_customer_turns_it_on(self, auto_pay: AutoPay):
        auto_pay.send()

        view = auto_pay.view()

        assert (view.state, view.card, view.upcoming, view.next_charge) == ("off", None, [], None)
        auto_pay.charge_due()
        assert not auto_pay.rows()

    def test_the_view_says_what_it_will_charge_when_and_to_which_card(self, auto_pay: AutoPay):
        auto_pay.enroll(maximum_minor=50_000)
        invoice_id = auto_pay.send(8_450, due_on="2026-04-01")

        view = auto_pay.view()

        assert (view.state, view.maximum_minor, view.includes_balance) == ("on", 50_000, False)
        assert view.card is not None
        assert view.card.last4 == "4242"
        assert view.card.pays_automatically
        assert (view.consent_text, view.consent_version) == (CONSENT, "2026-11")
        assert view.enrolled_at == START
        (charge,) = view.upcoming
        assert view.next_charge == charge
        assert (charge.invoice_id, charge.amount_minor, charge.state) == (invoice_id, 8_450, "scheduled")
        assert charge.charge_on == at("2026-04-01").date()
        assert (view.time_of_day, view.invoices_charged) == ("09:00", "due")

    def test_the_yes_is_kept_word_for_word_with_its_version_time_and_address(self, auto_pay: AutoPay):
        auto_pay.enroll(maximum_minor=9_900, user_agent="Moz\x00illa" + "x" * 900)

        (record,) = auto_pay.ask(ListAutoPayConsents(customer_id=CUSTOMER)).records

        assert (record.action, record.text, record.version) == ("enrolled", CONSENT, "2026-11")
        assert (record.ip_address, record.recorded_at, record.source) == ("203.0.113.7", START, "portal")
        assert (record.card, record.maximum_minor) == ("Visa ·· 4242", 9_900)
        assert record.user_agent.startswith("Mozilla")
        assert len(record.user_agent) == 500

    def test_nothing_of_the_history_is_ever_changed(self, auto_pay: AutoPay):
        auto_pay.enroll()
        other = auto_pay.save_card("pm_other", last4="1881")
        auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=other, maximum_minor=70_000))
        auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER, ip_address="198.51.100.2"))
        auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER))

        records = auto_pay.ask(ListAutoPayConsents(customer_id=CUSTOMER)).records

        assert [record.action for record in records] == ["cancelled", "changed", "enrolled"]
        assert [record.card for record in records] == ["", "Visa ·· 1881", "Visa ·· 4242"]
        assert records[0].ip_address == "198.51.100.2"
        assert auto_pay.ask(ListAutoPayConsents(customer_id=NEIGHBOUR)).records == []

    def test_the_same_form_again_turns_it_on_once(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card()

        views = [auto_pay.enroll(card_id=card_id) for _ in range(3)]

        assert views[0] == views[1] == views[2]
        assert len(auto_pay.events(AutoPayEnrolled)) == 1
        assert len(auto_pay.ask(ListAutoPayConsents(customer_id=CUSTOMER)).records) == 1
        with pytest.raises(Refused, match=codes.KEY_REUSED):
            auto_pay.enroll(card_id=card_id, maximum_minor=100)

    def test_two_customers_forms_may_have_the_same_key(self, auto_pay: AutoPay):
        auto_pay.enroll()
        card_id = auto_pay.save_card("pm_neighbour", customer_id=NEIGHBOUR)

        assert auto_pay.enroll(card_id=card_id, customer_id=NEIGHBOUR).state == "on"

    def test_turning_it_on_again_replaces_card_and_maximum(self, auto_pay: AutoPay):
        auto_pay.enroll()
        other = auto_pay.save_card("pm_other", last4="1881")

        view = auto_pay.enroll(card_id=other, key="enrollment-2", maximum_minor=100_00)

        assert view.card is not None
        assert (view.card.last4, view.maximum_minor) == ("1881", 100_00)
        assert len(auto_pay.events(AutoPayEnrolled)) == 1

    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"card_id": "nobodys"}, codes.NOT_FOUND, "card_id"),
            ({"consent_text": "  "}, codes.INVALID, "consent_text"),
            ({"consent_text": "x" * 10_001}, codes.INVALID, "consent_text"),
            ({"consent_version": ""}, codes.INVALID, "consent_version"),
            ({"maximum_minor": 49}, codes.AMOUNT_TOO_SMALL, "maximum_minor"),
            ({"maximum_minor": -1}, codes.AMOUNT_TOO_SMALL, "maximum_minor"),
            ({"maximum_minor": 10**12}, codes.INVALID, "maximum_minor"),
            ({"key": ""}, codes.INVALID, "key"),
            ({"customer_id": "x" * 40}, codes.INVALID, "customer_id"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, auto_pay: AutoPay, changes, code, field):
        card_id = auto_pay.save_card()

        refused = refusal(auto_pay, enrollment(**({"card_id": card_id} | changes)))

        assert (refused.code, refused.details["field"]) == (code, field)
        assert auto_pay.view().state == "off"

    def test_another_customers_card_and_an_expired_one_are_refused(self, auto_pay: AutoPay):
        theirs = auto_pay.save_card("pm_theirs", customer_id=NEIGHBOUR)
        expired = auto_pay.save_card("pm_old", exp_year=2026, exp_month=2)
        this_month = auto_pay.save_card("pm_last", exp_year=2026, exp_month=3)

        assert refusal(auto_pay, enrollment(theirs)).code == codes.NOT_FOUND
        assert refusal(auto_pay, enrollment(expired)).code == codes.INVALID
        assert auto_pay.enroll(card_id=this_month).state == "on"

    def test_no_form_can_take_the_key_of_an_attempt(self, auto_pay: AutoPay):
        with pytest.raises(Refused, match=codes.INVALID):
            auto_pay.pay(key=f"auto-pay:{'x' * 36}:1:1")


class TestWhatItCovers:
    def test_invoices_sent_before_are_asked_about_separately(self, auto_pay: AutoPay):
        before = auto_pay.send(due_on="2026-03-20")
        auto_pay.clock.at += timedelta(seconds=1)
        auto_pay.enroll()
        after = auto_pay.send(due_on="2026-03-25")

        assert auto_pay.charge(before).state == "left"
        assert auto_pay.charge(after).state == "scheduled"

    def test_with_a_yes_to_the_present_balance_it_is_charged_too(self, auto_pay: AutoPay):
        past_due = auto_pay.send(1_000, due_on="2026-03-01")
        imported = auto_pay.send(2_000, due_on="2026-03-20", origin="import")
        auto_pay.clock.at += timedelta(seconds=1)

        view = auto_pay.enroll(include_balance=True)
        assert {charge.state for charge in view.upcoming} == {"scheduled"}
        assert auto_pay.events(AutoPayEnrolled)[0].balance_minor == 3_000
        auto_pay.live_until(at("2026-03-21"))

        assert auto_pay.charge(past_due).state == auto_pay.charge(imported).state == "paid"
        assert auto_pay.captured_minor() == 3_000

    def test_imported_history_is_never_charged_by_itself(self, auto_pay: AutoPay):
        auto_pay.enroll()
        auto_pay.clock.at += timedelta(seconds=1)
        imported = auto_pay.send(origin="import", due_on="2026-03-12")

        auto_pay.live_until(at("2026-04-20"))

        assert not auto_pay.rows()
        assert auto_pay.charge(imported).state == "left"

    def test_an_invoice_of_before_that_is_heard_of_late_is_not_charged(self, auto_pay: AutoPay):
        late = auto_pay.send(heard=False)
        auto_pay.clock.at += timedelta(minutes=1)
        auto_pay.enroll()

        auto_pay.hear_sent(late)

        assert auto_pay.charge(late).state == "left"

    def test_an_invoice_of_before_that_is_heard_of_late_belongs_to_the_present_balance(self, auto_pay: AutoPay):
        late = auto_pay.send(heard=False)
        auto_pay.clock.at += timedelta(minutes=1)
        auto_pay.enroll(include_balance=True)

        auto_pay.hear_sent(late)

        assert auto_pay.charge(late).state == "scheduled"

    def test_a_neighbours_invoice_is_nobody_elses(self, auto_pay: AutoPay):
        auto_pay.enroll()
        auto_pay.send(customer_id=NEIGHBOUR)

        assert auto_pay.view().upcoming == []

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    def test_a_void_invoice_is_never_charged_in_whichever_order_it_is_heard_of(self, fresh_sqlite, order):
        auto_pay = AutoPay(fresh_sqlite())
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-03-20", heard=False)
        owed = auto_pay.ledger.invoices[invoice_id]
        credit = auto_pay.ledger.credit(invoice_id, 100)
        owed.placed_minor, owed.voided = 0, True
        events = [sent_event(owed), reversed_event(owed, credit.allocations), voided_event(owed)]

        for position in order:
            auto_pay.take(events[position])
        auto_pay.take(credit)
        auto_pay.live_until(at("2026-04-20"))

        assert not auto_pay.rows()
        assert auto_pay.view().upcoming == []

    def test_the_same_batch_in_any_order_leads_to_the_same_open_amount(self, fresh_sqlite):
        outcomes = set()
        for order in itertools.permutations(range(4)):
            auto_pay = AutoPay(fresh_sqlite())
            auto_pay.enroll()
            invoice_id = auto_pay.send(10_000, heard=False)
            owed = auto_pay.ledger.invoices[invoice_id]
            first, second = auto_pay.ledger.credit(invoice_id, 4_000), auto_pay.ledger.credit(invoice_id, 1_000)
            events: list[Any] = [sent_event(owed), first, second, reversed_event(owed, first.allocations)]
            auto_pay.take(*[events[position] for position in order])
            (charge,) = auto_pay.view().upcoming
            outcomes.add(charge.amount_minor)
        assert outcomes == {9_000}


class TestTurningItOff:
    def test_nothing_more_is_charged(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(due_on="2026-03-20")

        assert auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER)).state == "off"
        auto_pay.live_until(at("2026-04-20"))

        assert not auto_pay.rows()
        assert auto_pay.charge(invoice_id).state == "left"
        assert len(auto_pay.events(AutoPayEnded)) == 1

    def test_turned_on_again_it_leaves_what_was_left(self, auto_pay: AutoPay):
        auto_pay.enroll()
        left = auto_pay.send(due_on="2026-03-20")
        auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER))
        auto_pay.clock.at += timedelta(hours=1)
        auto_pay.enroll("pm_again", key="enrollment-2")
        new = auto_pay.send(due_on="2026-03-20")

        assert (auto_pay.charge(left).state, auto_pay.charge(new).state) == ("left", "scheduled")

    def test_a_form_of_before_the_cancellation_turns_nothing_on(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card()
        auto_pay.enroll(card_id=card_id)
        auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER))

        auto_pay.enroll(card_id=card_id)

        assert auto_pay.view().state == "off"

    def test_it_cannot_be_changed_while_it_is_off(self, auto_pay: AutoPay):
        refused = refusal(auto_pay, ChangeAutoPay(customer_id=CUSTOMER, card_id=auto_pay.save_card()))

        assert refused.code == codes.WRONG_STATE


class TestRemovingItsCard:
    def test_the_cards_list_says_which_one_it_charges(self, auto_pay: AutoPay):
        auto_pay.save_card("pm_other")
        card_id = auto_pay.save_card()
        auto_pay.enroll(card_id=card_id)

        cards = auto_pay.ask(ListCards(customer_id=CUSTOMER)).cards

        assert [card.card_id for card in cards if card.pays_automatically] == [card_id]

    def test_without_a_word_about_auto_pay_it_is_refused(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card()
        auto_pay.enroll(card_id=card_id)

        refused = refusal(auto_pay, RemoveCard(customer_id=CUSTOMER, card_id=card_id))

        assert refused.code == codes.CARD_IN_USE
        assert auto_pay.view().state == "on"

    def test_with_the_customers_yes_it_pauses_and_says_so(self, auto_pay: AutoPay):
        card_id = auto_pay.save_card()
        auto_pay.enroll(card_id=card_id)
        invoice_id = auto_pay.send(due_on="2026-03-20")

        auto_pay.ask(RemoveCard(customer_id=CUSTOMER, card_id=card_id, pause_auto_pay=True))
        auto_pay.live_until(at("2026-03-25"))

        view = auto_pay.view()
        assert (view.state, view.pause_reason, view.card, view.next_charge) == ("paused", "card_removed", None, None)
        (paused,) = auto_pay.events(AutoPayPaused)
        assert (paused.reason, paused.is_told) == ("card_removed", False)
        assert paused.card is not None
        assert paused.card.last4 == "4242"
        assert not auto_pay.attempts(invoice_id)

    def test_any_other_card_goes_without_a_question(self, auto_pay: AutoPay):
        auto_pay.enroll()
        other = auto_pay.save_card("pm_other")

        auto_pay.ask(RemoveCard(customer_id=CUSTOMER, card_id=other))

        assert auto_pay.view().state == "on"


def test_a_reopened_invoice_leaves_auto_pay_until_the_customer_opts_it_in(auto_pay: AutoPay):
    auto_pay.enroll()
    invoice_id = auto_pay.send(due_on="2026-03-20")
    auto_pay.live_until(at("2026-03-21"))
    assert auto_pay.charge(invoice_id).state == "paid"
    owed = auto_pay.ledger.invoices[invoice_id]
    (allocated,) = [event for event in auto_pay.ledger.told if event.fact == "payment_allocated"]

    owed.placed_minor = 0
    auto_pay.take(reversed_event(owed, allocated.allocations))  # type: ignore[attr-defined]
    auto_pay.live_until(at("2026-04-20"))

    assert len(auto_pay.attempts(invoice_id)) == 1
    (charge,) = auto_pay.view().upcoming
    assert (charge.state, charge.can_opt_in, charge.charge_on) == ("left", True, None)


def test_events_of_a_batch_for_several_customers_are_taken_together(database: Database):
    auto_pay = AutoPay(database)
    auto_pay.enroll()
    neighbours = auto_pay.save_card("pm_n", customer_id=NEIGHBOUR)
    auto_pay.enroll(card_id=neighbours, customer_id=NEIGHBOUR)
    ids = [auto_pay.send(heard=False, customer_id=customer) for customer in (CUSTOMER, NEIGHBOUR) * 5]

    auto_pay.take(*[sent_event(auto_pay.ledger.invoices[invoice_id]) for invoice_id in ids])

    assert len(auto_pay.view().upcoming) == len(auto_pay.view(NEIGHBOUR).upcoming) == 5
    assert {InvoiceSent.fact, InvoiceVoided.fact, AllocationsReversed.fact} <= set(dir(auto_pay.service))


class TestAYesAboveTheMaximum:
    def test_it_ends_with_auto_pay_and_with_another_maximum(self, auto_pay: AutoPay):
        auto_pay.enroll(maximum_minor=5_000)
        invoice_id = auto_pay.send(8_450, due_on="2026-05-01")
        auto_pay.live_until(at("2026-04-28", 9, 1))
        assert auto_pay.charge(invoice_id).state == "above_maximum"
        auto_pay.ask(OptInvoiceIn(customer_id=CUSTOMER, invoice_id=invoice_id, ip_address="192.0.2.1"))
        auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER, ip_address="192.0.2.1"))
        auto_pay.enroll("pm_b", key="second", maximum_minor=5_000, include_balance=True)
        auto_pay.live_until(at("2026-05-06"))
        assert auto_pay.charge(invoice_id).state == "above_maximum"
        assert not auto_pay.attempts(invoice_id)


class TestReopened:
    def test_before_it_was_heard_of_as_sent_it_stays_left_too(self, auto_pay: AutoPay):
        auto_pay.enroll()
        invoice_id = auto_pay.send(8_450, due_on="2026-05-01", heard=False)
        put = auto_pay.ledger.credit(invoice_id, 8_450)
        auto_pay.take(put)
        auto_pay.take(reversed_event(auto_pay.ledger.invoices[invoice_id], list(put.allocations)))
        auto_pay.hear_sent(invoice_id)
        assert auto_pay.charge(invoice_id).state == "left"

    def test_while_it_is_being_charged_a_decline_is_not_followed_by_another_try(self, auto_pay: AutoPay):
        auto_pay.enroll("pm_no_money")
        invoice_id = auto_pay.send(8_450, due_on="2026-04-01")
        auto_pay.stripe.lose("confirm_intent", "after")
        auto_pay.live_until(at("2026-04-01", 9, 1))
        assert auto_pay.charge(invoice_id).state == "charging"
        put = auto_pay.ledger.credit(invoice_id, 100)
        auto_pay.take(put)
        auto_pay.take(reversed_event(auto_pay.ledger.invoices[invoice_id], list(put.allocations)))
        auto_pay.live_until(at("2026-05-20"))
        assert auto_pay.charge(invoice_id).state == "left"
        assert len(auto_pay.attempts(invoice_id)) == 1
