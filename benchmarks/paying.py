"""Customers paying by card over HTTP, ten at once, against the stand-in for Stripe."""

import statistics
import time
from typing import Any
from urllib.parse import urlsplit

from benchmarks import programs
from benchmarks.bench import Bench
from benchmarks.paying_client import STEPS
from benchmarks.portal import Account, Portal, tag
from benchmarks.report import Target, table, targets_table

PAYERS = 10
LOG_INS = 30
"""So many that each account has a customer's number of open invoices."""
ROUNDS = 2
SECONDS = 5.0
INVOICES = 10
"""An account and round; together more than can be paid in that time."""


def measure(bench: Bench) -> str:
    """Measure; return the tables."""
    portal = bench.portal
    bench.progress(f"paying: {LOG_INS} customers with open invoices sign up and log in")
    name = f"P{tag()}"
    accounts = [
        Account(reference=f"{name}-{place}", open=INVOICES * ROUNDS, email=f"{name.lower()}.{place}@customers.example")
        for place in range(LOG_INS)
    ]
    loaded = portal.load(accounts)
    # One by one: many log-ins at once from one address are what the throttle is there for.
    cookies = [portal.log_in(each.email or "") for each in accounts]
    rounds = []
    for number in range(ROUNDS):
        bench.progress(f"paying, round {number + 1} of {ROUNDS}")
        part = slice(number * INVOICES, (number + 1) * INVOICES)
        errands = [
            [{"cookie": cookie, "invoice": invoice} for invoice in account.open[part]]
            for cookie, account in zip(cookies, loaded.values(), strict=True)
        ]
        # Each browser changes the account after every payment.
        payers = [
            [each for turn in zip(*errands[first::PAYERS], strict=True) for each in turn] for first in range(PAYERS)
        ]
        rounds.append(_pay(portal, payers))
    return f"{_figures(rounds)}\n\n{targets_table(_targets(rounds))}"


def _pay(portal: Portal, payers: list[list[dict[str, str]]]) -> dict[str, Any]:
    environment = portal.stack.environment("gateway")
    job = {
        "portal": urlsplit(portal.stack.url("gateway")).netloc,
        "stripe": urlsplit(environment["STRIPE_API_BASE"]).netloc,
        "key": environment["STRIPE_PUBLISHABLE_KEY"],
        "seconds": SECONDS,
        "payers": payers,
    }
    done: dict[str, Any] = programs.run("benchmarks.paying_client", job=job, timeout_s=SECONDS + 90)
    portal.settle()
    drained_at = time.monotonic()
    paying_s = done["ended"] - done["started"]
    return {
        **done,
        "per_second": done["payments"] / paying_s,
        "per_second_drained": done["payments"] / (drained_at - done["started"]),
        "drained_s": drained_at - done["ended"],
    }


def _figures(rounds: list[dict[str, Any]]) -> str:
    def middle(name: str) -> float:
        return float(statistics.median(each[name] for each in rounds))

    steps = {step: statistics.median(each["steps"][step] for each in rounds) for step in STEPS}
    said = {
        "card": "PaymentMethod at the stand-in",
        "form": "`GET /pay?invoice=…`",
        "charge": "`POST /pay`: hold, intent, charge, outcome",
        "receipt": "the receipt",
    }
    rows = [
        ["payments, 10 customers at once", f"{middle('per_second'):.1f}/s"],
        ["the same, until every listener has handled every event", f"{middle('per_second_drained'):.1f}/s"],
        ["all listeners drained after the last receipt", f"{middle('drained_s'):.1f} s"],
        ["a whole payment, p50", f"{middle('p50_ms'):.0f} ms"],
        *([f"· {said[step]}, p50", f"{steps[step]:.0f} ms"] for step in STEPS),
    ]
    return table(["paying over HTTP", ""], rows)


def _targets(rounds: list[dict[str, Any]]) -> list[Target]:
    return [
        Target(
            what="payments a second, all listeners drained",
            value=statistics.median(each["per_second_drained"] for each in rounds),
            bound=40,
            unit="/s",
            digits=1,
        )
    ]
