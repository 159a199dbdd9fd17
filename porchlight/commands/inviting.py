"""`porchlight invite`: the business's invitation to its customers, with a link that lives seven days."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from contracts.identity import (
    CustomerView,
    FindCustomers,
    InvitationResult,
    InvitationStatus,
    InviteCustomers,
    ListCustomers,
)
from porchlight.commands.tables import Cell, format_option, print_data, print_table
from porchlight.connection import CALL_TIMEOUT_S, Services, connected
from porchlight.invitation_file import write_ours

HEADER = ("customer", "email", "status", "what")
BATCH = 100
"""At a time: each is a link, its event and a row or two, in one transaction."""

MOST_NAMED = 500

_WORDS: dict[InvitationStatus, str] = {
    "invited": "invited",
    "invited_before": "holds an invitation that still works (--again sends another)",
    "no_email": "no e-mail address on file",
    "has_log_in": "can log in already",
    "not_found": "there is no such customer",
}


@click.command()
@click.argument("references", nargs=-1, metavar="CUSTOMER-REFERENCE…")
@click.option("--all", "everybody", is_flag=True, help="Every customer who can be invited.")
@click.option("--again", is_flag=True, help="Also those who hold an invitation that still works: it is replaced.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each, and send nothing.")
@click.option(
    "--write-template",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write our words for the invitation to this file, to be changed and named in PORCHLIGHT_INVITATION_TEMPLATE.",
)
@format_option
def invite(
    references: tuple[str, ...],
    everybody: bool,
    again: bool,
    dry_run: bool,
    write_template: Path | None,
    output: str,
) -> int:
    """Invite customers to the portal, by their references or all of them.

    Each gets an e-mail with a link of his own, which works once and for seven days. Who has no e-mail address, can log
    in already or holds an invitation that still works is passed over; customers who share an address get one e-mail.
    So it may be repeated at any time. The exit code is 1 when a reference is nobody's.
    """
    if bool(references) + everybody + (write_template is not None) != 1:
        raise click.UsageError("name the customers by their references, or use --all, or --write-template")
    if write_template is not None:
        write_ours(write_template)
        click.echo(f"{write_template}: written")
        return 0
    with connected(os.environ) as services:
        customers = _everybody(services) if everybody else _named(services, list(dict.fromkeys(references)))
        wanted = [each.reference for each in customers] if everybody else list(dict.fromkeys(references))
        results = _invite(services, wanted, customers, again=again, dry_run=dry_run)
    rows: list[list[Cell]] = [
        [each.reference, each.email, each.status, _what(each, dry_run=dry_run)] for each in results
    ]
    if output != "table":
        print_data(HEADER, rows, output)
    elif not results:
        click.echo("there is no customer")
    else:
        print_table(("customer", "email", "what"), [[row[0], row[1], row[3]] for row in rows])
        click.echo(_summary(results, dry_run=dry_run))
    unknown = [each.reference for each in results if each.status == "not_found"]
    for reference in unknown:
        print(f"{reference}: {_WORDS['not_found']}", file=sys.stderr)
    return 1 if unknown else 0


def _invite(
    services: Services, references: list[str], customers: list[CustomerView], *, again: bool, dry_run: bool
) -> list[InvitationResult]:
    results: dict[str, InvitationResult] = {}
    for batch in _batches(references, {each.reference: (each.email or "").casefold() for each in customers}):
        command = InviteCustomers(references=batch, again=again, dry_run=dry_run)
        for result in services.caller.call(command, timeout_s=CALL_TIMEOUT_S):
            results[result.reference] = result
    return [results[reference] for reference in references]


def _batches(references: list[str], address_of: dict[str, str]) -> Iterator[list[str]]:
    """Those who share an address together: in two batches `--again` would write to it twice."""
    by_address: dict[str, list[str]] = {}
    for reference in references:
        address = address_of.get(reference) or f"none of {reference}"
        by_address.setdefault(address, []).append(reference)
    batch: list[str] = []
    for together in by_address.values():
        if batch and len(batch) + len(together) > BATCH:
            yield batch
            batch = []
        batch = batch + together
    if batch:
        yield batch


def _named(services: Services, references: list[str]) -> list[CustomerView]:
    found: list[CustomerView] = []
    for start in range(0, len(references), MOST_NAMED):
        part = references[start : start + MOST_NAMED]
        page: list[CustomerView] = services.caller.call(FindCustomers(references=part), timeout_s=CALL_TIMEOUT_S)
        found += page
    return found


def _everybody(services: Services) -> list[CustomerView]:
    found: list[CustomerView] = []
    cursor = None
    while True:
        page = services.caller.call(ListCustomers(cursor=cursor), timeout_s=CALL_TIMEOUT_S)
        found += page.customers
        cursor = page.next_cursor
        if cursor is None:
            return found


def _what(result: InvitationResult, *, dry_run: bool) -> str:
    if result.status != "invited":
        return _WORDS[result.status]
    if result.with_reference is not None:
        return f"the e-mail to {result.with_reference} is this one's too"
    return "would be invited" if dry_run else "invited"


def _summary(results: list[InvitationResult], *, dry_run: bool) -> str:
    counts = Counter(each.status for each in results)
    emails = sum(each.status == "invited" and each.with_reference is None for each in results)
    passed_over = len(results) - counts["invited"]
    verb = "would go out" if dry_run else "on their way"
    return f"{emails} invitations {verb}, for {counts['invited']} customers; {passed_over} passed over"
