"""`porchlight payments`: payments whose outcome the provider would not tell, shown to people and asked about again."""

import os
import sys
from collections.abc import Iterator
from decimal import Decimal

import click
from babel.numbers import format_currency, get_currency_precision

from contracts.payments import ContinuePayment, ListNeedingStaff, PaymentNeedingStaff
from contracts.wire import Refused
from porchlight.commands.tables import Cell, format_option, print_data, print_table
from porchlight.connection import CALL_TIMEOUT_S, Services, connected
from porchlight.references import references_of

HEADER = (
    "payment", "customer", "currency", "amount_minor", "state", "since", "stripe_intent", "why", "what_to_do"
)  # fmt: skip
FOR_PEOPLE = ("payment", "customer", "amount", "state", "since", "at Stripe")

_WHY = {
    "processing": "Stripe has called it processing for 30 days.",
    "submitting": "It was interrupted on the way to Stripe, and Stripe has not said for 30 days what became of it.",
}
_NO_ANSWER = "Stripe has given no answer that decides it for 30 days."


@click.group()
def payments() -> None:
    """Payments that need people."""


@payments.command()
@format_option
def attention(output: str) -> int:
    """Print payments whose outcome Stripe would not tell for 30 days, and what to do about each.

    Nothing more happens to them by itself, and their invoices stay held. The exit code is 0 when there is none and 1
    when there is one (or the list could not be had, and standard error says why).
    """
    with connected(os.environ) as services:
        found = list(_needing_staff(services))
        references = references_of(services.caller, (each.customer_id for each in found))
        locale, zone = services.locale, services.time_zone
    if output != "table":
        print_data(HEADER, [_row(each, references) for each in found], output)
    elif not found:
        click.echo("no payment needs attention")
    else:
        rows: list[list[Cell]] = [
            [
                each.payment_id,
                references.get(each.customer_id, each.customer_id),
                _amount(each, locale),
                each.state,
                each.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
                each.stripe_intent_id or "not known there",
            ]
            for each in found
        ]
        print_table(FOR_PEOPLE, rows, right=("amount",))
        for state in sorted({each.state for each in found}):
            example = next(each for each in found if each.state == state)
            click.echo(f"{state}: {_why(example)} {_what_to_do(example)}")
    return 1 if found else 0


@payments.command()
@click.argument("payment_ids", nargs=-1, required=True)
def check(payment_ids: tuple[str, ...]) -> int:
    """Ask Stripe now about payments of the list `attention`, and finish those that it decides.

    The exit code is 0 when every one is settled and 1 when one is not.
    """
    unsettled = 0
    with connected(os.environ) as services:
        known = {each.payment_id: each for each in _needing_staff(services)}
        for payment_id in dict.fromkeys(payment_ids):
            if payment_id not in known:
                unsettled += 1
                print(f"{payment_id}: is not among those that need attention", file=sys.stderr)
                continue
            command = ContinuePayment(payment_id=payment_id, customer_id=known[payment_id].customer_id)
            try:
                view = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
            except Refused as refused:
                unsettled += 1
                print(f"{payment_id}: {refused.message}", file=sys.stderr)
                continue
            unsettled += not view.settled
            click.echo(f"{payment_id}: {view.state}" if view.settled else f"{payment_id}: still {view.state}")
        services.settle()
    return 1 if unsettled else 0


def _needing_staff(services: Services) -> Iterator[PaymentNeedingStaff]:
    cursor = None
    while True:
        page = services.caller.call(ListNeedingStaff(cursor=cursor), timeout_s=CALL_TIMEOUT_S)
        yield from page.payments
        cursor = page.next_cursor
        if cursor is None:
            return


def _row(payment: PaymentNeedingStaff, references: dict[str, str]) -> list[Cell]:
    return [
        payment.payment_id,
        references.get(payment.customer_id, payment.customer_id),
        payment.currency,
        payment.amount_minor,
        payment.state,
        payment.created_at.isoformat(),
        payment.stripe_intent_id,
        _why(payment),
        _what_to_do(payment),
    ]


def _amount(payment: PaymentNeedingStaff, locale: str) -> str:
    amount = Decimal(payment.amount_minor).scaleb(-get_currency_precision(payment.currency))
    return format_currency(amount, payment.currency, locale=locale)


def _why(payment: PaymentNeedingStaff) -> str:
    return _WHY.get(payment.state, _NO_ANSWER)


def _what_to_do(payment: PaymentNeedingStaff) -> str:
    where = "by the id at Stripe" if payment.stripe_intent_id else "by payment_id in its metadata"
    return (
        f"Find it in Stripe's dashboard ({where}), cancel it there or wait for its end, then run "
        "`porchlight payments check` with its id."
    )
