"""What billing tells of invoices, in any order: what is open, what is to be charged, what is not any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from contracts.billing import (
    AllocationFact,
    AllocationsReversed,
    CreditApplied,
    InvoiceSent,
    InvoiceVoided,
    PaymentAllocated,
)
from services.payments.auto_pay_models import Allocation, AutoPayAccount, Charge, Invoice
from services.payments.domain import charge_states
from services.payments.domain.charge_dates import ChargeRules
from services.payments.operations.auto_pay import accounts, charges

AnyEvent = InvoiceSent | InvoiceVoided | PaymentAllocated | CreditApplied | AllocationsReversed
Putting = PaymentAllocated | CreditApplied

_INVOICES = select(Invoice).where(Invoice.invoice_id.in_(bindparam("ids", expanding=True)))
_CHARGES = (
    select(Charge)
    .where(Charge.invoice_id.in_(bindparam("ids", expanding=True)))
    .order_by(Charge.invoice_id)
    # Who brings a payment's outcome does not lock the account.
    .with_for_update()
)
_ALLOCATIONS = select(Allocation).where(Allocation.allocation_id.in_(bindparam("ids", expanding=True)))


@dataclass
class _Loaded:
    """What is known in a transaction; those made in it are here too: the session would not find them unflushed."""

    accounts: dict[str, AutoPayAccount] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    allocations: dict[str, Allocation] = field(default_factory=dict)


def preload(session: Session, events: Sequence[AnyEvent]) -> None:
    """Lock the accounts of a whole batch and load what its events are about, with one query a table."""
    loaded = _loaded(session)
    customer_ids = {event.customer_id for event in events} - loaded.accounts.keys()
    if customer_ids:
        loaded.accounts |= accounts.all_locked(session, customer_ids)
    ids = {"ids": sorted({invoice_id for event in events for invoice_id in _invoice_ids(event)})}
    # The accounts are locked: no other listener changes these.
    loaded.invoices = {row.invoice_id: row for row in session.scalars(_INVOICES, ids)} | loaded.invoices
    loaded.charges = {row.invoice_id: row for row in session.scalars(_CHARGES, ids)} | loaded.charges
    ids = {"ids": sorted({fact.allocation_id for event in events for fact in _facts(event)})}
    if ids["ids"]:
        loaded.allocations = {row.allocation_id: row for row in session.scalars(_ALLOCATIONS, ids)} | loaded.allocations


def invoice_sent(session: Session, event: InvoiceSent, *, recorded_at: datetime, rules: ChargeRules) -> None:
    """An invoice is owed from now on; with auto-pay it is charged, if the customer's word covers it."""
    invoice = _invoice(session, event.invoice_id, event.customer_id)
    if invoice.known:
        return
    invoice.known, invoice.number, invoice.origin = True, event.number, event.origin
    invoice.total_minor, invoice.due_on, invoice.sent_at = event.total_minor, event.due_on, event.sent_at
    account = _loaded(session).accounts[event.customer_id]
    if account.state == "off" or account.covers_since is None or not invoice.open_minor:
        return
    if event.invoice_id in _loaded(session).charges:
        # Reopened before it was heard of as sent: it stays left until the customer opts it in.
        return
    charge = _charge(session, invoice)
    was_before = recorded_at < account.covers_since
    if account.includes_balance if was_before else event.origin == "portal":
        cover(session, charge, invoice, account=account, rules=rules)


def cover(session: Session, charge: Charge, invoice: Invoice, *, account: AutoPayAccount, rules: ChargeRules) -> None:
    """Charge an open invoice on its day."""
    if invoice.due_on is None or invoice.sent_at is None:
        raise ValueError(f"invoice {invoice.invoice_id} has no dates yet")
    charge_on = rules.charge_on(due_on=invoice.due_on, sent_on=rules.date_of(invoice.sent_at))
    # A yes of before, to a charge above the maximum, was not to this one.
    charge.is_above_maximum_agreed = False
    charges.schedule(session, charge, charge_on=charge_on, rules=rules)
    if account.state != "on":
        charges.sleep(charge)


