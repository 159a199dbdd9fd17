"""identity: customers and how to reach them, log-ins, one-time links, sessions, and the business's clock."""

from datetime import datetime
from typing import Literal

from contracts.imports import Origin, RowResult
from contracts.wire import Command, Event, View

LinkPurpose = Literal["sign_up", "reset"]
ClockMode = Literal["real", "frozen", "offset"]


class CustomerView(View):
    """A customer as the business knows it. `reference` is the business's own id for it, unique."""

    customer_id: str
    reference: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    contact_version: int = 1


class CustomerPage(View):
    """Some of all customers; `next_cursor` leads to the next ones."""

    customers: list[CustomerView]
    next_cursor: str | None = None


class CustomerRow(View):
    """One customer to import. `row` is its line in the source, for messages. None leaves what is on file."""

    row: int
    reference: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None


class AccountChoice(View):
    """One of the accounts that a log-in may act for (a landlord's properties)."""

    customer_id: str
    reference: str
    name: str


class SessionView(View):
    """Who is signed in, and for which account. `accounts` holds every account of the log-in."""

    session_id: str
    customer_id: str
    email: str
    name: str
    reference: str
    accounts: list[AccountChoice]
    expires_at: datetime


class SessionOpened(View):
    """A new session. `session_token` is the secret for the cookie; identity keeps only its hash."""

    session_token: str
    session: SessionView


class LinkView(View):
    """A one-time link that may still be used, and for which e-mail address."""

    purpose: LinkPurpose
    email: str
    expires_at: datetime


class LinkToken(View):
    """The secret of a one-time link and the address that it belongs to, for the message that carries it."""

    token: str
    email: str
    expires_at: datetime


class ClockView(View):
    """The business's clock: `real`, `frozen` at an instant, or running `offset_s` ahead of real time."""

    mode: ClockMode
    now: datetime
    offset_s: int = 0


class Done(View):
    """The request was taken. It says no more on purpose where more would tell who is a customer."""


class ImportCustomers(Command[list[RowResult]]):
    """Create or update customers by reference. At most 500 rows; repeating it changes nothing.

    `create_only` leaves customers that exist as they are (used by `--create-customers`).
    """

    rows: list[CustomerRow]
    origin: Origin = "import"
    create_only: bool = False


class FindCustomers(Command[list[CustomerView]]):
    """The customers with these references, those that exist, at most 500."""

    references: list[str]


class ListCustomers(Command[CustomerPage]):
    """All customers by reference, a page at a time."""

    cursor: str | None = None
    limit: int = 500


class GetCustomer(Command[CustomerView]):
    """One customer. Refused `not_found`."""

    customer_id: str


class RequestLink(Command[Done]):
    """Ask for a sign-up or a reset link. Answers the same, in the same time, for any address."""

    email: str
    purpose: LinkPurpose
    ip_address: str = ""


class InspectLink(Command[LinkView]):
    """Look at a link without using it up. Refused with `link_not_valid`."""

    token: str


class ReadLinkToken(Command[LinkToken]):
    """For notify, just before it sends: the secret of link `link_id`. Never part of an event."""

    link_id: str


class SetPassword(Command[Done]):
    """Use up a link and set the password; ends every session of the log-in.

    Refused with `link_not_valid` or `password_too_weak`. 8 to 256 characters, common ones refused.
    """

    token: str
    password: str


class LogIn(Command[SessionOpened]):
    """Open a session. Refused with `wrong_credentials` (unknown address and wrong password look the same)
    or `throttled`.
    """

    email: str
    password: str
    ip_address: str = ""
    user_agent: str = ""


class CheckSession(Command[SessionView]):
    """The session behind a cookie, for the account named in it. Refused with `wrong_credentials` when it is over.

    `customer_id` is any account of the session's log-in, so that a browser that never got the answer to a switch
    stays signed in, at the account it was at; an account of anybody else's is refused too.
    """

    session_token: str
    customer_id: str


class SwitchAccount(Command[SessionView]):
    """Let a session act for another account of its log-in. Repeating it changes nothing. Refused with `not_found`
    for anybody else's, with `wrong_credentials` when the session is over.
    """

    session_token: str
    customer_id: str


class LogOut(Command[Done]):
    """End a session. Ending one that is over is not an error."""

    session_token: str


class SetBusinessClock(Command[ClockView]):
    """Move the clock that decides "today" and due work, for tests and demonstrations.

    `frozen` stops it at `at`; `offset` lets it run from `at`; `real` returns to real time.
    """

    mode: ClockMode
    at: datetime | None = None


class GetBusinessClock(Command[ClockView]):
    """The business's present instant, and whether its clock was moved."""


class ContactChanged(Event):
    """A customer was created or its contact data changed. Replaces what listeners hold if `version` is higher."""

    customer_id: str
    version: int
    reference: str
    name: str
    email: str | None
    phone: str | None
    address: str | None
    origin: Origin


class LinkRequested(Event):
    """Somebody asked for a link. identity itself finds out whether the address is on file."""

    request_id: str


class LinkIssued(Event):
    """A one-time link waits to be sent. Its secret is fetched with `ReadLinkToken` just before sending."""

    link_id: str
    email: str
    name: str
    purpose: LinkPurpose
    expires_at: datetime
    customer_ids: list[str]


class BusinessClockSet(Event):
    """The business's clock was moved. Every service keeps it in its own database."""

    version: int
    mode: ClockMode
    frozen_at: datetime | None = None
    offset_s: int = 0
