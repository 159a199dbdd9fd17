"""`porchlight ledger`: prove the ledger against the owners' archives of events, or make it again from them."""

import os
import sys

import click

from contracts.balance import CheckLedger, LedgerCheck, RebuildLedger
from porchlight.connection import connected

TIMEOUT_S = 900.0


@click.group()
def ledger() -> None:
    """The double-entry ledger."""


@ledger.command()
def check() -> int:
    """Compare the ledger and its balances with what the archived events lead to; name the first difference."""
    with connected(os.environ) as services:
        services.settle()
        return _say(services.caller.call(CheckLedger(), timeout_s=TIMEOUT_S))


@ledger.command()
def rebuild() -> int:
    """Make the ledger's postings and balances again from the archived events, beside running services."""
    with connected(os.environ) as services:
        services.settle()
        return _say(services.caller.call(RebuildLedger(), timeout_s=TIMEOUT_S))


def _say(found: LedgerCheck) -> int:
    click.echo(f"{found.events} events, {found.postings} postings, {found.accounts} accounts")
    if found.difference is None:
        click.echo("the ledger is what its events lead to")
        return 0
    difference = found.difference
    print(f"{difference.what}, {difference.where}: is {difference.found}", file=sys.stderr)
    print(f"should be {difference.expected}", file=sys.stderr)
    return 1
