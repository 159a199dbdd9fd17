"""A portal of docker-compose.yml's own processes, with accounts in it that came by the real ways."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.visitors import Visitor
from chassis.rpc import RpcClient
from contracts.billing import ImportInvoices, InvoiceRow
from contracts.identity import CustomerRow, ImportCustomers, RequestLink, SetPassword
from contracts.imports import RowResult
from contracts.payments import RecordedPayment, RecordPayments
from porchlight.connection import CALL_TIMEOUT_S, CONNECT_TIMEOUT_S, Services
from porchlight.local_stack import LocalStack, local_stack
from porchlight.walk.outside import MailboxReader

BATCH = 400
AMOUNT_MINOR = 8450
FALLS_DUE_AFTER = timedelta(days=28)
PASSWORD = "lantern orchard 42"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer to import: invoices `paid`, one payment for `paid_together` of them, `open` ones and `drafts`.

    Paid ones lie a day apart. What the ledger's history shows: a line an invoice, a line a payment.
    """

    reference: str
    paid: int = 0
    paid_together: int = 1
    open: int = 0
    drafts: int = 0
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What an account became: the customer's id, and its invoices' ids by state."""

    customer_id: str
    open: list[str]
    drafts: list[str]


class Portal:
    """A running stack and a client to its services. Made by `portal`."""

    def __init__(self, stack: LocalStack, caller: RpcClient) -> None:
        self.stack = stack
        self.caller = caller
        self.services = Services(caller=caller, environ=stack.environment("gateway"))
        self.today = self.services.today()

    def settle(self) -> float:
        """Wait until every event has been handled everywhere; return how long that took, in seconds."""
        started = time.monotonic()
        self.services.settle()
        return time.monotonic() - started

    def load(self, accounts: Sequence[Account]) -> dict[str, Loaded]:
        """Import accounts, wait until every service knows them, and return them by reference."""
        rows = [
            CustomerRow(row=row, reference=each.reference, name=f"Customer {each.reference}", email=each.email)
            for row, each in enumerate(accounts)
        ]
        customer_ids: dict[int, str] = {}
        for part in _parts(rows):
            answer = self.caller.call(ImportCustomers(rows=part), timeout_s=CALL_TIMEOUT_S)
            customer_ids |= _ids(answer)
        self.settle()
        bills = [bill for row, each in enumerate(accounts) for bill in _bills(each, customer_ids[row], self.today)]
        invoice_ids: dict[int, str] = {}
        # Payments follow each part, as in an import from a file: what is paid is open no longer when the next comes.
        for part in _parts(list(enumerate(bills))):
            command = ImportInvoices(rows=[bill.row(row) for row, bill in part], today=self.today)
            invoice_ids |= _ids(self.caller.call(command, timeout_s=CALL_TIMEOUT_S))
            paid = _payments([bill for _, bill in part], [invoice_ids[row] for row, _ in part])
            if paid:
                command_2 = RecordPayments(rows=paid, origin="import")
                _ids(self.caller.call(command_2, timeout_s=CALL_TIMEOUT_S))
                self.settle()
        self.settle()
        loaded = {
            each.reference: Loaded(customer_id=customer_ids[row], open=[], drafts=[])
            for row, each in enumerate(accounts)
        }
        for row, bill in enumerate(bills):
            if bill.kind != "paid":
                getattr(loaded[bill.reference], {"open": "open", "draft": "drafts"}[bill.kind]).append(invoice_ids[row])
        return loaded

    def log_in(self, email: str) -> str:
        """Sign a customer up as the portal does it and log in; returns the cookie header of the session."""
        self.caller.call(RequestLink(email=email, purpose="sign_up"), timeout_s=CALL_TIMEOUT_S)
        message = MailboxReader(self.stack.url("sandbox")).wait_for(email, "your link")
        link = next(link for link in message["links"] if "/set-password/" in link)
        command = SetPassword(token=link.rpartition("/")[2], password=PASSWORD)
        self.caller.call(command, timeout_s=CALL_TIMEOUT_S)
        visitor = Visitor(self.stack.url("gateway"))
        visitor.open("/login")
        visitor.submit("Log in", email=email, password=PASSWORD)
        return visitor.cookie

    def environment(self, *names: str) -> dict[str, str]:
        """The environments of several services as one; a later one's value counts."""
        return {key: value for name in names for key, value in self.stack.environment(name).items()}

    @contextmanager
    def database(self, service: str) -> Iterator[Any]:
        """A cursor of the superuser on a service's database, each statement a transaction of its own."""
        url = self.stack.postgres.url_for(service).replace("+psycopg2", "")
        connection = psycopg2.connect(url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


@contextmanager
def portal(folder: Path) -> Iterator[Portal]:
    """Start a stack on private servers, as `porchlight up` does."""
    with local_stack(folder) as stack:
        client = RpcClient(stack.environment("gateway")["PORCHLIGHT_BROKER_URL"])
        client.connect(CONNECT_TIMEOUT_S)
        try:
            yield Portal(stack, client)
        finally:
            client.close()


@dataclass(frozen=True, kw_only=True)
class _Bill:
    kind: str
    reference: str
    customer_id: str
    number: str
    issued_on: date
    group: int

    def row(self, row: int) -> InvoiceRow:
        return InvoiceRow(
            row=row,
            customer_id=self.customer_id,
            number=self.number,
            issued_on=self.issued_on,
            due_on=self.issued_on + FALLS_DUE_AFTER,
            total_minor=AMOUNT_MINOR,
            description="Mowing and edging",
        )


def _payments(bills: Sequence[_Bill], invoice_ids: Sequence[str]) -> list[RecordedPayment]:
    """One payment for each group of paid invoices of one customer."""
    groups: dict[tuple[str, int], list[tuple[_Bill, str]]] = {}
    for bill, invoice_id in zip(bills, invoice_ids, strict=True):
        if bill.kind == "paid":
            groups.setdefault((bill.customer_id, bill.group), []).append((bill, invoice_id))
    return [
        RecordedPayment(
            row=row,
            external_key=f"paid:{group[0][0].number}",
            customer_id=customer_id,
            amount_minor=AMOUNT_MINOR * len(group),
            method="check",
            received_on=group[0][0].issued_on,
            invoice_ids=[invoice_id for _, invoice_id in group],
        )
        for row, ((customer_id, _), group) in enumerate(groups.items())
    ]


def _bills(account: Account, customer_id: str, today: date) -> Iterator[_Bill]:
    # As a business bills: the open ones are the newest, and a draft is for tomorrow.
    days = (
        *(("paid", today - timedelta(days=5 + place)) for place in range(account.paid)),
        *(("open", today - timedelta(days=place % 5)) for place in range(account.open)),
        *(("draft", today + timedelta(days=1)) for _ in range(account.drafts)),
    )
    for place, (kind, issued_on) in enumerate(days):
        yield _Bill(
            kind=kind,
            reference=account.reference,
            customer_id=customer_id,
            number=f"{account.reference}-{place}",
            issued_on=issued_on,
            group=place // account.paid_together,
        )


def tag() -> str:
    """A few letters that make references new in a portal that is in use."""
    return secrets.token_hex(3)


def _ids(results: list[RowResult]) -> dict[int, str]:
    for result in results:
        if result.status == "refused":
            raise RuntimeError(f"row {result.row} was refused: {result.message}")
    return {result.row: result.id or "" for result in results}


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]
