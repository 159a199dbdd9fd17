"""From a delivery to its message, fetching the secret of a link only now."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Protocol

import msgspec

from contracts.identity import LinkToken, ReadLinkToken
from contracts.notify import MessageKind
from contracts.wire import Command
from services.notify.domain.facts.links import OpenedLink
from services.notify.emails.addressing import envelope_address
from services.notify.emails.composer import Composer
from services.notify.emails.letter import Letter, LetterKind, Recipient
from services.notify.emails.letters import KINDS
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
        if facts is None:
            return ""
        letter_kind = KINDS[kind]
        return letter_kind.subject(_read(facts, letter_kind), self.composer.business, self.composer.formats)

    def _letter(self, errand: Errand) -> tuple[Letter, Recipient]:
        letter_kind = KINDS[errand.kind]
        facts, to = _read(errand.facts, letter_kind), Recipient(name=errand.name, address=errand.address)
        if letter_kind.opens_link:
            link: LinkToken = self.services.call(ReadLinkToken(link_id=errand.source_id), LINK_TIMEOUT_S)
            facts = OpenedLink(name=facts.name, token=link.token, expires_at=link.expires_at)
            to = Recipient(name=facts.name, address=link.email)
        return letter_kind.write(facts, self.composer.business, self.composer.formats), to


def _read(facts: str, kind: LetterKind) -> Any:
    return msgspec.json.decode(facts, type=kind.facts)
