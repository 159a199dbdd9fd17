"""Days are the business's own: around midnight, at the end of a month, and when its clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from contracts import billing as wire
from tests.support.billing import Billing, row, succeeded

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def at(billing: Billing, monkeypatch: pytest.MonkeyPatch):
    """Sets the clock to an instant written in UTC."""

    def set_clock(instant: str) -> None:
        monkeypatch.setattr(billing.system_clock, "now", lambda: datetime.fromisoformat(instant).replace(tzinfo=UTC))

    return set_clock


def test_sent_late_on_the_last_evening_of_a_month_is_owed_in_that_month(billing: Billing, at):
    invoice = billing.draft(5_000, issued_on=date(2026, 3, 31), due_on=date(2026, 3, 31))
    at("2026-04-01T03:59:59")
    billing.send(invoice)
    (event,) = billing.events(wire.InvoiceSent)
    assert event.effective_on == date(2026, 3, 31)
    assert event.sent_at == datetime(2026, 4, 1, 3, 59, 59, tzinfo=UTC)


def test_past_due_begins_at_the_businesss_midnight(billing: Billing, at):
    billing.sent(5_000, due_on=date(2026, 3, 31))
    at("2026-04-01T03:59:59")
    assert (billing.due().past_due_minor, billing.due().as_of) == (0, date(2026, 3, 31))
    at("2026-04-01T04:00:00")
    assert (billing.due().past_due_minor, billing.due().as_of) == (5_000, date(2026, 4, 1))


def test_a_void_and_its_credit_are_of_the_businesss_day(billing: Billing, at):
    invoice = billing.sent(5_000)
    billing.hear(succeeded(2_000, invoices=[(invoice, 0)]))
    at("2027-01-01T04:30:00")
    billing.void(invoice)
    (reversed_,), (voided,) = billing.events(wire.AllocationsReversed), billing.events(wire.InvoiceVoided)
    (credit,) = billing.events(wire.CreditCreated)
    assert {reversed_.effective_on, voided.effective_on, credit.effective_on} == {date(2026, 12, 31)}
    assert (voided.total_minor, credit.amount_minor) == (5_000, 2_000)


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 2, 28), date(2024, 2, 29)])
def test_an_imported_invoice_was_sent_on_its_day_also_when_the_clocks_change(billing: Billing, day: date):
    billing.imports(row("N1", issued_on=day, due_on=day), today=day)
    (event,) = billing.events(wire.InvoiceSent)
    assert event.effective_on == day
    assert event.sent_at.astimezone(NEW_YORK).date() == day
