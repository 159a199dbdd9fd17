"""Money of a payment has left again: it is taken from where it was, and what it had paid is open again.

Rule (product, "refund" and "dispute"): the payment's unspent credit first, then where spent credit went, then its
direct allocations, the newest first. After an invoice was voided its money lies in other credits: those come last.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.outbox import NewEvent, record_many
from contracts.billing import CreditPart
from contracts.payments import MoneyRestored, MoneyReturned
from services.billing import events, store
from services.billing.domain.allocation import Allocation, effective_day, oldest_due_first, spread
from services.billing.domain.credit import Credit
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import OwnerRules
from services.billing.models import ReturnRow, SentBackRow
from services.billing.operations.crediting import auto_apply, open_credit, put_credit

_REASONS = {"refund": "A payment was refunded", "dispute": "A payment was disputed"}


def take_back(session: Session, returned: MoneyReturned, *, rules: OwnerRules, at: datetime) -> None:
    """Take returned money from where it is, once a return id, before or after anything else that is heard of it."""
    store.lock_account(session, returned.customer_id)
    row = store.return_of(session, returned.return_id)
    if row is not None:
        # Taken already, or what was returned came back before this was heard: then both change nothing.
        return
    is_received = store.is_received(session, returned.payment_id)
    row = ReturnRow(
        return_id=returned.return_id,
        payment_id=returned.payment_id,
        customer_id=returned.customer_id,
        kind=returned.kind,
        state="taken" if is_received else "waiting",
        amount_minor=returned.amount_minor,
        effective_on=returned.effective_on,
        created_at=at,
        reopened=[],
    )
    session.add(row)
    session.flush()
    if is_received:
        _take(session, row, returned, rules=rules, at=at)


def restore(session: Session, restored: MoneyRestored, *, rules: OwnerRules, at: datetime) -> None:
    """Put restored money on what its return reopened, as far as that is open; the rest becomes credit."""
    store.lock_account(session, restored.customer_id)
    row = store.return_of(session, restored.return_id)
    if row is None:
        # Before the return itself: together they are nothing.
        row = ReturnRow(
            return_id=restored.return_id,
            payment_id=restored.payment_id,
            customer_id=restored.customer_id,
            kind=restored.kind,
            state="restored",
            amount_minor=restored.amount_minor,
            effective_on=restored.effective_on,
            created_at=at,
            reopened=[],
        )
        session.add(row)
        return
    was, row.state = row.state, "restored"
    if was != "taken":
        return
    credit, created = open_credit(
        session,
        kind="restored_payment",
        customer_id=restored.customer_id,
        currency=restored.currency,
        amount_minor=restored.amount_minor,
        granted_on=restored.effective_on,
        source_id=restored.return_id,
        reason="Money that had been returned came back",
        origin="portal",
        at=at,
    )
    owed, being_paid = store.open_invoices(session, [restored.customer_id])
    reopened = [
        invoice
        for invoice in oldest_due_first(owed)
        if invoice.invoice_id in row.reopened and invoice.invoice_id not in being_paid
    ]
    shares = [(share.target, share.amount_minor) for share in spread(credit.amount_minor, reopened)]
    recorded = [created, *put_credit(session, credit, shares, at=at)]
    recorded += auto_apply(session, [restored.customer_id], rules=rules, origin="portal", at=at)
    record_many(session, recorded)


def catch_up(session: Session, payment_id: str, *, currency: str, rules: OwnerRules, at: datetime) -> None:
    """Take what was returned of a payment before it was heard of."""
    for row in store.waiting_returns(session, payment_id):
        row.state = "taken"
        returned = MoneyReturned(
            return_id=row.return_id,
            payment_id=row.payment_id,
            customer_id=row.customer_id,
            currency=currency,
            amount_minor=row.amount_minor,
            kind=row.kind,
            effective_on=row.effective_on,
            card_brand=None,
            card_last4=None,
        )
        _take(session, row, returned, rules=rules, at=at)


@dataclass
class _Taking:
    """What has been taken so far, and what is still to be."""

    left_minor: int
    credits: list[Credit] = field(default_factory=list)
    parts: list[CreditPart] = field(default_factory=list)
    reversed: list[Allocation] = field(default_factory=list)
    kept_minor: int = 0

    def from_credit(self, credit: Credit) -> None:
        part_minor = min(self.left_minor, credit.open_minor)
        if part_minor > 0:
            credit.use(part_minor)
            self.left_minor -= part_minor
            self.credits.append(credit)
            self.parts.append(CreditPart(credit_id=credit.credit_id, amount_minor=part_minor))

    def from_allocation(self, allocation: Allocation) -> None:
        if self.left_minor > 0:
            # Reversed whole: allocations are never changed. What is more than was returned stays on the invoice.
            self.reversed.append(allocation)
            self.kept_minor = max(0, allocation.amount_minor - self.left_minor)
            self.left_minor = max(0, self.left_minor - allocation.amount_minor)


def _take(session: Session, row: ReturnRow, returned: MoneyReturned, *, rules: OwnerRules, at: datetime) -> None:
    taking = _Taking(left_minor=returned.amount_minor)
    seen: set[str] = set()
    for source in _sources(session, returned):
        if taking.left_minor == 0:
            break
        name = source.credit_id if isinstance(source, Credit) else source.allocation_id
        if name in seen:
            continue
        seen.add(name)
        if isinstance(source, Credit):
            taking.from_credit(source)
        else:
            taking.from_allocation(source)
    if taking.left_minor:
        raise ValueError(f"return {returned.return_id}: {taking.left_minor} of it is nowhere to be found")
    recorded, reopened = _reverse(session, returned, taking, at)
    store.save_credits(session, taking.credits)
    session.add_all(
        SentBackRow(
            credit_id=part.credit_id,
            return_id=returned.return_id,
            amount_minor=part.amount_minor,
            effective_on=returned.effective_on,
        )
        for part in taking.parts
    )
    row.reopened = [invoice.invoice_id for invoice in reopened]
    session.flush()
    recorded.append(events.payment_taken_back(returned, credits=taking.parts, reopened=reopened))
    # Other credits may wait, and something is open again.
    recorded += auto_apply(session, [returned.customer_id], rules=rules, origin="portal", at=at)
    record_many(session, recorded)


def _sources(session: Session, returned: MoneyReturned) -> Iterator[Credit | Allocation]:
    # What stayed where it was when another part was returned came from the payment too.
    ids = [returned.payment_id, *store.return_ids(session, returned.payment_id)]
    own = store.credits_of(session, returned.customer_id, ids)
    yield from own
    yield from store.allocations_of(session, [credit.credit_id for credit in own])
    yield from store.allocations_of(session, [returned.payment_id])
    yield from sorted(
        store.open_credits(session, [returned.customer_id]), key=lambda credit: (credit.granted_on, credit.credit_id)
    )
    yield from store.allocations_for(session, returned.customer_id)


def _reverse(
    session: Session, returned: MoneyReturned, taking: _Taking, at: datetime
) -> tuple[list[NewEvent], list[Invoice]]:
    """Reverse the allocations, an event for each invoice, and put back on the last one what was not returned of it."""
    if not taking.reversed:
        return [], []
    ids = list(dict.fromkeys(allocation.invoice_id for allocation in taking.reversed))
    found = store.invoices_by_id(session, ids)
    invoices = [found[invoice_id] for invoice_id in ids]
    recorded = []
    for invoice in invoices:
        parts = [allocation for allocation in taking.reversed if allocation.invoice_id == invoice.invoice_id]
        reversal_id = new_id()
        for allocation in parts:
            allocation.reverse(reversal_id=reversal_id, at=at)
            invoice.take_back(allocation.amount_minor)
        recorded.append(
            events.allocations_reversed(
                invoice,
                parts,
                reversal_id=reversal_id,
                reason=_REASONS[returned.kind],
                effective_on=max(returned.effective_on, *(part.effective_on for part in parts)),
            )
        )
    store.save_allocations(session, taking.reversed)
    store.save_invoices(session, invoices)
    if taking.kept_minor:
        last = found[taking.reversed[-1].invoice_id]
        credit, created = open_credit(
            session,
            kind="reversed_payment",
            customer_id=returned.customer_id,
            currency=returned.currency,
            amount_minor=taking.kept_minor,
            granted_on=effective_day(returned.effective_on, last),
            source_id=returned.return_id,
            reason="The part of a payment that was not returned",
            origin="portal",
            at=at,
        )
        recorded += [created, *put_credit(session, credit, [(last, taking.kept_minor)], at=at)]
    return recorded, [invoice for invoice in invoices if invoice.open_minor]
