"""The text switch of the Notifications page, and what another number on file does to it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import codes
from contracts.notify import TurnTextsOff, TurnTextsOn
from contracts.wire import Refused
from services.notify.domain import phone_numbers
from services.notify.models import Contact, TextConsent
from services.notify.operations import choosing, numbers, texts
from services.notify.operations.passport import Cause
from services.notify.operations.text_setup import TextSetup


def turn_on(session: Session, command: TurnTextsOn, setup: TextSetup, *, now: datetime) -> None:
    """A customer agrees; a confirmation text follows. Refused as `TurnTextsOn` says."""
    contact = _locked(session, command.customer_id)
    if not setup.is_offered:
        raise Refused(codes.WRONG_STATE, "We do not send texts at the moment.")
    if contact is None or contact.number is None:
        raise Refused(codes.WRONG_STATE, "There is no telephone number on file that a text can be sent to.")
    shown = phone_numbers.shown(contact.number, setup.region)
    if contact.number != command.number:
        raise Refused(codes.CONFLICT, f"The number on file is {shown} now. Look at it, and agree once more.")
    if setup.words.consent_version(shown) != command.consent_version:
        raise Refused(codes.CONFLICT, "The words to agree to have changed. Read them, and agree once more.")
    if not command.agreed:
        raise Refused(codes.INVALID, "Tick the box to agree to text messages.", field="agreed")
    phone = numbers.locked(session, contact.number)
    if phone.blocked_at is not None:
        raise Refused(codes.WRONG_STATE, "Your carrier blocks our texts. Text START from that phone to lift this.")
    if phone.invalid_code is not None:
        raise Refused(codes.WRONG_STATE, "No text can reach this number. Change it in your profile.")
    # Whoever agrees anew after "opt out" by text, which no carrier took for a block.
    phone.stopped_at = None
    entry_id = numbers.set_consent(
        session,
        customer_id=command.customer_id,
        number=contact.number,
        action="opt_in",
        cause=Cause(
            source="portal",
            words=setup.words.consent(shown),
            words_version=command.consent_version,
            ip_address=command.ip_address,
            user_agent=command.user_agent,
        ),
        now=now,
    )
    if entry_id is not None:
        choosing.texts_turned_on(session, command.customer_id, now=now)
        # The consent just given has to be seen by the question whether there is any.
        session.flush()
        texts.add_text(
            session,
            kind="opt_in_confirmation",
            source_id=entry_id,
            customer_id=command.customer_id,
            body=setup.words.confirmation(),
            now=now,
        )


def turn_off(session: Session, command: TurnTextsOff, *, now: datetime) -> None:
    """A customer wants no more texts, to whichever number."""
    _locked(session, command.customer_id)
    cause = Cause(
        source="portal",
        words="Turned off on the Notifications page.",
        ip_address=command.ip_address,
        user_agent=command.user_agent,
    )
    _end(session, command.customer_id, keep=None, cause=cause, now=now)


def number_changed(session: Session, contact: Contact, *, now: datetime) -> None:
    """Another number is on file, or none: consent to the former one has ended. Coming back to it, it is asked anew."""
    _locked(session, contact.customer_id)
    cause = Cause(source="phone_changed", words="Another telephone number is on file.")
    _end(session, contact.customer_id, keep=contact.number, cause=cause, now=now)


def _end(session: Session, customer_id: str, *, keep: str | None, cause: Cause, now: datetime) -> None:
    given = select(TextConsent.number).where(TextConsent.customer_id == customer_id, TextConsent.is_on)
    for number in sorted(session.scalars(given)):
        if number != keep:
            numbers.set_consent(session, customer_id=customer_id, number=number, action="opt_out", cause=cause, now=now)


def _locked(session: Session, customer_id: str) -> Contact | None:
    """The contact's row, held until the transaction ends: the lock of a customer's consents."""
    return session.scalar(select(Contact).where(Contact.customer_id == customer_id).with_for_update())
