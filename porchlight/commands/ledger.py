"""`porchlight ledger`: prove the ledger against the owners' archives of events, or make it again from them."""

import os
import sys
from contextlib import AbstractContextManager

import click
from rich.console import Console

from contracts.balance import CheckLedger, LedgerCheck, RebuildLedger
from porchlight.connection import connected

TIMEOUT_S = 900.0


@click.group()
def ledger() -> None:
    """The double-entry ledger."""


@ledger.command()
def check() -> int:
    """Compare the ledger with the archived events, with its balances, with billing and with payments.

    Each difference is a line; the exit code is 1 if there is one.
    """
    with connected(os.environ) as services:
        services.settle()
        with _busy("comparing the ledger with the archives"):
            found = services.caller.call(CheckLedger(), timeout_s=TIMEOUT_S)
        return _say(found)


@ledger.command()
def rebuild() -> int:
    """Make the ledger's postings and balances again from the archived events, beside running services."""
    with connected(os.environ) as services:
        services.settle()
        with _busy("making the ledger again from the archives"):
            found = services.caller.call(RebuildLedger(), timeout_s=TIMEOUT_S)
        return _say(found)


def _busy(words: str) -> AbstractContextManager[object]:
    return Console(stderr=True).status(words)


def _say(found: LedgerCheck) -> int:
    click.echo(f"{found.events} events, {found.postings} postings, {found.accounts} accounts")
    if not found.differences:
        click.echo("the ledger is what its events lead to, and billing and payments agree with it")
        return 0
    for difference in found.differences:
        print(difference.message, file=sys.stderr)
    if found.unlisted:
        print(f"and {found.unlisted} more", file=sys.stderr)
    print("amounts are in minor units of the currency", file=sys.stderr)
    return 1
