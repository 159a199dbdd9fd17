"""Log-ins and sessions."""

from datetime import datetime

from contracts.identity.answers import Done
from contracts.wire import Command, View


class AccountChoice(View):
    """One of the accounts that a log-in may act for (a landlord's properties)."""

    customer_id: str
    reference: str
    name: str


class SessionView(View):
    """Who is signed in, and for which account. `accounts` holds every account of the log-in."""

    session_id: str
    customer_id: str
    email: str
    name: str
    reference: str
    accounts: list[AccountChoice]
    expires_at: datetime


class SessionOpened(View):
    """A new session. `session_token` is the secret for the cookie; identity keeps only its hash."""

    session_token: str
    session: SessionView


class LogIn(Command[SessionOpened]):
    """Open a session. Refused with `wrong_credentials` (unknown address and wrong password look the same)
    or `throttled`.
    """

    email: str
    password: str
    ip_address: str = ""
    user_agent: str = ""


class CheckSession(Command[SessionView]):
    """The session behind a cookie, for the account named in it. Refused with `wrong_credentials` when it is over.

    `customer_id` is any account of the session's log-in, so that a browser that never got the answer to a switch
    stays signed in, at the account it was at; an account of anybody else's is refused too.
    """

    session_token: str
    customer_id: str


class SwitchAccount(Command[SessionView]):
    """Let a session act for another account of its log-in. Repeating it changes nothing. Refused with `not_found`
    for anybody else's, with `wrong_credentials` when the session is over.
    """

    session_token: str
    customer_id: str


class LogOut(Command[Done]):
    """End a session. Ending one that is over is not an error."""

    session_token: str
