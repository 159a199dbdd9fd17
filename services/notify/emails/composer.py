"""From a letter to the message that goes over the wire: HTML and text of the same, headers that cannot be broken."""

import email.policy
from base64 import b64encode
from datetime import UTC, datetime
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notify.domain.formats import Formats
from services.notify.emails.addressing import header_address
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, Recipient

_BOUNDARY = "=_next-part"
"""Between the parts: no line of quoted-printable text can hold it, since "=" is followed by digits there."""


_LOGO_BOUNDARY = "=_logo-part"
_LOGO_ID = "logo@porchlight"
"""By which the page names its logo (RFC 2392); known within the message only."""


class _KeptHeaders(HeaderRegistry):
    """Most headers say the same in every message, and reading one takes longer than putting the letter into words."""

    __call__ = lru_cache(maxsize=100)(HeaderRegistry.__call__)


class _OnOneLine(UniqueUnstructuredHeader):
    """An address in a header, whole: the standard library would break a long one by encoding it."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it stands, however long: up to 998 characters fit (RFC 5322, 2.1.1)."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_header = _KeptHeaders()
_header.map_to_type("list-unsubscribe", _OnOneLine)  # type: ignore[arg-type]
_ASCII = email.policy.SMTP.clone(header_factory=_header)
_UNICODE = email.policy.SMTPUTF8.clone(header_factory=_header)


class Composer:
    """Writes one business's e-mails. Templates are read once and kept."""

    def __init__(self, *, business: Business, formats: Formats, sender: Address) -> None:
        self.business = business
        self.formats = formats
        self.sender = sender
        self._from = HeaderRegistry()("From", sender)
        self._reply_to = HeaderRegistry()("Reply-To", header_address(business.name, business.email))
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
        message = EmailMessage(policy=_ASCII if address.addr_spec.isascii() else _UNICODE)
        message["Message-ID"] = f"<{delivery_id}@{self.sender.domain}>"
        message["Date"] = format_datetime(at.astimezone(UTC))
        message["From"] = self._from
        message["Reply-To"] = self._answers_to(letter)
        message["To"] = HeaderRegistry()("To", address)
        message["Subject"] = letter.subject
        # No holiday notes, please (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe_url:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            # One click in the mail program, without opening the page (RFC 8058, which asks for https).
            if letter.unsubscribe_url.startswith("https:"):
                message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.text(letter, to.name), cte="quoted-printable")
        message.make_alternative(boundary=_BOUNDARY)
        message.add_alternative(self.html(letter, to.name), subtype="html", cte="quoted-printable")
        self._attach_logo(message)
        return message

    def html(self, letter: Letter, name: str, *, shows_logo_itself: bool = False) -> str:
        """The letter as a page of tables with styles in place: what every mail program can show.

        Its logo is the message's attachment, or in the page itself where there is no message around it.
        """
        logo = self.business.logo
        source = f"cid:{_LOGO_ID}" if logo is not None else ""
        if logo is not None and shows_logo_itself:
            source = f"data:image/{logo.subtype};base64,{b64encode(logo.content).decode()}"
        return self._render(f"{letter.template}.html", letter, name, logo_source=source)

    def text(self, letter: Letter, name: str) -> str:
        """The letter as plain text, saying the same."""
        return self._render(f"{letter.template}.txt", letter, name)

    def page(self, template: str, **values: object) -> str:
        """Another page about the business's e-mails."""
        return self._templates.get_template(f"{template}.html").render(business=self.business, **values)

    def _render(self, template: str, letter: Letter, name: str, **values: object) -> str:
        made = self._templates.get_template(template).render(
            letter.values,
            subject=letter.subject,
            name=name,
            business=self.business,
            unsubscribe_url=letter.unsubscribe_url,
            **values,
        )
        return made.strip() + "\n"

    def _answers_to(self, letter: Letter) -> object:
        if letter.reply_to is None:
            return self._reply_to
        return HeaderRegistry()("Reply-To", header_address(letter.reply_to.name, letter.reply_to.address))

    def _attach_logo(self, message: EmailMessage) -> None:
        """Put the logo beside the page that shows it, where neither is an attachment to be opened (RFC 2387)."""
        logo = self.business.logo
        if logo is None:
            return
        page = message.get_body(("html",))
        assert isinstance(page, EmailMessage)  # noqa: S101 - it was added a moment ago
        page.make_related(boundary=_LOGO_BOUNDARY)
        page.add_related(
            logo.content,
            "image",
            logo.subtype,
            cid=f"<{_LOGO_ID}>",
            disposition="inline",
            filename=f"logo.{logo.subtype}",
        )
