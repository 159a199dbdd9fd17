"""`porchlight messages`: e-mails that nobody got, shown with the reason and sent again; texts that did not arrive."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import click

from contracts.notify import DeliveryState, DeliveryView, ListDeliveries, ListTexts, ResendDelivery, TextView
from contracts.wire import Refused
from porchlight.commands.tables import Cell, format_option, print_data, print_table
from porchlight.connection import CALL_TIMEOUT_S, Services, connected
from porchlight.references import references_of

HEADER = (
    "message", "kind", "customer", "to", "subject", "state", "tries", "since", "why", "what_to_do"
)  # fmt: skip
FOR_PEOPLE = ("message", "customer", "to", "subject", "state", "since", "why")
PAGE = 500

_STATES: tuple[DeliveryState, ...] = ("failed", "unreachable")
_WHAT_TO_DO: dict[DeliveryState, str] = {
    "failed": "Mend what it says (the mail server, or the address: porchlight import customers), then run "
    "`porchlight messages resend` with its id.",
    "unreachable": "Find out the customer's e-mail address, bring it in with porchlight import customers, then run "
    "`porchlight messages resend` with its id. Or call the customer.",
}


@click.group()
def messages() -> None:
    """E-mails and texts to customers that nobody got."""


@messages.command()
@format_option
def failed(output: str) -> int:
    """Print messages that could not be delivered, or have no address to go to, and what to do about each.

    Newest first. The exit code is 0 when there is none and 1 when there is one (or the list could not be had, and
    standard error says why).
    """
    with connected(os.environ) as services:
        found = [each for state in _STATES for each in _in_state(services, state)]
        references = references_of(services.caller, (each.customer_id for each in found))
        zone = services.time_zone
    if output != "table":
        print_data(HEADER, [_row(each, references) for each in found], output)
    elif not found:
        click.echo("every message was delivered or is on its way")
    else:
        rows: list[list[Cell]] = [
            [
                each.delivery_id,
                _customer(each, references),
                each.to,
                each.subject,
                each.state,
                each.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
                _why(each),
            ]
            for each in found
        ]
        print_table(FOR_PEOPLE, rows)
        for state in sorted({each.state for each in found}):
            click.echo(f"{state}: {_WHAT_TO_DO[state]}")
    return 1 if found else 0


@messages.command("failed-texts")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How far to look back.")
@format_option
def failed_texts(days: int, output: str) -> int:
    """Print texts that did not arrive, with Twilio's reason for each.

    Newest first. The exit code is 0 when there is none and 1 when there is one (or the list could not be had, and
    standard error says why).
    """
    since = datetime.now(UTC) - timedelta(days=days)
    with connected(os.environ) as services:
        found = list(takewhile(lambda each: each.created_at >= since, _failed_texts(services)))
        references = references_of(services.caller, (each.customer_id for each in found))
        zone = services.time_zone
    header = ("text", "kind", "customer", "to", "tries", "since", "why")
    rows: list[list[Cell]] = [
        [
            each.text_id,
            each.kind,
            references.get(each.customer_id, each.customer_id),
            each.to,
            each.attempts,
            each.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            each.last_error,
        ]
        for each in found
    ]
    if output != "table":
        print_data(header, rows, output)
    elif not found:
        click.echo("every text arrived or is on its way")
    else:
        print_table(header, rows)
    return 1 if found else 0


@messages.command()
@click.argument("message_ids", nargs=-1)
@click.option("--all-failed", is_flag=True, help="Every message in state failed, once the mail server is mended.")
def resend(message_ids: tuple[str, ...], all_failed: bool) -> int:
    """Send messages again, by their ids, to the address that is on file now.

    One that cannot be sent does not stop the others; the exit code is 1 then. One that is on its way already is not
    sent twice.
    """
    if bool(message_ids) == all_failed:
        raise click.UsageError("name the messages by their ids, or use --all-failed")
    refusals = 0
    with connected(os.environ) as services:
        wanted = [each.delivery_id for each in _in_state(services, "failed")] if all_failed else list(message_ids)
        for message_id in dict.fromkeys(wanted):
            try:
                view = services.caller.call(ResendDelivery(delivery_id=message_id), timeout_s=CALL_TIMEOUT_S)
            except Refused as refused:
                refusals += 1
                print(f"{message_id}: {refused.message}", file=sys.stderr)
            else:
                click.echo(f"{message_id}: is sent again to {view.to}" if view.to else f"{message_id}: waits")
        if not wanted:
            click.echo("no message has failed")
    return 1 if refusals else 0


def _in_state(services: Services, state: DeliveryState) -> Iterator[DeliveryView]:
    cursor = None
    while True:
        command = ListDeliveries(state=state, cursor=cursor, limit=PAGE)
        page = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
        yield from page.deliveries
        cursor = page.next_cursor
        if cursor is None:
            return


def _failed_texts(services: Services) -> Iterator[TextView]:
    cursor = None
    while True:
        page = services.caller.call(ListTexts(state="failed", cursor=cursor, limit=PAGE), timeout_s=CALL_TIMEOUT_S)
        yield from page.texts
        cursor = page.next_cursor
        if cursor is None:
            return


def _row(message: DeliveryView, references: dict[str, str]) -> list[Cell]:
    return [
        message.delivery_id,
        message.kind,
        _customer(message, references),
        message.to,
        message.subject,
        message.state,
        message.attempts,
        message.created_at.isoformat(),
        _why(message),
        _WHAT_TO_DO[message.state],
    ]


def _customer(message: DeliveryView, references: dict[str, str]) -> str | None:
    return references.get(message.customer_id, message.customer_id) if message.customer_id else None


def _why(message: DeliveryView) -> str:
    return "no e-mail address on file" if message.state == "unreachable" else message.last_error or "not told"
