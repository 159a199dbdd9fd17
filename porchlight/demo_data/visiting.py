"""The demo's ready log-in, made the way a customer makes one: a link by e-mail, a password."""

from dataclasses import dataclass
from typing import Any

from contracts import codes
from contracts.identity import LogIn, LogOut, RequestLink, SetPassword
from contracts.wire import Refused
from porchlight.connection import CALL_TIMEOUT_S, Services
from porchlight.demo_data.people import VISITOR
from porchlight.walk.outside import MailboxReader

PASSWORD = "lantern-orchard-42"  # noqa: S105 - of a customer who does not exist, printed at every start


@dataclass(frozen=True)
class ReadyLogIn:
    email: str
    password: str


def ready_log_in(services: Services, sandbox_url: str) -> ReadyLogIn:
    """A log-in that works: that of an earlier start, or with a new password. Raises `Refused`, `WalkFailed`."""
    ready = ReadyLogIn(email=VISITOR.email, password=PASSWORD)
    if not _works(services, ready):
        mailbox = MailboxReader(sandbox_url)
        # Links of earlier starts, and those she asked for herself, are used up or will be ended by this one.
        seen = mailbox.newest(ready.email)
        services.caller.call(RequestLink(email=ready.email, purpose="sign_up"), timeout_s=CALL_TIMEOUT_S)
        while not _is_set_by(services, ready, message := mailbox.wait_for(ready.email, "your link", after=seen)):
            seen = int(message["id"])
    return ready


def _is_set_by(services: Services, ready: ReadyLogIn, message: dict[str, Any]) -> bool:
    link = next(link for link in message["links"] if "/set-password/" in link)
    token = link.rpartition("/")[2]
    try:
        services.caller.call(SetPassword(token=token, password=ready.password), timeout_s=CALL_TIMEOUT_S)
    except Refused as refused:
        if refused.code != codes.LINK_NOT_VALID:
            raise
        return False
    return True


def _works(services: Services, ready: ReadyLogIn) -> bool:
    try:
        opened = services.caller.call(LogIn(email=ready.email, password=ready.password), timeout_s=CALL_TIMEOUT_S)
    except Refused:
        return False
    services.caller.call(LogOut(session_token=opened.session_token), timeout_s=CALL_TIMEOUT_S)
    return True
