"""Skip, move and opt in: what a customer decides about a single charge."""

from datetime import date

import pytest

from contracts import codes
from contracts.payments import (
    AutoPayChargeUpcoming,
    CancelAutoPay,
    ListAutoPayConsents,
    MoveCharge,
    OptInvoiceIn,
    SkipCharge,
    UnskipCharge,
)
from contracts.wire import Refused
from tests.support.auto_pay import AutoPay, at
from tests.support.payments import CUSTOMER, NEIGHBOUR

COMMANDS = [SkipCharge, UnskipCharge, MoveCharge, OptInvoiceIn]


def command(kind, invoice_id: str, customer_id: str = CUSTOMER):
    more = {"charge_on": date(2026, 4, 5)} if kind is MoveCharge else {}
    return kind(customer_id=customer_id, invoice_id=invoice_id, **more)


@pytest.fixture
def invoice_id(auto_pay: AutoPay) -> str:
    auto_pay.enroll()
    return auto_pay.send(due_on="2026-04-01")


class TestSkipping:
    def test_a_skipped_charge_is_not_made_and_the_next_ones_are(self, auto_pay: AutoPay, invoice_id):
        other = auto_pay.send(due_on="2026-04-02")

        view = auto_pay.ask(command(SkipCharge, invoice_id))
        auto_pay.live_until(at("2026-04-20"))

        assert {charge.invoice_id: charge.state for charge in view.upcoming}[invoice_id] == "skipped"
        assert view.next_charge is not None
        assert view.next_charge.invoice_id == other
        assert not auto_pay.attempts(invoice_id)
        assert auto_pay.charge(other).state == "paid"
        assert {told.invoice_id for told in auto_pay.events(AutoPayChargeUpcoming)} == {other}

    def test_skipping_twice_is_skipping_once(self, auto_pay: AutoPay, invoice_id):
        assert auto_pay.ask(command(SkipCharge, invoice_id)) == auto_pay.ask(command(SkipCharge, invoice_id))

    def test_thought_better_of_in_time_it_is_charged_on_its_day(self, auto_pay: AutoPay, invoice_id):
        auto_pay.ask(command(SkipCharge, invoice_id))
        auto_pay.ask(command(UnskipCharge, invoice_id))

        auto_pay.live_until(at("2026-04-02"))

        assert [payment.listed_on for payment in auto_pay.attempts(invoice_id)] == [date(2026, 4, 1)]

    def test_thought_better_of_too_late_it_is_charged_in_three_days_with_a_notice(self, auto_pay: AutoPay, invoice_id):
        auto_pay.ask(command(SkipCharge, invoice_id))
        auto_pay.live_until(at("2026-04-10"))
        auto_pay.ask(command(UnskipCharge, invoice_id))

        auto_pay.live_until(at("2026-04-20"))

        assert [told.charge_on for told in auto_pay.events(AutoPayChargeUpcoming)] == [date(2026, 4, 13)]
        assert [payment.listed_on for payment in auto_pay.attempts(invoice_id)] == [date(2026, 4, 13)]

    def test_what_is_on_its_way_or_paid_cannot_be_skipped(self, auto_pay: AutoPay, invoice_id):
        auto_pay.stripe.lose("confirm_intent", "before")
        auto_pay.go_to(at("2026-04-01"))
        with pytest.raises(Refused, match=codes.WRONG_STATE):
            auto_pay.ask(command(SkipCharge, invoice_id))
        auto_pay.go_to(at("2026-04-01", 9, 6))
        with pytest.raises(Refused, match=codes.WRONG_STATE):
            auto_pay.ask(command(SkipCharge, invoice_id))


