"""`porchlight send`: make drafts visible and owed, and have their customers written to."""

import os
import sys

import click

from contracts.billing import FindInvoices, InvoiceSummary, ListDrafts, SendInvoices
from porchlight.connection import CALL_TIMEOUT_S, Services, connected

BATCH = 500


@click.command()
@click.argument("numbers", nargs=-1)
@click.option("--all-drafts", is_flag=True, help="Send every draft that is issued today or before.")
def send(numbers: tuple[str, ...], all_drafts: bool) -> int:
    """Send the invoices with these NUMBERS. One that cannot be sent does not stop the others."""
    if bool(numbers) == all_drafts:
        raise click.UsageError("name the invoices to send, or use --all-drafts")
    failed = 0
    with connected(os.environ) as services:
        found = _issued_drafts(services) if all_drafts else _named(services, numbers)
        missing = sorted(set(numbers) - {invoice.number for invoice in found})
        for number in missing:
            print(f"{number}: there is no such invoice", file=sys.stderr)
        for start in range(0, len(found), BATCH):
            failed += _send(services, found[start : start + BATCH])
        services.settle()
    return 1 if failed or missing else 0


def _send(services: Services, invoices: list[InvoiceSummary]) -> int:
    command = SendInvoices(invoice_ids=[invoice.invoice_id for invoice in invoices])
    results = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
    failed = 0
    for invoice, result in zip(invoices, results, strict=True):
        if result.status == "refused":
            failed += 1
            print(f"{invoice.number}: {result.message}", file=sys.stderr)
        else:
            click.echo(f"{invoice.number}: {'was sent before' if result.status == 'unchanged' else 'sent'}")
    return failed


def _named(services: Services, numbers: tuple[str, ...]) -> list[InvoiceSummary]:
    found: list[InvoiceSummary] = []
    for start in range(0, len(numbers), BATCH):
        part = list(numbers[start : start + BATCH])
        command = FindInvoices(numbers=part)
        page: list[InvoiceSummary] = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
        found += page
    return found


def _issued_drafts(services: Services) -> list[InvoiceSummary]:
    """Drafts whose day has come: as by an import, those of later days stay drafts."""
    found: list[InvoiceSummary] = []
    cursor = None
    while True:
        page = services.caller.call(ListDrafts(cursor=cursor), timeout_s=CALL_TIMEOUT_S)
        issued = [invoice for invoice in page.invoices if invoice.issued_on <= page.as_of]
        found += issued
        cursor = page.next_cursor
        if cursor is None or len(issued) < len(page.invoices):  # oldest first
            return found
