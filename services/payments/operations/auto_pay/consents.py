"""What customers agreed to, kept as they read it, and for good."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts import codes
from contracts.payments import ConsentAction, brand_name
from contracts.wire import Refused
from services.payments.auto_pay_models import AutoPayAccount, Consent
from services.payments.models import SavedCard

LONGEST_TEXT = 10_000
LONGEST_VERSION = 100
_LONGEST = {"ip_address": 100, "user_agent": 500, "source": 50}


class Told(Protocol):
    """A command with what is known of the customer's browser."""

    @property
    def ip_address(self) -> str: ...

    @property
    def user_agent(self) -> str: ...

    @property
    def source(self) -> str: ...


def check_text(text: str, version: str) -> None:
    """Refuse a consent without words, or with too many."""
    if not 0 < len(text.strip()) <= LONGEST_TEXT or "\x00" in text:
        raise Refused(codes.INVALID, "The text that is agreed to is missing.", field="consent_text")
    if not 0 < len(version) <= LONGEST_VERSION or not version.isprintable():
        raise Refused(codes.INVALID, "The version of the text is missing.", field="consent_version")


def keep(
    session: Session,
    account: AutoPayAccount,
    command: Told,
    action: ConsentAction,
    *,
    text: str,
    version: str,
    card: SavedCard | None,
    now: datetime,
    invoice_id: str | None = None,
) -> Consent:
    """Add a consent to the customer's history. The account says what it is about."""
    consent = Consent(
        consent_id=new_id(),
        customer_id=account.customer_id,
        action=action,
        recorded_at=now,
        version=version,
        text=text,
        ip_address=_cut(command.ip_address, "ip_address"),
        user_agent=_cut(command.user_agent, "user_agent"),
        source=_cut(command.source, "source"),
        card="" if card is None else card_name(card),
        maximum_minor=account.maximum_minor,
        includes_balance=account.includes_balance,
        invoice_id=invoice_id,
    )
    session.add(consent)
    return consent


def keep_again(
    session: Session,
    account: AutoPayAccount,
    command: Told,
    action: ConsentAction,
    *,
    card: SavedCard | None,
    now: datetime,
    invoice_id: str | None = None,
) -> None:
    """Add what the customer did under the text that was agreed to last."""
    rests_on = None if account.consent_id is None else session.get(Consent, account.consent_id)
    text, version = ("", "") if rests_on is None else (rests_on.text, rests_on.version)
    keep(session, account, command, action, text=text, version=version, card=card, now=now, invoice_id=invoice_id)


def card_name(card: SavedCard) -> str:
    """A card as its holder knows it: Visa ·· 4242."""
    return f"{brand_name(card.brand)} ·· {card.last4}"


def _cut(value: str, name: str) -> str:
    # A browser calls itself what it likes; what is kept of it is bounded and can be printed.
    return "".join(character for character in value if character.isprintable())[: _LONGEST[name]]
