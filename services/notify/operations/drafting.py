"""From a delivery to its message, fetching the secret of a link only now."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Protocol

import msgspec

from contracts.identity import LinkToken, ReadLinkToken
from contracts.notify import MessageKind
from contracts.wire import Command
from services.notify.domain.facts import InvoiceFacts, LinkFacts, ReceiptFacts
from services.notify.emails import letters
from services.notify.emails.addressing import envelope_address
from services.notify.emails.composer import Composer, Recipient
from services.notify.emails.letters import Letter
from services.notify.operations.errands import Errand

LINK_TIMEOUT_S = 5.0


class Services(Protocol):
    """Other services, by RPC."""

    def call(self, command: Command[Any], timeout_s: float = ...) -> Any:
        """Return the answer. Raises Refused."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message and the address on its envelope."""

    message: EmailMessage
    to: str


@dataclass(frozen=True, kw_only=True)
class Drafting:
    """Makes messages. `services` is asked for the secrets of links."""

    composer: Composer
    services: Services

    def draft(self, errand: Errand, *, at: datetime) -> Draft:
        """Make the message. Raises Refused when a link is not valid any more or identity does not answer."""
        letter, to = self._letter(errand)
        message = self.composer.compose(letter, to=to, delivery_id=errand.delivery_id, at=at)
        return Draft(message=message, to=envelope_address(to.address))

    def subject(self, kind: MessageKind, facts: str | None) -> str:
        """The subject of a message that is not made yet."""
        business, formats = self.composer.business, self.composer.formats
        if kind == "sign_up_link":
            return letters.sign_up_subject(business)
        if kind == "reset_link":
            return letters.reset_subject(business)
        if facts is None:
            return ""
        if kind == "invoice_sent":
            return letters.invoice_subject(_read(facts, InvoiceFacts), business, formats)
        return letters.receipt_subject(_read(facts, ReceiptFacts), business, formats)

    def _letter(self, errand: Errand) -> tuple[Letter, Recipient]:
        business, formats = self.composer.business, self.composer.formats
        recipient = Recipient(name=errand.name, address=errand.address)
        if errand.kind == "invoice_sent":
            return letters.invoice_letter(_read(errand.facts, InvoiceFacts), business, formats), recipient
        if errand.kind == "receipt":
            return letters.receipt_letter(_read(errand.facts, ReceiptFacts), business, formats), recipient
        link: LinkToken = self.services.call(ReadLinkToken(link_id=errand.source_id), LINK_TIMEOUT_S)
        write = letters.sign_up_letter if errand.kind == "sign_up_link" else letters.reset_letter
        name = _read(errand.facts, LinkFacts).name
        return write(link.token, link.expires_at, business, formats), Recipient(name=name, address=link.email)


def _read(facts: str, kind: type[Any]) -> Any:
    return msgspec.json.decode(facts, type=kind)
