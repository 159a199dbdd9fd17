"""A mail server that remembers what it was given, and reading what an e-mail says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from services.notify.clients.mail import Mail, MailConnection


class FakeMail(Mail):
    """Remembers what it was given; `trouble` decides per recipient what it raises instead."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self.trouble: Callable[[str], Exception | None] = lambda to: None
        self.refuses_connections: Exception | None = None
        self.on_send: Callable[[str], object] = lambda to: None

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        if self.refuses_connections is not None:
            raise self.refuses_connections
        self.connections += 1
        yield FakeConnection(self)

    @property
    def recipients(self) -> list[str]:
        return [to for to, _ in self.sent]


class FakeConnection(MailConnection):
    def __init__(self, mail: FakeMail) -> None:
        self._mail = mail

    def send(self, message: EmailMessage, *, to: str) -> None:
        self._mail.on_send(to)
        if (error := self._mail.trouble(to)) is not None:
            raise error
        self._mail.sent.append((to, message))


def text_of(message: EmailMessage) -> str:
    """The plain-text part, decoded."""
    part = message.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    """The HTML part, decoded."""
    part = message.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())
