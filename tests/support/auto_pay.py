"""A payments with auto-pay to test with: invoices are sent, cards saved, days go by; billing is played beside it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.database import Database
from chassis.ids import new_id
from contracts import payments as wire
from contracts.billing import AllocationsReversed, InvoiceSent, InvoiceVoided
from contracts.imports import Origin
from contracts.wire import Event
from services.payments.auto_pay_models import AutoPayAccount, Charge
from services.payments.domain.charge_dates import ChargeRules
from services.payments.models import Payment, SavedCard
from services.payments.operations.auto_pay import invoices
from tests.support.auto_pay_billing import LedgerBilling, Owed
from tests.support.payments import CUSTOMER, RULES, START, HandSetClock, Payments, enveloped

NEW_YORK = ZoneInfo("America/New_York")
CONSENT = "I agree that Green Acres may charge this card when an invoice is due."
_PAID = (wire.PaymentSucceeded, wire.PaymentFailed, wire.PaymentCancelled)


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    """An instant on the business's wall, 09:00 where nothing else is said."""
    return (
        datetime.combine(date.fromisoformat(day), datetime.min.time(), NEW_YORK)
        .replace(hour=hour, minute=minute)
        .astimezone(UTC)
    )


class AutoPay(Payments):
    """`billing` hears of payments, and payments of what it did with them, at each `work`."""

    def __init__(
        self, database: Database, *, clock: HandSetClock | None = None, rules: ChargeRules = RULES, **parts: Any
    ) -> None:
        self.ledger = LedgerBilling()
        super().__init__(database, billing=self.ledger, clock=clock or HandSetClock(START), rules=rules, **parts)
        self._told = 0
        self._numbers = 0

    # What happens.

    def save_card(self, method: str = "pm_works", *, customer_id: str = CUSTOMER, **values: Any) -> str:
        """A card is saved; how it is charged is in its name."""
        card_id = new_id()
        row = {
            "card_id": card_id,
            "customer_id": customer_id,
            "payment_method_id": method,
            "brand": "visa",
            "last4": "4242",
            "exp_month": 12,
            "exp_year": 2030,
            "is_default": False,
            "created_at": self.clock.at,
        }
        with self.database.transaction() as session:
            session.add(SavedCard(**(row | values)))
        return card_id

    def recharge(self, card_id: str, method: str, **values: Any) -> None:
        """The same card entered anew, or from now on charged like this one: money has come, or gone."""
        with self.database.transaction() as session:
            card = session.get_one(SavedCard, card_id)
            for name, value in {"payment_method_id": method, **values}.items():
                setattr(card, name, value)

    def enroll(self, method: str = "pm_works", *, card_id: str | None = None, **changes: Any) -> wire.AutoPayView:
        """Turn auto-pay on."""
        return self.ask(enrollment(card_id or self.save_card(method), **changes))

    def send(
        self,
        total_minor: int = 8_450,
        *,
        due_on: str = "2026-04-01",
        customer_id: str = CUSTOMER,
        heard: bool = True,
        origin: Origin = "portal",
        invoice_id: str | None = None,
    ) -> str:
        """An invoice is sent now, and payments hears of it unless it is to come late."""
        invoice_id = invoice_id or new_id()
        self._numbers += 1
        owed = Owed(
            invoice_id=invoice_id,
            customer_id=customer_id,
            number=f"INV-{self._numbers:06}",
            total_minor=total_minor,
            due_on=date.fromisoformat(due_on),
            sent_at=self.clock.at,
        )
        self.ledger.invoices[invoice_id] = owed
        if heard:
            self.hear_sent(invoice_id, origin=origin)
        return invoice_id

    def hear_sent(self, invoice_id: str, *, origin: Origin = "portal", recorded_at: datetime | None = None) -> None:
        """payments hears of an invoice that was sent."""
        event = sent_event(self.ledger.invoices[invoice_id], origin=origin)
        self.take(event, recorded_at=recorded_at or self.ledger.invoices[invoice_id].sent_at)

    def void(self, invoice_id: str) -> None:
        """An invoice is voided."""
        self.ledger.invoices[invoice_id].voided = True
        self.take(voided_event(self.ledger.invoices[invoice_id]))

    def pay_by_hand(self, invoice_id: str, amount_minor: int | None = None) -> None:
        """A credit, or money by other means, is put on an invoice."""
        amount_minor = amount_minor or self.ledger.invoices[invoice_id].open_minor
        self.take(self.ledger.credit(invoice_id, amount_minor))

    def take(self, *events: Event, recorded_at: datetime | None = None) -> None:
        """Let auto-pay's listeners take events in one transaction, as one batch of their inbox."""
        handlers = {
            "invoice_sent": self.service.invoice_sent,
            "invoice_voided": self.service.invoice_voided,
            "payment_allocated": self.service.payment_placed,
            "credit_applied": self.service.credit_applied,
            "allocations_reversed": self.service.allocations_reversed,
        }
        with self.database.transaction() as session:
            invoices.preload(session, events)  # type: ignore[arg-type]
            for event in events:
                envelope = enveloped(event, version=2, occurred_at=recorded_at or self.clock.at)
                handlers[event.fact](session, event, envelope)

    def charge_due(self) -> None:
        """The workers of auto-pay do all that is due, and billing hears of what came of it."""
        for _ in range(200):
            busy = self.service.charge_due()
            busy = self.service.tell_expiring() or busy
            if not busy:
                break
        else:
            raise AssertionError("the workers find no end")
        self.converse()

    def work(self) -> None:
        """All workers."""
        super().work()
        self.charge_due()

    def converse(self) -> None:
        """billing hears of payments that ended, and payments of what became of their money."""
        for event in [event for kind in _PAID for event in self.events(kind)]:
            self.ledger.hear(event)
        new, self._told = self.ledger.told[self._told :], len(self.ledger.told)
        if new:
            self.take(*new)

    def go_to(self, instant: datetime) -> None:
        """Time passes until then, and the workers work."""
        self.clock.at = instant
        self.work()

    def live_until(self, instant: datetime) -> None:
        """Time passes, the workers working each morning at nine and in the end."""
        while self.clock.at < instant:
            today = self.clock.at.astimezone(NEW_YORK).date()
            mornings = (at(day.isoformat()) for day in (today, today + timedelta(days=1)))
            self.go_to(min(instant, next(morning for morning in mornings if morning > self.clock.at)))

    # What is to be seen.

    def view(self, customer_id: str = CUSTOMER) -> wire.AutoPayView:
        """What the customer sees."""
        return self.ask(wire.GetAutoPay(customer_id=customer_id))

    def charge(self, invoice_id: str) -> Charge:
        """A charge as it is stored."""
        with self.database.read() as session:
            return session.get_one(Charge, invoice_id)

    def account(self, customer_id: str = CUSTOMER) -> AutoPayAccount:
        """The account as it is stored."""
        with self.database.read() as session:
            return session.get_one(AutoPayAccount, customer_id)

    def attempts(self, invoice_id: str) -> Sequence[Payment]:
        """The payments made for an invoice by themselves, the oldest first, without those that never began."""
        query = select(Payment).where(Payment.auto_invoice_id == invoice_id, Payment.auto_attempt.is_not(None))
        with self.database.read() as session:
            return session.scalars(query.order_by(Payment.payment_id)).all()


