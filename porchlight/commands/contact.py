"""`porchlight contact`: what customers and strangers wrote to the business, and what is answered."""

import os
import sys
from collections.abc import Iterator

import click

from contracts.notify import ContactMessageView, ListContactMessages, MarkContactAnswered, Suspicion
from contracts.wire import Refused
from porchlight.commands.tables import Cell, format_option, print_data, print_table
from porchlight.connection import CALL_TIMEOUT_S, Services, connected

HEADER = (
    "message", "received", "customer", "name", "email", "phone", "subject", "invoice", "text", "looks_like_spam",
    "emailed", "answered"
)  # fmt: skip
FOR_PEOPLE = ("message", "received", "from", "subject", "text", "answered")
PAGE = 500
_SHOWN = 200

_SUSPICIONS: dict[Suspicion, str] = {
    "trap_filled": "filled in a hidden field",
    "too_fast": "came back too fast",
    "no_clock": "was not opened first",
    "many_links": "many links",
}


@click.group()
def contact() -> None:
    """Messages from the page Contact Us."""


@contact.command("list")
@click.option("--all", "everything", is_flag=True, help="The answered ones too.")
@format_option
def list_(everything: bool, output: str) -> int:
    """Print the messages that wait for an answer, newest first, those that look like spam marked.

    Each was e-mailed to the business as well; whoever answers that e-mail writes to the customer. The exit code is 0
    when nothing waits and 1 when something does.
    """
    with connected(os.environ) as services:
        found = list(_messages(services, None if everything else False))
        zone = services.time_zone
    waiting = sum(each.answered_at is None for each in found)
    if output != "table":
        print_data(HEADER, [_row(each) for each in found], output)
    elif not found:
        click.echo("there is no message" if everything else "every message is answered")
    else:
        rows: list[list[Cell]] = [
            [
                each.message_id,
                each.received_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
                _sender(each),
                _subject(each),
                each.message[:_SHOWN],
                each.answered_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if each.answered_at else None,
            ]
            for each in found
        ]
        print_table(FOR_PEOPLE, rows)
        click.echo(f"{waiting} wait for an answer; note one with `porchlight contact answered` and its id")
    return 1 if waiting else 0


@contact.command()
@click.argument("message_ids", nargs=-1, required=True)
@click.option("--not", "undo", is_flag=True, help="They wait for an answer after all.")
def answered(message_ids: tuple[str, ...], undo: bool) -> int:
    """Note that messages are answered, by their ids. One that is nobody's does not stop the others."""
    refusals = 0
    with connected(os.environ) as services:
        for message_id in dict.fromkeys(message_ids):
            command = MarkContactAnswered(message_id=message_id, answered=not undo)
            try:
                view = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
            except Refused as refused:
                refusals += 1
                print(f"{message_id}: {refused.message}", file=sys.stderr)
            else:
                click.echo(f"{message_id}: {'answered' if view.answered_at else 'waits for an answer'}")
    return 1 if refusals else 0


def _messages(services: Services, answered: bool | None) -> Iterator[ContactMessageView]:
    cursor = None
    while True:
        command = ListContactMessages(answered=answered, cursor=cursor, limit=PAGE)
        page = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
        yield from page.messages
        cursor = page.next_cursor
        if cursor is None:
            return


def _row(message: ContactMessageView) -> list[Cell]:
    return [
        message.message_id,
        message.received_at.isoformat(),
        message.reference,
        message.name,
        message.email,
        message.phone,
        message.topic,
        message.invoice_number,
        message.message,
        "; ".join(_SUSPICIONS[each] for each in message.suspicions),
        message.delivery,
        message.answered_at.isoformat() if message.answered_at else None,
    ]


def _sender(message: ContactMessageView) -> str:
    who = f"{message.name} ({message.reference})" if message.reference else f"{message.name}, signed out"
    return " · ".join(each for each in (who, message.email, message.phone) if each)


def _subject(message: ContactMessageView) -> str:
    about = message.topic or (f"Invoice {message.invoice_number}" if message.invoice_number else "")
    return f"[looks like spam] {about}".strip() if message.suspicions else about
