"""The account rows: the first lock of everything that changes a customer's invoices, credits or holds."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.billing.models import AccountRow
from services.billing.store.rows import insert_ignoring_conflicts, is_postgres

_LOCKED = "locked_accounts"

_ROWS = select(AccountRow.customer_id).where(AccountRow.customer_id.in_(bindparam("customer_ids", expanding=True)))
_LOCK = _ROWS.with_for_update()
# Byte by byte, as Python sorts the missing ones and the chassis sorts a batch of events.
_LOCK_IN_ORDER = _ROWS.order_by(AccountRow.customer_id.collate("C")).with_for_update()


def lock_account(session: Session, customer_id: str) -> None:
    """Lock one customer's account until the transaction ends; a customer's first time makes the row."""
    lock_accounts(session, [customer_id])


def lock_accounts(session: Session, customer_ids: Collection[str]) -> None:
    """Lock many accounts with one query, always in the same order, so that two of these never wait in a ring.

    What this transaction has locked already costs nothing. SQLite has one writer for the whole file, which is the
    lock there.
    """
    locked: set[str] = session.info.setdefault(_LOCKED, set())
    wanted = sorted(set(customer_ids) - locked)
    if not wanted:
        return
    known = set(session.scalars(_ROWS if len(wanted) > 1 else _LOCK, {"customer_ids": wanted}))
    missing = [customer_id for customer_id in wanted if customer_id not in known]
    if missing:
        # Before the lock below: inserting while holding locks on others could close a ring.
        session.execute(
            insert_ignoring_conflicts(session, AccountRow),
            [{"customer_id": customer_id} for customer_id in missing],
        )
    if is_postgres(session) and (missing or len(wanted) > 1):
        session.execute(_LOCK_IN_ORDER, {"customer_ids": wanted})
    locked.update(wanted)
