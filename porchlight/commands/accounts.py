"""`porchlight accounts`: what every customer owes, as of a day."""

import os
from collections.abc import Iterator
from datetime import date

import click

from contracts.balance import AccountBalance, ListAccounts
from contracts.identity import CustomerView, ListCustomers
from porchlight.commands.option_types import Day
from porchlight.commands.tables import format_option, print_data, print_table
from porchlight.connection import CALL_TIMEOUT_S, Services, connected

HEADER = ("customer", "balance_due", "past_due", "credits")


@click.command()
@click.option("--today", type=Day(), help="As of this day. Default: the business's today.")
@format_option
def accounts(today: date | None, output: str) -> None:
    """Print each customer's balance due, past due and credits, in minor units, sorted by reference."""
    with connected(os.environ) as services:
        services.settle()
        rows = sorted(_rows(services, today))
    if output == "table":
        print_table(HEADER, rows, right=HEADER[1:])
    else:
        print_data(HEADER, rows, output)


def _rows(services: Services, today: date | None) -> Iterator[tuple[str, int, int, int]]:
    figures = {each.customer_id: each for each in _balances(services, today)}
    for customer in _customers(services):
        of_customer = figures.get(customer.customer_id)
        if of_customer is None:
            # Known to the business, and never invoiced.
            yield customer.reference, 0, 0, 0
        else:
            yield (
                customer.reference,
                of_customer.balance_due_minor,
                of_customer.past_due_minor,
                of_customer.credits_minor,
            )


def _balances(services: Services, today: date | None) -> Iterator[AccountBalance]:
    cursor = None
    while True:
        page = services.caller.call(ListAccounts(as_of=today, cursor=cursor), timeout_s=CALL_TIMEOUT_S)
        yield from page.accounts
        cursor = page.next_cursor
        if cursor is None:
            return


def _customers(services: Services) -> Iterator[CustomerView]:
    cursor = None
    while True:
        page = services.caller.call(ListCustomers(cursor=cursor), timeout_s=CALL_TIMEOUT_S)
        yield from page.customers
        cursor = page.next_cursor
        if cursor is None:
            return
