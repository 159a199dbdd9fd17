"""What identity reads: customers a page at a time, and the session behind a cookie in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.identity import (
    AccountChoice,
    CustomerPage,
    CustomerView,
    FindCustomers,
    GetCustomer,
    ListCustomers,
    SessionView,
)
from contracts.wire import Refused
from services.identity.models import Customer, LogIn, SignedIn

MOST_ON_A_PAGE = 500
MOST_ACCOUNTS = 200
"""Accounts of one log-in that can be chosen from."""


# Built once: it is asked with every page, and building it would take as long as asking.
_SESSION = (
    select(SignedIn, Customer)
    .join(LogIn, LogIn.log_in_id == SignedIn.log_in_id)
    .join(Customer, Customer.email_key == LogIn.email_key)
    .where(SignedIn.token_hash == bindparam("token_hash"))
    .order_by(Customer.reference)
    .limit(MOST_ACCOUNTS)
)
_SESSION_TO_CHANGE = _SESSION.with_for_update(of=SignedIn)


@dataclass(frozen=True, kw_only=True)
class FoundSession:
    """A session's row and the accounts of its log-in, by reference."""

    signed_in: SignedIn
    accounts: Sequence[Customer]


def customer(session: Session, query: GetCustomer) -> CustomerView:
    """One customer. Refused `not_found`."""
    found = session.get(Customer, query.customer_id)
    if found is None:
        raise Refused(codes.NOT_FOUND, "This customer does not exist.")
    return customer_view(found)


def customers_by_reference(session: Session, query: FindCustomers) -> list[CustomerView]:
    """Those customers of the references asked for that exist, by reference."""
    if len(query.references) > MOST_ON_A_PAGE:
        raise Refused(codes.INVALID, f"At most {MOST_ON_A_PAGE} references at a time.", field="references")
    found = session.scalars(
        select(Customer).where(Customer.reference.in_(query.references)).order_by(Customer.reference)
    )
    return [customer_view(row) for row in found]


def customers(session: Session, query: ListCustomers) -> CustomerPage:
    """A page of all customers by reference, found by the last reference of the page before."""
    if not 1 <= query.limit <= MOST_ON_A_PAGE:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_ON_A_PAGE} customers.", field="limit")
    statement = select(Customer).order_by(Customer.reference).limit(query.limit + 1)
    after = read_cursor(query.cursor, str)
    if after is not None:
        statement = statement.where(Customer.reference > after[0])
    rows = list(session.scalars(statement))
    page = rows[: query.limit]
    return CustomerPage(
        customers=[customer_view(row) for row in page],
        next_cursor=write_cursor(page[-1].reference) if len(rows) > query.limit else None,
    )


def accounts_of(session: Session, email_key: str) -> Sequence[Customer]:
    """The customers that have an address on file, by reference: the accounts of its log-in."""
    return list(
        session.scalars(
            select(Customer).where(Customer.email_key == email_key).order_by(Customer.reference).limit(MOST_ACCOUNTS)
        )
    )


def find_session(session: Session, token_hash: str, *, lock: bool = False) -> FoundSession | None:
    """The session with this token's hash and its log-in's accounts, in one query by unique and indexed columns."""
    statement = _SESSION_TO_CHANGE if lock else _SESSION
    rows = session.execute(statement, {"token_hash": token_hash}).all()
    if not rows:
        return None
    return FoundSession(signed_in=rows[0][0], accounts=[row[1] for row in rows])


def session_view(
    signed_in: SignedIn, accounts: Sequence[Customer], *, acting_for: str | None = None, ends_at: datetime
) -> SessionView:
    """A session as the gateway sees it, acting for one of its accounts; None: for the one that its row names."""
    customer_id = acting_for or signed_in.customer_id
    acting = next(account for account in accounts if account.customer_id == customer_id)
    return SessionView(
        session_id=signed_in.session_id,
        customer_id=acting.customer_id,
        email=acting.email or "",
        name=acting.name,
        reference=acting.reference,
        accounts=[
            AccountChoice(customer_id=account.customer_id, reference=account.reference, name=account.name)
            for account in accounts
        ],
        expires_at=ends_at,
    )


def customer_view(row: Customer) -> CustomerView:
    """A customer as the business sees it."""
    return CustomerView(
        customer_id=row.customer_id,
        reference=row.reference,
        name=row.name,
        email=row.email,
        phone=row.phone,
        address=row.address,
        contact_version=row.contact_version,
    )
