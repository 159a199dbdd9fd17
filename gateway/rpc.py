"""How pages ask services: the two calls of the chassis's client that the gateway uses, and their deadlines."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar, cast

from flask import current_app

from contracts import codes
from contracts.wire import Command, Refused

Answer = TypeVar("Answer")

READ_TIMEOUT_S = 2.0
"""A page's reads; a panel that takes longer is shown as unavailable."""

COMMAND_TIMEOUT_S = 8.0
"""Log-in, links and passwords: Argon2 takes its time when many come at once."""

PAY_TIMEOUT_S = 25.0
"""A payment: the bank may think about it."""

WEBHOOK_TIMEOUT_S = 8.0
"""Storing a webhook; Stripe waits longer and then sends it again."""

UNANSWERED = frozenset({codes.UNAVAILABLE, codes.INTERNAL, codes.EXPIRED})
"""Refusals that say nothing about the request: the service was away, broken or too late."""


class Backend(Protocol):
    """The services, as `chassis.rpc.RpcClient` reaches them; tests put a recording fake in its place."""

    def connect(self, timeout_s: float) -> None:
        """Be connected to the broker, or raise an exception that names it."""

    def call(self, command: Command[Answer], timeout_s: float = ...) -> Answer:
        """Answer one command, or raise Refused; UNAVAILABLE after `timeout_s`."""

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = ...) -> dict[str, Any]:
        """Send all commands at once; a Refused stands where an answer failed. Never raises."""


def backend() -> Backend:
    """The services behind this application."""
    return cast(Backend, current_app.extensions["porchlight.backend"])


def undecided(refused: Refused) -> bool:
    """Whether the command may have been carried out although it was refused.

    A service that turns a command down as unavailable of its own accord has not carried it out. The client's "no
    answer" and a database lost half-way, which name the service in their details, and an inner failure leave it open.
    """
    return refused.code in UNANSWERED and (refused.code != codes.UNAVAILABLE or "service" in refused.details)


def unanswered(answer: object) -> bool:
    """Whether a service did not answer, as opposed to answering or turning down."""
    return isinstance(answer, Refused) and answer.code in UNANSWERED
