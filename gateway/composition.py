"""One page, one gather: its calls and the session check leave together, and nothing is shown before the check.

Rule (docs/architecture.md, "Gateway"): the calls use the customer id of the signed cookie; if identity does not
answer with the same id in time, every answer is thrown away.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar

from flask import abort, g, request

from contracts import codes
from contracts.identity import CheckSession, SessionView
from contracts.wire import Command, Refused
from gateway.log import log
from gateway.rpc import READ_TIMEOUT_S, backend, unanswered
from gateway.visitor import NotSignedIn, Visitor, visitor

Answer = TypeVar("Answer")

_SESSION = "session"


class IdentityAway(Exception):
    """identity did not say in time who this is, so no signed-in page can be shown."""


class ServiceAway(Exception):
    """A service that the page cannot do without did not answer."""


class OtherAccount(Exception):
    """The form was made for another account of the log-in than the one in view: it is not what was agreed to."""


class Panels:
    """The answers of one gather, by name, after the session has been confirmed."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def get(self, name: str) -> Any | None:
        """The answer for a panel, None when its service failed: the page says so there and shows the rest."""
        answer = self._answers[name]
        if isinstance(answer, Refused):
            log.warning("panel_unavailable", panel=name, code=answer.code, reason=answer.message)
            return None
        return answer

    def refused(self, name: str, code: str) -> Refused | None:
        """The refusal with that code, where the page has a place to say what it is about."""
        answer = self._answers[name]
        return answer if isinstance(answer, Refused) and answer.code == code else None

    def need(self, name: str) -> Any:
        """The answer that the page is about. 404 where it does not exist, ServiceAway when nobody answered."""
        answer = self._answers[name]
        if unanswered(answer):
            log.warning("page_unavailable", panel=name, code=answer.code, reason=answer.message)
            raise ServiceAway(name)
        if isinstance(answer, Refused):
            # An id or a cursor that is not even well-formed looks like any other that is not there.
            if answer.code in (codes.NOT_FOUND, codes.INVALID):
                abort(404)
            raise answer
        return answer


def read_page(**commands: Command[Any]) -> Panels:
    """Ask everything that a signed-in page shows, in one go, and confirm the session with it."""
    claimed = visitor()
    answers = backend().gather({_SESSION: _check(claimed), **commands}, timeout_s=READ_TIMEOUT_S)
    _confirm(answers.pop(_SESSION), claimed)
    return Panels(answers)


def confirmed_visitor() -> Visitor:
    """Who is acting, confirmed by identity before anything is done in their name."""
    read_page()
    return visitor()


def confirmed_for_form() -> Visitor:
    """Who is acting, for a form whose hidden `account` names whom it was made for. Raises OtherAccount.

    A switch in another tab changes the account in view of every tab.
    """
    who = confirmed_visitor()
    if request.form.get("account", who.customer_id) != who.customer_id:
        raise OtherAccount
    return who


def session_view() -> SessionView | None:
    """Who this page is for, once identity has confirmed it; None before that and for strangers."""
    view: SessionView | None = g.get("session_view")
    return view


def recognize() -> None:
    """Learn who this is where that can be learned: an error page then keeps the customer's header and tabs."""
    if session_view() is None:
        with suppress(NotSignedIn, IdentityAway):
            read_page()


def ask(command: Command[Answer], timeout_s: float) -> Answer:
    """Give one command to its service. Raises Refused."""
    return backend().call(command, timeout_s=timeout_s)


def _check(claimed: Visitor) -> CheckSession:
    return CheckSession(session_token=claimed.session_token, customer_id=claimed.customer_id)


def _confirm(answer: SessionView | Refused, claimed: Visitor) -> None:
    if isinstance(answer, Refused):
        if answer.code == codes.WRONG_CREDENTIALS:
            raise NotSignedIn
        log.warning("session_not_confirmed", code=answer.code, reason=answer.message)
        raise IdentityAway
    if answer.customer_id != claimed.customer_id:
        log.error("session_mismatch", session_id=answer.session_id)
        raise IdentityAway
    g.session_view = answer
