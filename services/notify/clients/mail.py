"""Mail as notify sees it: a connection on which messages are sent, and three ways in which that fails."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from email.message import EmailMessage

LONGEST_REASON = 300


class MailError(Exception):
    """A message was not taken. The text is one line that staff may read."""

    def __init__(self, reason: object) -> None:
        super().__init__(" ".join(str(reason).split())[:LONGEST_REASON] or type(reason).__name__)


class Rejected(MailError):
    """The server will never take this message for this recipient (SMTP 5xx)."""


class NotNow(MailError):
    """The server would not take this message at the moment (SMTP 4xx)."""


class ConnectionLost(MailError):
    """The server could not be reached or fell silent: this says nothing about the message."""


class MailConnection(ABC):
    """An open connection to a mail server."""

    @abstractmethod
    def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand over a message for one recipient; returns when the server has taken it. Raises MailError."""


class Mail(ABC):
    """A mail server."""

    @abstractmethod
    def connect(self) -> AbstractContextManager[MailConnection]:
        """Open a connection, to be used for several messages and closed at the end. Raises ConnectionLost."""
