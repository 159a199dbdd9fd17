"""Whether billing and payments, as they stand now, agree with the ledger and with each other.

They are asked one after the other while customers pay, so a difference counts only when it is seen at every one of
several looks, with time between them for the events on their way.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from operator import attrgetter
from typing import Any, TypeVarTuple

from sqlalchemy import Row, Select, select

from chassis.database import Database
from contracts.balance import DifferenceKind
from contracts.billing import AllocatedPayment
from contracts.payments import SucceededPayment
from services.billing.balance.findings import Findings
from services.billing.balance.models import AccountRow, OpenItemRow
from services.billing.balance.owners import Owners

LOOKS = 3
PAGE = 500
MOST_SUSPECTS = 10_000
"""Beyond these nobody needs to know each: the rest shows when they are mended."""

Columns = TypeVarTuple("Columns")
Suspects = dict[tuple[DifferenceKind, str], str]


def compare(database: Database, owners: Owners, findings: Findings, *, pause_s: float) -> None:
    """Add what differs at every look: open amounts of invoices, credits that are left, payments not dealt with."""
    suspects = _look(database, owners)
    for _ in range(LOOKS - 1):
        if not suspects:
            return
        time.sleep(pause_s)
        now = _look(database, owners)
        suspects = {key: now[key] for key in suspects if key in now}
    for (kind, _), message in suspects.items():
        findings.add(kind, message)


def side_by_side(left: Iterable[Any], right: Iterable[Any], *, by: str) -> Iterator[tuple[Any, Any]]:
    """Pair up two iterables in the order of their attribute `by`; who has no counterpart comes with None."""
    key = attrgetter(by)
    lefts, rights = iter(left), iter(right)
    here, there = next(lefts, None), next(rights, None)
    while here is not None or there is not None:
        comes_first = there is None or (here is not None and key(here) < key(there))
        comes_last = here is None or (there is not None and key(there) < key(here))
        yield (None if comes_last else here), (None if comes_first else there)
        here = here if comes_last else next(lefts, None)
        there = there if comes_first else next(rights, None)


def _look(database: Database, owners: Owners) -> Suspects:
    differences = chain(_open_amounts(database, owners), _open_credits(database, owners), _payments(owners))
    return dict(islice(differences, MOST_SUSPECTS))


def _open_amounts(database: Database, owners: Owners) -> Iterator[tuple[tuple[DifferenceKind, str], str]]:
    for billed, item in side_by_side(owners.open_amounts(), _open_items(database), by="invoice_id"):
        known = billed or item
        in_billing = billed.open_minor if billed else 0
        in_ledger = item.open_minor if item else 0
        if in_billing != in_ledger:
            number = f"{billed.number} " if billed else ""
            yield (
                ("open_amount", known.invoice_id),
                f"invoice {number}{known.invoice_id} of customer {known.customer_id}:"
                f" {in_billing} is open in billing, {in_ledger} in the ledger",
            )


def _open_items(database: Database) -> Iterator[Row[str, str, int]]:
    query = select(OpenItemRow.invoice_id, OpenItemRow.customer_id, OpenItemRow.open_minor)
    return _in_pages(database, query.where(OpenItemRow.open_minor != 0), by=OpenItemRow.invoice_id)


def _open_credits(database: Database, owners: Owners) -> Iterator[tuple[tuple[DifferenceKind, str], str]]:
    for left, account in side_by_side(owners.open_credits(), _accounts_with_credit(database), by="customer_id"):
        known = left or account
        in_billing = left.open_minor if left else 0
        in_ledger = account.credit_minor if account else 0
        if in_billing != in_ledger:
            yield (
                # By the difference too: of somebody who pays all the time another one is seen at each look.
                ("open_credits", f"{known.customer_id} {in_billing - in_ledger}"),
                f"credits of customer {known.customer_id}: {in_billing} is left in billing, {in_ledger} in the ledger",
            )


def _accounts_with_credit(database: Database) -> Iterator[Row[str, int]]:
    query = select(AccountRow.customer_id, AccountRow.credit_minor).where(AccountRow.credit_minor != 0)
    return _in_pages(database, query, by=AccountRow.customer_id)


def _in_pages(database: Database, query: Select[str, *Columns], *, by: Any) -> Iterator[Row[str, *Columns]]:
    """Every row of a query in the order of its first column, which is `by`, in a transaction a page."""
    after: str | None = ""
    while after is not None:
        with database.read() as session:
            rows = session.execute(query.where(by > after).order_by(by).limit(PAGE)).all()
        yield from rows
        after = rows[-1][0] if len(rows) == PAGE else None


def _payments(owners: Owners) -> Iterator[tuple[tuple[DifferenceKind, str], str]]:
    for received, dealt_with in side_by_side(owners.succeeded_payments(), owners.allocated_payments(), by="payment_id"):
        if problem := _problem(received, dealt_with):
            known = received or dealt_with
            yield (
                ("payment", known.payment_id),
                f"payment {known.payment_id} of customer {known.customer_id}: {problem}",
            )


def _problem(received: SucceededPayment | None, dealt_with: AllocatedPayment | None) -> str | None:
    if dealt_with is None:
        return f"{received.amount_minor} was received, billing has not allocated it" if received else None
    if received is None:
        return f"billing has allocated {dealt_with.amount_minor}, no such payment was received"
    received_minor, placed_minor = received.amount_minor, dealt_with.placed_minor
    if received_minor != dealt_with.amount_minor:
        return f"{received_minor} was received, billing has allocated {dealt_with.amount_minor}"
    if received_minor != placed_minor:
        return f"{received_minor} was received, billing has put {placed_minor} on invoices and credits"
    return None
