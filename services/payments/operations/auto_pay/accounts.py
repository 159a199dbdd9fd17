"""The account: the first lock of every change, and whose events auto-pay's are."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis import outbox
from contracts import codes
from contracts.wire import Event, Refused
from services.payments.auto_pay_models import AutoPayAccount

# Built once: how a statement compiles is remembered with it.
_INSERTED = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(AutoPayAccount.__table__).on_conflict_do_nothing()
    for dialect in (postgresql, sqlite)
}
_LOCKED = (
    select(AutoPayAccount)
    .where(AutoPayAccount.customer_id.in_(bindparam("customer_ids", expanding=True)))
    .order_by(AutoPayAccount.customer_id)
    .with_for_update()
)


def locked(session: Session, customer_id: str) -> AutoPayAccount:
    """The customer's account, locked, made where there was none."""
    return all_locked(session, [customer_id])[customer_id]


def all_locked(session: Session, customer_ids: Collection[str]) -> dict[str, AutoPayAccount]:
    """The customers' accounts by customer, all locked, made where there were none."""
    wanted = sorted(set(customer_ids))
    accounts = _locked(session, wanted)
    missing = [customer_id for customer_id in wanted if customer_id not in accounts]
    if missing:
        # Two at the same time: the second waits here for the first and then inserts nothing.
        session.execute(_INSERTED[session.get_bind().dialect.name], [_new_row(customer_id) for customer_id in missing])
        accounts = _locked(session, wanted)
    return accounts


def record(session: Session, account: AutoPayAccount, event: Event) -> None:
    """Record an event of a locked account."""
    account.version += 1
    outbox.record(
        session,
        event,
        aggregate_id=account.customer_id,
        aggregate_version=account.version,
        ordering_key=account.customer_id,
    )


def check_on(account: AutoPayAccount) -> None:
    """Refuse `wrong_state` unless auto-pay is on."""
    if account.state != "on":
        message = "Auto-pay is paused." if account.state == "paused" else "Auto-pay is off."
        raise Refused(codes.WRONG_STATE, message, state=account.state)


def _locked(session: Session, customer_ids: list[str]) -> dict[str, AutoPayAccount]:
    found = session.scalars(_LOCKED, {"customer_ids": customer_ids})
    return {account.customer_id: account for account in found}


def _new_row(customer_id: str) -> dict[str, object]:
    return {"customer_id": customer_id, "state": "off", "version": 0, "includes_balance": False}