def enrollment(card_id: str, **changes: Any) -> wire.EnrollAutoPay:
    """A customer's yes."""
    values: dict[str, Any] = {
        "key": "enrollment-1",
        "customer_id": CUSTOMER,
        "card_id": card_id,
        "consent_text": CONSENT,
        "consent_version": "2026-11",
        "ip_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
    }
    return wire.EnrollAutoPay(**(values | changes))


def sent_event(owed: Owed, *, origin: Origin = "portal") -> InvoiceSent:
    """billing tells of an invoice."""
    return InvoiceSent(
        invoice_id=owed.invoice_id,
        customer_id=owed.customer_id,
        number=owed.number,
        currency="USD",
        total_minor=owed.total_minor,
        issued_on=owed.sent_at.date(),
        due_on=owed.due_on,
        sent_at=owed.sent_at,
        effective_on=owed.sent_at.date(),
        lines=[],
        memo="",
        origin=origin,
    )


def voided_event(owed: Owed) -> InvoiceVoided:
    """billing tells of a void."""
    return InvoiceVoided(
        invoice_id=owed.invoice_id,
        customer_id=owed.customer_id,
        number=owed.number,
        currency="USD",
        total_minor=owed.total_minor,
        was_sent=True,
        reason="",
        effective_on=owed.due_on,
        origin="portal",
    )


def reversed_event(owed: Owed, facts: list[Any]) -> AllocationsReversed:
    """billing tells that money was taken back."""
    return AllocationsReversed(
        reversal_id=new_id(),
        invoice_id=owed.invoice_id,
        customer_id=owed.customer_id,
        currency="USD",
        allocations=facts,
        reason="refund",
        effective_on=owed.due_on,
        origin="portal",
    )
