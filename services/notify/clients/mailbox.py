"""Mail by HTTP to a mailbox that shows it instead of sending it on: for demonstrations and tests."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from services.notify.clients.mail import ConnectionLost, Mail, MailConnection, NotNow, Rejected

TIMEOUT_S = 10.0
_ERROR_FROM = 400
_SERVER_ERROR_FROM = 500
_TRY_LATER = (408, 425, 429)


@dataclass(frozen=True, kw_only=True)
class MailboxMail(Mail):
    """A mailbox that takes `POST` of `message/rfc822` at `path`."""

    host: str
    port: int
    path: str
    is_https: bool = False
    timeout_s: float = TIMEOUT_S

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        """Open a connection. Raises ConnectionLost."""
        kind = http.client.HTTPSConnection if self.is_https else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=self.timeout_s)
        try:
            connection.connect()
        except OSError as error:
            raise ConnectionLost(f"{self.host}:{self.port}: {error}") from error
        try:
            yield MailboxConnection(connection, self.path)
        finally:
            connection.close()


class MailboxConnection(MailConnection):
    """An open connection to a mailbox."""

    def __init__(self, connection: http.client.HTTPConnection, path: str) -> None:
        self._connection = connection
        self._path = path

    def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand the message over. Raises MailError."""
        headers = {"Content-Type": "message/rfc822", "X-Envelope-To": to if to.isascii() else ""}
        body = message.as_bytes(policy=SMTP if to.isascii() else SMTPUTF8)
        try:
            self._connection.request(
                "POST", self._path, body=body, headers={name: value for name, value in headers.items() if value}
            )
            response = self._connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLost(error) from error
        if response.status < _ERROR_FROM:
            return
        reason = f"HTTP {response.status} {text}"
        if response.status >= _SERVER_ERROR_FROM or response.status in _TRY_LATER:
            raise NotNow(reason)
        raise Rejected(reason)
