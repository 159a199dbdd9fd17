"""Mail by SMTP, with smtplib: STARTTLS or TLS from the start, a time-out on everything."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr

from services.notify.clients.mail import ConnectionLost, Mail, MailConnection, MailError, NotNow, Rejected

TIMEOUT_S = 30.0
_PERMANENT_FROM = 500
_SERVICE_CLOSING = 421


@dataclass(frozen=True, kw_only=True)
class SmtpMail(Mail):
    """A mail server by SMTP.

    `tls` "start": upgrade by STARTTLS where the server offers it, and insist when there is a password to send;
    "always": TLS from the first byte; "never": in the clear, for a server on this machine.
    """

    host: str
    port: int
    tls: str = "start"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        """Open a connection and sign in. Raises ConnectionLost."""
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            # A wrong password is here too: it is ours, and says nothing about any message.
            raise ConnectionLost(f"{self.host}:{self.port}: {_reason(error)}") from error
        try:
            yield SmtpConnection(server)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _open(self) -> smtplib.SMTP:
        own_name, timeout_s = _own_name(), self.timeout_s
        if self.tls == "always":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, own_name, timeout=timeout_s, context=self.context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, own_name, timeout=timeout_s)
        try:
            server.ehlo_or_helo_if_needed()
            if self.tls == "start" and (server.has_extn("starttls") or self.password):
                server.starttls(context=self.context)
                server.ehlo()
            if self.username and self.password:
                server.login(self.username, self.password)
        except BaseException:
            server.close()
            raise
        return server


class SmtpConnection(MailConnection):
    """An open SMTP connection."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand the message over. Raises MailError."""
        sender = parseaddr(str(message["From"]))[1]
        try:
            self._server.send_message(message, from_addr=sender, to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _by_code(code, text) from error
        except smtplib.SMTPServerDisconnected as error:
            raise ConnectionLost(_reason(error)) from error
        except smtplib.SMTPResponseException as error:
            raise _by_code(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            # An address outside ASCII, and a server that does not know such.
            raise Rejected(_reason(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ConnectionLost(_reason(error)) from error


def _own_name() -> str:
    # Left to itself smtplib asks the name service, which would hold up every greenlet while that is slow.
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _by_code(code: int, text: bytes | str) -> MailError:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    reason = f"{code} {words}"
    if code == _SERVICE_CLOSING:
        return ConnectionLost(reason)
    return Rejected(reason) if code >= _PERMANENT_FROM else NotNow(reason)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return str(_by_code(error.smtp_code, error.smtp_error))
    return f"{error}" or type(error).__name__