def invoice_voided(session: Session, event: InvoiceVoided) -> None:
    """It counts no longer: nothing is charged for it, also where it is heard of as sent only later."""
    invoice = _invoice(session, event.invoice_id, event.customer_id)
    invoice.voided = True
    charge = _loaded(session).charges.get(event.invoice_id)
    if charge is not None and charge.state not in ("charging", "paid"):
        charges.rest(charge, "void")


def money_placed(session: Session, event: Putting) -> None:
    """Money was put on invoices: those that nothing is open on are not charged."""
    for fact in event.allocations:
        if fact.allocation_id in _loaded(session).allocations:
            # Taken back before it was heard of.
            continue
        invoice = _invoice(session, fact.invoice_id, event.customer_id)
        _allocation(session, fact, is_reversed=False)
        invoice.placed_minor += fact.amount_minor
        charge = _loaded(session).charges.get(fact.invoice_id)
        if charge is not None and invoice.known and not invoice.open_minor:
            settle(charge)


def settle(charge: Charge) -> None:
    """Nothing is open on the invoice: it was paid otherwise. What is on its way goes on to its outcome."""
    if charge.state in charge_states.TRIED | charge_states.RESTING:
        charges.rest(charge, "settled")


def allocations_reversed(session: Session, event: AllocationsReversed) -> None:
    """Money was taken back: the invoice leaves auto-pay until the customer opts it in again."""
    invoice = _invoice(session, event.invoice_id, event.customer_id)
    for fact in event.allocations:
        known = _loaded(session).allocations.get(fact.allocation_id)
        if known is None:
            _allocation(session, fact, is_reversed=True)
        elif not known.reversed:
            known.reversed = True
            invoice.placed_minor -= fact.amount_minor
    account = _loaded(session).accounts[event.customer_id]
    charge = _loaded(session).charges.get(event.invoice_id)
    if charge is None and (not invoice.known or (account.state != "off" and invoice.open_minor)):
        charge = _charge(session, invoice)
    if charge is not None and charge.state == "charging":
        # What is on its way goes on to its outcome; nothing follows it by itself.
        charge.is_reopened = True
    elif charge is not None and charge.state != "void":
        charges.rest(charge, "left")


def _loaded(session: Session) -> _Loaded:
    found: _Loaded = session.info.setdefault("auto_pay", _Loaded())
    return found


def _invoice(session: Session, invoice_id: str, customer_id: str) -> Invoice:
    known = _loaded(session).invoices
    if invoice_id not in known:
        known[invoice_id] = Invoice(
            invoice_id=invoice_id,
            customer_id=customer_id,
            known=False,
            voided=False,
            number="",
            total_minor=0,
            placed_minor=0,
            origin="portal",
        )
        session.add(known[invoice_id])
    return known[invoice_id]


def _charge(session: Session, invoice: Invoice) -> Charge:
    known = _loaded(session).charges
    if invoice.invoice_id not in known:
        known[invoice.invoice_id] = charges.new(invoice)
        session.add(known[invoice.invoice_id])
    return known[invoice.invoice_id]


def _allocation(session: Session, fact: AllocationFact, *, is_reversed: bool) -> None:
    row = Allocation(
        allocation_id=fact.allocation_id,
        invoice_id=fact.invoice_id,
        amount_minor=fact.amount_minor,
        reversed=is_reversed,
    )
    _loaded(session).allocations[fact.allocation_id] = row
    session.add(row)


def _facts(event: AnyEvent) -> Iterable[AllocationFact]:
    return () if isinstance(event, InvoiceSent | InvoiceVoided) else event.allocations


def _invoice_ids(event: AnyEvent) -> set[str]:
    own = {event.invoice_id} if isinstance(event, InvoiceSent | InvoiceVoided | AllocationsReversed) else set()
    return own | {fact.invoice_id for fact in _facts(event)}
