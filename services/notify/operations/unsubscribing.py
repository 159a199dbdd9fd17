"""Unsubscribe links of e-mails: what one would do, and doing it."""

from datetime import datetime

from sqlalchemy.orm import Session

from contracts import codes
from contracts.notify import EmailChoice, Unsubscribing
from contracts.wire import Refused
from services.notify.domain.unsubscribe_tokens import UnsubscribeTokens
from services.notify.models import Choices, Contact
from services.notify.operations import choosing


def inspect(session: Session, token: str, tokens: UnsubscribeTokens) -> Unsubscribing:
    """Look only. Refused as `InspectUnsubscribing` says."""
    customer_id, kind = _read(token, tokens)
    return _view(session, customer_id, kind)


def unsubscribe(session: Session, token: str, tokens: UnsubscribeTokens, *, now: datetime) -> Unsubscribing:
    """Switch it off. Refused as `Unsubscribe` says."""
    customer_id, kind = _read(token, tokens)
    if choosing.is_wanted(session.get(Choices, customer_id), kind):
        choosing.switch_off(session, customer_id, kind, now=now)
    return _view(session, customer_id, kind)


def _read(token: str, tokens: UnsubscribeTokens) -> tuple[str, EmailChoice]:
    found = tokens.read(token)
    if found is None:
        raise Refused(codes.LINK_NOT_VALID, "This link is not one of ours.")
    return found


def _view(session: Session, customer_id: str, kind: EmailChoice) -> Unsubscribing:
    contact = session.get(Contact, customer_id)
    is_off = not choosing.is_wanted(session.get(Choices, customer_id), kind)
    return Unsubscribing(kind=kind, email=contact.email if contact is not None else None, is_off=is_off)
