"""From a letter to the message that goes over the wire: HTML and text of the same, headers that cannot be broken."""

import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notify.domain.formats import Formats
from services.notify.emails.addressing import header_address
from services.notify.emails.business import Business
from services.notify.emails.letters import Letter


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom a message is for."""

    name: str
    address: str


class Composer:
    """Writes one business's e-mails. Templates are read once and kept."""

    def __init__(self, *, business: Business, formats: Formats, sender: Address) -> None:
        self.business = business
        self.formats = formats
        self.sender = sender
        self._reply_to = header_address(business.name, business.email)
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def compose(self, letter: Letter, *, to: Recipient, delivery_id: str, at: datetime) -> EmailMessage:
        """Return the message. The Message-ID is the delivery's own: sent again, it is the same message.

        Raises ValueError for an address that no header can hold.
        """
        address = header_address(to.name, to.address)
        policy = email.policy.SMTP if address.addr_spec.isascii() else email.policy.SMTPUTF8
        message = EmailMessage(policy=policy)
        message["Message-ID"] = f"<{delivery_id}@{self.sender.domain}>"
        message["Date"] = format_datetime(at.astimezone(UTC))
        message["From"] = self.sender
        message["Reply-To"] = self._reply_to
        message["To"] = address
        message["Subject"] = letter.subject
        # No holiday notes, please (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text(letter, to.name), cte="quoted-printable")
        message.add_alternative(self.html(letter, to.name), subtype="html", cte="quoted-printable")
        return message

    def html(self, letter: Letter, name: str) -> str:
        """The letter as a page of tables with styles in place: what every mail program can show."""
        return self._render(f"{letter.template}.html", letter, name)

    def text(self, letter: Letter, name: str) -> str:
        """The letter as plain text, saying the same."""
        return self._render(f"{letter.template}.txt", letter, name)

    def _render(self, template: str, letter: Letter, name: str) -> str:
        made = self._templates.get_template(template).render(
            letter.values, subject=letter.subject, name=name, business=self.business
        )
        return made.strip() + "\n"
