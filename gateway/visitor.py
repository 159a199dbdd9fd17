"""Who the browser says it is: the signed cookie with the session's token and the account in view.

The cookie is a claim, not a proof: only identity's answer makes it one (`gateway.composition`).
"""

from dataclasses import dataclass

from flask import session

from contracts.identity import SessionOpened

_TOKEN = "token"  # noqa: S105 - a name, not a token
_ACCOUNT = "account"


class NotSignedIn(Exception):
    """There is no session, or identity says that it is over."""


@dataclass(frozen=True)
class Visitor:
    """What the cookie claims. `session_token` is the secret that identity checks."""

    session_token: str
    customer_id: str


def visitor() -> Visitor:
    """The claim of the request's cookie; NotSignedIn without one."""
    token, account = session.get(_TOKEN), session.get(_ACCOUNT)
    if not token or not account:
        raise NotSignedIn
    return Visitor(token, account)


def remember(opened: SessionOpened) -> None:
    """Start afresh as the one who has just logged in: nothing of the former visitor stays, its form token included."""
    session.clear()
    session[_TOKEN] = opened.session_token
    session[_ACCOUNT] = opened.session.customer_id


def act_for(customer_id: str) -> None:
    """Put another account in view; identity has allowed it."""
    session[_ACCOUNT] = customer_id


def forget() -> None:
    """Drop the claim and everything else in the cookie."""
    session.clear()
