"""Applying credits by the customer's own wish: where auto-apply is off, and for what it could not place."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.idempotency import once
from chassis.outbox import NewEvent, record_many
from contracts import codes
from contracts.billing import AllocationView, AppliedCredits, ApplyCredits, CreditApplied
from contracts.wire import Refused
from services.billing import store
from services.billing.domain import limits
from services.billing.domain.allocation import share_credits
from services.billing.domain.credit import Credit
from services.billing.domain.rules import Moment, OwnerRules
from services.billing.operations.crediting import put_credits


def apply_credits(session: Session, command: ApplyCredits, *, rules: OwnerRules, moment: Moment) -> AppliedCredits:
    """Put open credits on open invoices, once per key; what is applied counts from today.

    Less than was asked for is applied where less is open by now: no money moves, so the customer loses nothing by it.
    """
    limits.check_id(command.customer_id, "customer_id")
    limits.check_currency(command.currency, rules.currency)
    limits.check_amount(command.amount_minor, "amount_minor")
    limits.check_row_count(command.invoice_ids or (), "invoice_ids")
    limits.check_row_count(command.credit_ids or (), "credit_ids")
    store.lock_account(session, command.customer_id)
    return once(session, command.key, command, lambda: _apply(session, command, rules, moment))


def invoices_meant(session: Session, customer_id: str, invoice_ids: Sequence[str] | None) -> store.Owed:
    """The customer's invoices with these ids, or all that are open; `not_found` when one is not the customer's."""
    if invoice_ids is None:
        return store.open_invoices(session, [customer_id])
    limits.check_row_count(invoice_ids, "invoice_ids")
    chosen = store.chosen_invoices(session, customer_id, set(invoice_ids))
    if len(chosen.invoices) < len(set(invoice_ids)):
        raise Refused(codes.NOT_FOUND, "There is no such invoice.")
    return chosen


def _apply(session: Session, command: ApplyCredits, rules: OwnerRules, moment: Moment) -> AppliedCredits:
    meant = invoices_meant(session, command.customer_id, command.invoice_ids)
    credits = store.open_credits(session, [command.customer_id])
    shares = share_credits(
        _chosen(session, command, credits),
        [invoice for invoice in meant.invoices if invoice.open_minor],
        being_paid=meant.being_paid,
        most_minor=command.amount_minor,
    )
    applied = put_credits(session, shares, origin="portal", at=moment.now, not_before=moment.today)
    record_many(session, applied)
    return AppliedCredits(
        customer_id=command.customer_id,
        currency=rules.currency,
        applied_minor=sum(share.amount_minor for share in shares),
        allocations=[view for event in applied for view in _views(event)],
        credits_minor=sum(credit.open_minor for credit in credits),
        held=[
            invoice.number
            for invoice in meant.invoices
            if invoice.open_minor and invoice.invoice_id in meant.being_paid
        ][: limits.MOST_ROWS],
    )


def _chosen(session: Session, command: ApplyCredits, credits: list[Credit]) -> list[Credit]:
    if command.credit_ids is None:
        return credits
    wanted = set(command.credit_ids)
    found = store.credits_by_id(session, wanted).values()
    if len(wanted) > sum(credit.customer_id == command.customer_id for credit in found):
        raise Refused(codes.NOT_FOUND, "There is no such credit.")
    return [credit for credit in credits if credit.credit_id in wanted]


def _views(applied: NewEvent) -> list[AllocationView]:
    event = applied.event
    if not isinstance(event, CreditApplied):
        raise TypeError(f"{event.event_name} applies no credit")
    return [
        AllocationView(
            allocation_id=part.allocation_id,
            source="credit",
            source_id=event.credit_id,
            invoice_id=part.invoice_id,
            invoice_number=part.invoice_number,
            amount_minor=part.amount_minor,
            effective_on=part.effective_on,
        )
        for part in event.allocations
    ]
