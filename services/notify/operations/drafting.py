"""From a delivery to its message, fetching the secret of a link only now."""

from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Protocol, get_args

import msgspec

from contracts.identity import LinkToken, ReadLinkToken
from contracts.notify import EmailChoice, MessageKind
from contracts.wire import Command
from services.notify.domain.facts.links import OpenedLink
from services.notify.domain.unsubscribe_tokens import UnsubscribeTokens
from services.notify.emails import portal_links
from services.notify.emails.addressing import envelope_address
from services.notify.emails.composer import Composer
from services.notify.emails.letter import Letter, LetterKind, Recipient
from services.notify.emails.letters import KINDS
from services.notify.operations.errands import Errand

LINK_TIMEOUT_S = 5.0

_CHOICES: tuple[EmailChoice, ...] = get_args(EmailChoice)


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
    unsubscribe_tokens: UnsubscribeTokens

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
        facts: Any = _read(errand.facts, letter_kind)
        # Who is written to at a given address has a name in the facts: the contact may be another by now, or none.
        name = facts.name if letter_kind.goes_to == "address" else errand.name
        to = Recipient(name=name, address=errand.address)
        if letter_kind.opens_link:
            link: LinkToken = self.services.call(ReadLinkToken(link_id=errand.source_id), LINK_TIMEOUT_S)
            facts = OpenedLink(name=facts.name, token=link.token, expires_at=link.expires_at)
            to = Recipient(name=facts.name, address=link.email)
        letter = letter_kind.write(facts, self.composer.business, self.composer.formats)
        return replace(letter, unsubscribe_url=self._unsubscribe_url(errand)), to

    def _unsubscribe_url(self, errand: Errand) -> str:
        choice: EmailChoice | None = next((each for each in _CHOICES if each == errand.kind), None)
        if choice is None or errand.customer_id is None:
            return ""
        token = self.unsubscribe_tokens.write(errand.customer_id, choice)
        return portal_links.unsubscribe(self.composer.business.portal_url, token)


def _read(facts: str, kind: LetterKind) -> Any:
    return msgspec.json.decode(facts, type=kind.facts)
