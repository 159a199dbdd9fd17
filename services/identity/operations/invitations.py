"""Invitations: the business sends its customers the link with which they sign up, unasked."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import codes
from contracts.identity import InvitationResult, InviteCustomers
from contracts.wire import Refused
from services.identity.domain import links
from services.identity.domain.email_addresses import EmailAddress
from services.identity.models import Customer, Link, LogIn
from services.identity.operations import access
from services.identity.operations.links import add_link

MOST_CUSTOMERS = 500


def invite_customers(
    session: Session, command: InviteCustomers, *, now: datetime, link_secret: str
) -> list[InvitationResult]:
    """Invite those who can be, one link an address, and say of each what became of it, in the order asked for."""
    if len(command.references) > MOST_CUSTOMERS:
        raise Refused(codes.INVALID, f"At most {MOST_CUSTOMERS} customers at a time.", field="references")
    named = {row.reference: row for row in _named(session, command.references)}
    sharing = _by_address(session, {row.email_key for row in named.values() if row.email_key})
    # Looked at under the locks of the customers: of two who invite the same ones, the second sees the first's links.
    have_log_in = _with_log_in(session, sharing)
    invited_before = set() if command.again else _with_open_invitation(session, sharing, now=now)
    first_of: dict[str, Customer] = {}
    results = []
    for reference in command.references:
        customer = named.get(reference)
        result = _result(reference, customer, have_log_in, invited_before, first_of)
        if result.status == "invited" and customer is not None and customer.email_key is not None:
            first_of.setdefault(customer.email_key, customer)
        results.append(result)
    if not command.dry_run:
        for email_key in first_of:
            _invite(session, sharing[email_key], now=now, link_secret=link_secret)
    return results


def _result(
    reference: str,
    customer: Customer | None,
    have_log_in: set[str],
    invited_before: set[str],
    first_of: dict[str, Customer],
) -> InvitationResult:
    if customer is None:
        return InvitationResult(reference=reference, status="not_found")
    if customer.email_key is None:
        return InvitationResult(reference=reference, status="no_email", customer_id=customer.customer_id)
    if customer.email_key in have_log_in:
        status = "has_log_in"
    elif customer.email_key in invited_before:
        status = "invited_before"
    else:
        status = "invited"
    first = first_of.get(customer.email_key, customer)
    return InvitationResult(
        reference=reference,
        status=status,  # type: ignore[arg-type]
        customer_id=customer.customer_id,
        email=customer.email,
        with_reference=first.reference if first is not customer else None,
    )


def _invite(session: Session, customers: Sequence[Customer], *, now: datetime, link_secret: str) -> None:
    address = EmailAddress(written=customers[0].email or "", key=customers[0].email_key or "")
    access.end_links(session, address.key, now=now)
    add_link(
        session,
        address,
        customers,
        purpose="invitation",
        now=now,
        life=links.INVITATION_LIFE,
        link_secret=link_secret,
    )


def _named(session: Session, references: Iterable[str]) -> Sequence[Customer]:
    return session.scalars(select(Customer).where(Customer.reference.in_(set(references)))).all()


def _by_address(session: Session, email_keys: set[str]) -> dict[str, list[Customer]]:
    """Everybody who shares these addresses, locked in the order in which imports lock."""
    rows = session.scalars(
        select(Customer)
        .where(Customer.email_key.in_(email_keys))
        .order_by(Customer.reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    sharing: dict[str, list[Customer]] = {}
    for row in rows:
        sharing.setdefault(row.email_key or "", []).append(row)
    return sharing


def _with_log_in(session: Session, email_keys: Iterable[str]) -> set[str]:
    return set(session.scalars(select(LogIn.email_key).where(LogIn.email_key.in_(list(email_keys)))))


def _with_open_invitation(session: Session, email_keys: Iterable[str], *, now: datetime) -> set[str]:
    return set(
        session.scalars(
            select(Link.email_key).where(
                Link.email_key.in_(list(email_keys)),
                Link.purpose == "invitation",
                Link.used_at.is_(None),
                Link.ended_at.is_(None),
                Link.expires_at > now,
            )
        )
    )
