"""Credits: granting them, and putting open ones on invoices."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from chassis.idempotency import once
from chassis.ids import new_id
from chassis.outbox import NewEvent, record_many
from contracts import codes
from contracts.billing import CreateCredit, CreditKind, CreditView
from contracts.imports import Origin
from contracts.wire import Refused
from services.billing import events, queries, store
from services.billing.domain import limits
from services.billing.domain.allocation import Allocation, CreditShare, effective_day, share_credits
from services.billing.domain.credit import Credit
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import Moment, OwnerRules

Item = TypeVar("Item", Credit, Invoice)


def create_credit(session: Session, command: CreateCredit, *, rules: OwnerRules, moment: Moment) -> CreditView:
    """Grant a goodwill credit, once per key; with auto-apply on it goes to the oldest due invoice at once."""
    limits.check_id(command.customer_id, "customer_id")
    limits.check_currency(command.currency, rules.currency)
    limits.check_amount(command.amount_minor, "amount_minor")
    limits.check_text(command.reason, "reason")
    granted_on = command.granted_on or moment.today
    if not limits.EARLIEST <= granted_on <= moment.today:
        raise Refused(codes.INVALID, "A credit cannot be granted on that day.", field="granted_on")
    store.lock_account(session, command.customer_id)
    return once(session, command.key, command, lambda: _grant(session, command, granted_on, rules, moment))


def open_credit(
    session: Session,
    *,
    kind: CreditKind,
    customer_id: str,
    currency: str,
    amount_minor: int,
    granted_on: date,
    source_id: str | None,
    reason: str,
    origin: Origin,
    at: datetime,
) -> tuple[Credit, NewEvent]:
    """Write a new credit and return it with the event that says so. The account is locked."""
    credit = Credit(
        credit_id=new_id(),
        customer_id=customer_id,
        kind=kind,
        currency=currency,
        amount_minor=amount_minor,
        granted_on=granted_on,
        created_at=at,
        reason=reason,
        source_id=source_id,
        origin=origin,
    )
    created = events.credit_created(credit)
    store.insert_credit(session, credit)
    return credit, created


def auto_apply(
    session: Session, customer_ids: Collection[str], *, rules: OwnerRules, origin: Origin, at: datetime
) -> list[NewEvent]:
    """Put open credits on open invoices, oldest credit to oldest due invoice, skipping held ones.

    Does nothing when the owner has switched it off. The accounts are locked. Returns the events to record.
    """
    if not rules.auto_apply_credits:
        return []
    credits = _by_customer(store.open_credits(session, customer_ids))
    if not credits:
        return []
    invoices, being_paid = store.open_invoices(session, credits)
    owed = _by_customer(invoices)
    shares = [
        share
        for customer_id in credits
        for share in share_credits(credits[customer_id], owed[customer_id], being_paid=being_paid)
    ]
    return put_credits(session, shares, origin=origin, at=at)


def put_credits(
    session: Session, shares: Sequence[CreditShare], *, origin: Origin, at: datetime, not_before: date | None = None
) -> list[NewEvent]:
    """Write what was put where, an event a credit; returned, not recorded. The accounts are locked.

    It counts from the later of the credit's and the invoice's day, and from `not_before` where that is later still.
    """
    allocations: dict[str, list[Allocation]] = defaultdict(list)
    for share in shares:
        day = effective_day(max(share.credit.granted_on, not_before or share.credit.granted_on), share.target)
        allocations[share.credit.credit_id].append(
            Allocation(
                allocation_id=new_id(),
                source="credit",
                source_id=share.credit.credit_id,
                customer_id=share.credit.customer_id,
                invoice_id=share.target.invoice_id,
                invoice_number=share.target.number,
                amount_minor=share.amount_minor,
                effective_on=day,
                created_at=at,
            )
        )
    credits = {share.credit.credit_id: share.credit for share in shares}
    applied = [
        events.credit_applied(credits[credit_id], parts, origin=origin) for credit_id, parts in allocations.items()
    ]
    store.insert_allocations(session, [part for parts in allocations.values() for part in parts])
    store.save_credits(session, list(credits.values()))
    store.save_invoices(session, list({share.target.invoice_id: share.target for share in shares}.values()))
    return applied


def put_credit(
    session: Session, credit: Credit, shares: Sequence[tuple[Invoice, int]], *, at: datetime
) -> list[NewEvent]:
    """Put parts of a credit on chosen invoices. The account is locked. Returns the events to record."""
    put = []
    for invoice, amount_minor in shares:
        credit.use(amount_minor)
        invoice.put(amount_minor)
        put.append(CreditShare(credit=credit, target=invoice, amount_minor=amount_minor))
    return put_credits(session, put, origin="portal", at=at) if put else []


def _grant(session: Session, command: CreateCredit, granted_on: date, rules: OwnerRules, moment: Moment) -> CreditView:
    credit, created = open_credit(
        session,
        kind="goodwill",
        customer_id=command.customer_id,
        currency=command.currency,
        amount_minor=command.amount_minor,
        granted_on=granted_on,
        source_id=None,
        reason=command.reason,
        origin=command.origin,
        at=moment.now,
    )
    applied = auto_apply(session, [command.customer_id], rules=rules, origin=command.origin, at=moment.now)
    record_many(session, [created, *applied])
    return queries.credit_view(session, credit.credit_id)


def _by_customer(items: Sequence[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.customer_id].append(item)
    return found
