"""What the Notifications page shows: the text switch, the consent passport, and what the customer chose."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.notify import ConsentEntry, ConsentText, NotificationsView, TextSwitch
from services.notify.domain import phone_numbers
from services.notify.domain.quiet_hours import quiet_at
from services.notify.models import Choices, ConsentRecord, Contact, PhoneNumber, TextConsent
from services.notify.operations import choosing
from services.notify.operations.text_setup import TextSetup

LONGEST_HISTORY = 100


def notifications(session: Session, customer_id: str, setup: TextSetup, *, business_now: datetime) -> NotificationsView:
    """Everything of one customer."""
    contact = session.get(Contact, customer_id)
    number = contact.number if contact is not None else None
    phone = session.get(PhoneNumber, number) if number else None
    shown = phone_numbers.shown(number, setup.region) if number else None
    words_for = shown or (contact.phone if contact is not None and contact.phone else "your phone")
    switch = _switch(session, contact, phone, setup)
    zones = phone_numbers.time_zones(number) if number else ()
    quiet = quiet_at(business_now, zones, otherwise=setup.business_zone) if switch == "on" else None
    return NotificationsView(
        switch=switch,
        phone=contact.phone if contact is not None else None,
        number=number,
        number_shown=shown,
        consent=ConsentText(version=setup.words.consent_version(words_for), text=setup.words.consent(words_for)),
        history=_history(session, customer_id, setup),
        email=contact.email if contact is not None else None,
        choices=choosing.view(session.get(Choices, customer_id)),
        quiet_until=quiet.until if quiet is not None else None,
        quiet_zone=quiet.zone if quiet is not None else None,
        text_us_at=_our_number(phone, setup),
    )


def _switch(session: Session, contact: Contact | None, phone: PhoneNumber | None, setup: TextSetup) -> TextSwitch:
    if not setup.is_offered:
        return "not_offered"
    if contact is None or not contact.phone:
        return "no_phone"
    if contact.number is None:
        return "not_a_number"
    if phone is not None and phone.blocked_at is not None:
        return "blocked"
    if phone is not None and phone.invalid_code is not None:
        return "invalid"
    consent = session.get(TextConsent, (contact.customer_id, contact.number))
    return "on" if consent is not None and consent.is_on else "off"


def _history(session: Session, customer_id: str, setup: TextSetup) -> list[ConsentEntry]:
    newest = (
        select(ConsentRecord)
        .where(ConsentRecord.customer_id == customer_id)
        .order_by(ConsentRecord.entry_id.desc())
        .limit(LONGEST_HISTORY)
    )
    return [
        ConsentEntry(
            entry_id=row.entry_id,
            number=row.number,
            number_shown=phone_numbers.shown(row.number, setup.region),
            action=row.action,
            source=row.source,
            text=row.words,
            text_version=row.words_version,
            occurred_at=row.occurred_at,
            ip_address=row.ip_address,
            user_agent=row.user_agent,
        )
        for row in session.scalars(newest)
    ]


def _our_number(phone: PhoneNumber | None, setup: TextSetup) -> str | None:
    """The number that texts come from; a short code has no other way of writing it."""
    if phone is None or not phone.our_number:
        return None
    if phone_numbers.e164(phone.our_number, setup.region) != phone.our_number:
        return phone.our_number
    return phone_numbers.shown(phone.our_number, setup.region)
