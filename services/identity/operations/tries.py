"""Counting log-ins that fail, in the database, so that every copy of the service counts together."""

import math
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from chassis.networks import network_of
from contracts import codes
from contracts.wire import Refused
from services.identity.domain import throttling, tokens
from services.identity.domain.throttling import Policy
from services.identity.models import LogInTries


def count_try(session: Session, *, email_key: str, ip_address: str, now: datetime) -> None:
    """Count one try as failed before it is made, so that a hundred at once cannot all be made for free.

    `forgive` takes it back when the password was right. Refused `throttled` with `retry_after_s`, counting nothing.
    Raises IntegrityError when the first tries of an address come at the same time.
    """
    counted = [(_account_key(email_key), throttling.ACCOUNT)]
    network = network_of(ip_address)
    if network is not None:
        counted.append((_network_key(network), throttling.IP_ADDRESS))
    # One order for all, so that two tries never wait for each other.
    rows = {
        row.key: row
        for row in session.scalars(
            select(LogInTries)
            .where(LogInTries.key.in_([key for key, _ in counted]))
            .order_by(LogInTries.key)
            .with_for_update()
        )
    }
    wait_s = max((row.next_try_at - now).total_seconds() for row in rows.values()) if rows else 0.0
    if wait_s > 0:
        raise Refused(
            codes.THROTTLED,
            "Too many tries. Please wait a little, or use Forgot Password.",
            retry_after_s=math.ceil(wait_s),
        )
    for key, policy in sorted(counted, key=lambda item: item[0]):
        _count(session, rows.get(key), key, policy, now=now)


def forgive(session: Session, *, email_key: str, ip_address: str, now: datetime) -> None:
    """The password was right: the address starts anew, the network gets this one try back."""
    forgive_account(session, email_key)
    network = network_of(ip_address)
    if network is None:
        return
    row = session.scalar(select(LogInTries).where(LogInTries.key == _network_key(network)).with_for_update())
    if row is not None and row.failures > 0:
        row.failures -= 1
        row.next_try_at = min(row.next_try_at, now)


def forgive_account(session: Session, email_key: str) -> None:
    """Forget the failures of an address."""
    session.execute(
        delete(LogInTries).where(LogInTries.key == _account_key(email_key)).execution_options(synchronize_session=False)
    )


def _count(session: Session, row: LogInTries | None, key: str, policy: Policy, *, now: datetime) -> None:
    if row is None:
        row = LogInTries(key=key, failures=0, last_try_at=now)
        session.add(row)
    elif row.last_try_at + policy.forgotten_after <= now:
        row.failures = 0
    row.failures += 1
    row.last_try_at = now
    row.next_try_at = now + policy.wait_after(row.failures)


def _account_key(email_key: str) -> str:
    return tokens.key_hash("account", email_key)


def _network_key(network: str) -> str:
    return tokens.key_hash("network", network)
