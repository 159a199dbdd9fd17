"""E-mails: taken once each, found by recipient, read with their parts decoded."""

import email
import email.policy
import email.utils
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from html.parser import HTMLParser
from typing import Any

from sandbox.database import Database

RECIPIENTS_MAX = 100
# Reading the parts can wait until somebody opens the message.
_HEADERS = BytesHeaderParser(policy=email.policy.default)
PLAIN_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


class MailError(ValueError):
    """The message cannot be taken; the text says why."""


@dataclass(frozen=True)
class Email:
    """A message as its recipient sees it. `links` are those of the HTML part, then those of the text, each once."""

    id: int
    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[str, ...]
    received_at: datetime

    def summary(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "message_id": self.message_id,
            "from": self.sender,
            "to": list(self.to),
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "links": list(self.links),
            "headers": [list(each) for each in self.headers],
            "attachments": list(self.attachments),
            "received_at": self.received_at.isoformat(),
        }


class Mailbox:
    """All the mail there is."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def take(self, raw: bytes, *, envelope_to: list[str] | None = None) -> tuple[int, bool]:
        """Keeps an RFC 5322 message; returns its number and whether it is new. The same Message-ID is the same message.

        Raises MailError where it has no recipient.
        """
        message = _HEADERS.parsebytes(raw)
        addresses = envelope_to or [
            address
            for name in ("To", "Cc", "Bcc")
            for _, address in email.utils.getaddresses([str(each) for each in message.get_all(name, [])])
        ]
        recipients = sorted({address.strip().lower() for address in addresses if "@" in address})
        if not recipients:
            raise MailError("The message has no recipient.")
        if len(recipients) > RECIPIENTS_MAX:
            raise MailError(f"A message has at most {RECIPIENTS_MAX} recipients.")
        message_id = str(message["Message-ID"] or "").strip() or f"<{hashlib.sha256(raw).hexdigest()}@sandbox>"
        with self._database.transaction() as connection:
            row = connection.execute("SELECT seq FROM emails WHERE message_id = ?", (message_id,)).fetchone()
            if row is not None:
                return row[0], False
            cursor = connection.execute(
                "INSERT INTO emails (message_id, raw, received_at) VALUES (?, ?, ?)",
                (message_id, raw, self._clock()),
            )
            number = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO email_recipients (address, email_seq) VALUES (?, ?)",
                [(address, number) for address in recipients],
            )
        return number, True

    def recipients(self, *, limit: int = 500) -> list[tuple[str, int, float]]:
        """The addresses that have mail, with how many and when the last came, latest first."""
        with self._database.transaction() as connection:
            return connection.execute(
                "SELECT address, count(*), max(received_at) FROM email_recipients JOIN emails ON seq = email_seq"
                " GROUP BY address ORDER BY max(seq) DESC LIMIT ?",
                (limit,),
            ).fetchall()

    def count(self) -> int:
        """How many messages there are."""
        with self._database.transaction() as connection:
            return int(connection.execute("SELECT count(*) FROM emails").fetchone()[0])

    def addressed(self, address: str | None, *, limit: int = 100, after: int = 0) -> list[Email]:
        """The messages to an address, or all, newest first; with `after`, only those with a higher number."""
        with self._database.transaction() as connection:
            if address is None:
                rows = connection.execute(
                    "SELECT seq, message_id, raw, received_at FROM emails WHERE seq > ? ORDER BY seq DESC LIMIT ?",
                    (after, limit),
                ).fetchall()
            else:
                rows = connection.execute(
                    "SELECT seq, message_id, raw, received_at FROM emails JOIN email_recipients ON seq = email_seq"
                    " WHERE address = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
                    (address.strip().lower(), after, limit),
                ).fetchall()
        return [_read(*row) for row in rows]

    def find(self, number: int) -> Email | None:
        """The message with this number."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT seq, message_id, raw, received_at FROM emails WHERE seq = ?", (number,)
            ).fetchone()
        return None if row is None else _read(*row)

    def raw(self, number: int) -> bytes | None:
        """The message as it was sent."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT raw FROM emails WHERE seq = ?", (number,)).fetchone()
        return None if row is None else bytes(row[0])

    def clear(self) -> None:
        """Throws all mail away."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM email_recipients")
            connection.execute("DELETE FROM emails")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href and href.startswith(("http://", "https://")):
            self.found.append(href)


def _parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def _read(number: int, message_id: str, raw: bytes, received_at: float) -> Email:
    message = _parsed(raw)
    text, html = _part(message, "plain"), _part(message, "html")
    parser = _Links()
    parser.feed(html)
    links = dict.fromkeys([*parser.found, *(each.rstrip(".,;:!?") for each in PLAIN_LINK.findall(text))])
    return Email(
        id=number,
        message_id=message_id,
        sender=str(message["From"] or ""),
        to=tuple(
            email.utils.formataddr(pair)
            for pair in email.utils.getaddresses([str(each) for each in message.get_all("To", [])])
        ),
        subject=str(message["Subject"] or ""),
        text=text,
        html=html,
        links=tuple(links),
        headers=tuple((name, str(value)) for name, value in message.items()),
        attachments=tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments()),
        received_at=datetime.fromtimestamp(received_at, UTC),
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    if part is None:
        return ""
    content = part.get_content()
    return content if isinstance(content, str) else ""
