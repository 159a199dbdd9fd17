"""Customers, as the business knows them."""

from contracts.imports import Origin, RowResult
from contracts.wire import Command, View


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