class TestMoving:
    def test_a_moved_charge_is_made_on_the_day_that_was_chosen_with_its_notice(self, auto_pay: AutoPay, invoice_id):
        auto_pay.live_until(at("2026-03-30"))

        auto_pay.ask(MoveCharge(customer_id=CUSTOMER, invoice_id=invoice_id, charge_on=date(2026, 4, 20)))
        auto_pay.live_until(at("2026-04-25"))

        assert [told.charge_on for told in auto_pay.events(AutoPayChargeUpcoming)] == [
            date(2026, 4, 1),
            date(2026, 4, 20),
        ]
        assert [payment.listed_on for payment in auto_pay.attempts(invoice_id)] == [date(2026, 4, 20)]

    @pytest.mark.parametrize("day", [date(2026, 3, 10), date(2026, 3, 9), date(2026, 5, 3), date(1, 1, 1)])
    def test_only_a_day_within_reach_can_be_chosen(self, auto_pay: AutoPay, invoice_id, day):
        with pytest.raises(Refused) as refused:
            auto_pay.ask(MoveCharge(customer_id=CUSTOMER, invoice_id=invoice_id, charge_on=day))

        assert (refused.value.code, refused.value.details["field"]) == (codes.INVALID, "charge_on")

    def test_what_is_skipped_cannot_be_moved(self, auto_pay: AutoPay, invoice_id):
        auto_pay.ask(command(SkipCharge, invoice_id))

        with pytest.raises(Refused, match=codes.WRONG_STATE):
            auto_pay.ask(command(MoveCharge, invoice_id))


class TestOptingIn:
    def test_an_invoice_of_before_is_charged_with_a_notice_of_three_days(self, auto_pay: AutoPay):
        before = auto_pay.send(due_on="2026-03-01")
        auto_pay.clock.at = at("2026-03-11")
        auto_pay.enroll()

        auto_pay.ask(OptInvoiceIn(customer_id=CUSTOMER, invoice_id=before, ip_address="203.0.113.9"))
        auto_pay.live_until(at("2026-03-20"))

        assert [told.charge_on for told in auto_pay.events(AutoPayChargeUpcoming)] == [date(2026, 3, 14)]
        assert auto_pay.charge(before).state == "paid"
        record = auto_pay.ask(ListAutoPayConsents(customer_id=CUSTOMER)).records[0]
        assert (record.action, record.invoice_id, record.ip_address) == ("invoice_opted_in", before, "203.0.113.9")

    def test_a_yes_to_one_invoice_above_the_maximum_is_a_yes_to_that_one(self, auto_pay: AutoPay):
        auto_pay.enroll(maximum_minor=1_000)
        wanted, other = auto_pay.send(due_on="2026-04-01"), auto_pay.send(due_on="2026-04-01")
        auto_pay.go_to(at("2026-03-29"))

        auto_pay.ask(command(OptInvoiceIn, wanted))
        auto_pay.live_until(at("2026-04-05"))

        assert (auto_pay.charge(wanted).state, auto_pay.charge(other).state) == ("paid", "above_maximum")

    def test_opting_in_twice_charges_once(self, auto_pay: AutoPay, invoice_id):
        for _ in range(3):
            auto_pay.ask(command(OptInvoiceIn, invoice_id))

        auto_pay.live_until(at("2026-04-20"))

        assert len(auto_pay.attempts(invoice_id)) == 1


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_neighbours_invoice_a_void_one_and_one_that_is_not_there_do_not_exist(auto_pay: AutoPay, invoice_id, kind):
    void = auto_pay.send()
    auto_pay.void(void)
    for wanted, customer_id in ((invoice_id, NEIGHBOUR), (void, CUSTOMER), ("nothing", CUSTOMER)):
        with pytest.raises(Refused, match=codes.NOT_FOUND):
            auto_pay.ask(command(kind, wanted, customer_id))


@pytest.mark.parametrize("kind", COMMANDS)
def test_nothing_of_it_works_while_auto_pay_is_off(auto_pay: AutoPay, invoice_id, kind):
    auto_pay.ask(CancelAutoPay(customer_id=CUSTOMER))

    with pytest.raises(Refused, match=codes.WRONG_STATE):
        auto_pay.ask(command(kind, invoice_id))
