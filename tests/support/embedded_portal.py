"""A running portal as tests of flows need it: with customers made for each test, and what the business does."""

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from chassis.ids import new_id
from contracts.billing import CreateInvoice, ImportInvoices, InvoiceLine, InvoiceRow, SendInvoice
from contracts.identity import (
    ClockMode,
    CustomerRow,
    FindCustomers,
    ImportCustomers,
    RequestLink,
    SetBusinessClock,
    SetPassword,
)
from contracts.imports import RowResult
from contracts.wire import Command
from porchlight.connection import CALL_TIMEOUT_S, Services
from porchlight.walk.outside import MailboxReader
from tests.support.embedded_house import House

PASSWORD = "orchard lantern twelve"

Answer = TypeVar("Answer")

_numbers = itertools.count(1)
_TAG = secrets.token_hex(2)


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A customer on file, with a log-in."""

    customer_id: str
    reference: str
    name: str
    email: str
    password: str


class EmbeddedPortal:
    """The portal of one process: its pages, its mailbox, and its services called as the command calls them."""

    def __init__(self, house: House) -> None:
        self.url = house.url("gateway")
        self.sandbox_url = house.url("sandbox")
        self.stripe_api_base = f"{self.sandbox_url}/stripe"
        self.mailbox = MailboxReader(self.sandbox_url)
        self.services: Services = house.services

    def call(self, command: Command[Answer]) -> Answer:
        """Have a service carry out `command`; raises its Refused."""
        return self.services.caller.call(command, timeout_s=CALL_TIMEOUT_S)

    def settle(self) -> None:
        """Wait until every event has been handled everywhere."""
        self.services.settle()

    def today(self) -> date:
        """The business's today."""
        return self.services.today()

    def set_clock(self, mode: ClockMode, at: datetime | None = None) -> None:
        """Move the business's clock and wait until everybody knows. Put it back (`real`) at the end of the test."""
        self.call(SetBusinessClock(mode=mode, at=at))
        self.settle()

    def on_file(self, **row: Any) -> Customer:
        """A new customer as the business imports it, without a log-in yet."""
        number = next(_numbers)
        reference = f"T-{_TAG}-{number}"
        email = row.pop("email", f"customer.{_TAG}.{number}@customers.example")
        values = {"name": "Ana Alvarez", "address": "14 Elm St, Maple Falls, NY 13902", **row}
        _all_taken(self.call(ImportCustomers(rows=[CustomerRow(row=1, reference=reference, email=email, **values)])))
        (found,) = self.call(FindCustomers(references=[reference]))
        return Customer(
            customer_id=found.customer_id, reference=reference, name=found.name, email=email, password=PASSWORD
        )

    def customer(self, **row: Any) -> Customer:
        """A new customer who has signed up: by the link that came by e-mail."""
        customer = self.on_file(**row)
        # notify has to know the address before it can send anything.
        self.settle()
        self.call(RequestLink(email=customer.email, purpose="sign_up"))
        message = self.mailbox.wait_for(customer.email, "your link")
        link = next(link for link in message["links"] if "/set-password/" in link)
        self.call(SetPassword(token=link.rpartition("/")[2], password=customer.password))
        return customer

    def imported_invoice(
        self, customer: Customer, total_minor: int, *, due_in_days: int, issued_days_ago: int = 30
    ) -> str:
        """An invoice brought along: open, and nobody is written to about it. Returns its number."""
        number = self.new_number()
        row = InvoiceRow(
            row=1,
            customer_id=customer.customer_id,
            number=number,
            issued_on=self.today() - timedelta(days=issued_days_ago),
            due_on=self.today() + timedelta(days=due_in_days),
            total_minor=total_minor,
            description="Mowing",
        )
        _all_taken(self.call(ImportInvoices(rows=[row])))
        self.settle()
        return number

    def draft(
        self, customer: Customer, total_minor: int, *, due_in_days: int = 14, lines: Sequence[InvoiceLine] = ()
    ) -> str:
        """An invoice that is not sent yet. Returns its id."""
        line = InvoiceLine(description="Mowing", unit_price_minor=total_minor, amount_minor=total_minor)
        view = self.call(
            CreateInvoice(
                key=new_id(),
                customer_id=customer.customer_id,
                issued_on=self.today(),
                due_on=self.today() + timedelta(days=due_in_days),
                lines=list(lines) or [line],
                number=self.new_number(),
            )
        )
        return view.summary.invoice_id

    def sent_invoice(self, customer: Customer, total_minor: int, **values: Any) -> str:
        """An invoice that the business sends now: the customer gets an e-mail. Returns its number."""
        view = self.call(SendInvoice(invoice_id=self.draft(customer, total_minor, **values)))
        self.settle()
        return view.summary.number

    def new_number(self) -> str:
        """An invoice number that no other test has."""
        return f"{_TAG}-{next(_numbers)}".upper()


def _all_taken(results: list[RowResult]) -> None:
    assert all(result.status != "refused" for result in results), results
