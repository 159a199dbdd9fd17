"""What is known of a telephone number, whoever's it is."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contracts.notify import ConsentAction
from services.notify.models import Contact, PhoneNumber, TextConsent, TextMessage
from services.notify.operations import passport
from services.notify.operations.inserting import insert_new
from services.notify.operations.passport import Cause

BLOCKED = 21610
"""Twilio: the phone answered STOP. Source of the codes: Twilio's "Error and warning dictionary"."""

UNREACHABLE = frozenset({21211, 21214, 21217, 21614, 30006})
"""No text can reach the number: it is none, or not a mobile one."""


def locked(session: Session, number: str) -> PhoneNumber:
    """The number's row, held until the transaction ends; made where there is none."""
    insert_new(session, PhoneNumber, number=number)
    return session.scalars(
        select(PhoneNumber)
        .where(PhoneNumber.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def set_consent(
    session: Session, *, customer_id: str, number: str, action: ConsentAction, cause: Cause, now: datetime
) -> str | None:
    """Change a customer's consent and write it into the passport; the entry's id, None where nothing changes.

    Texts that wait are withdrawn when it ends. The caller holds the contact's or the number's row.
    """
    consent = session.get(TextConsent, (customer_id, number), with_for_update=True)
    wants = action == "opt_in"
    if (consent is not None and consent.is_on) == wants:
        return None
    if consent is None:
        consent = TextConsent(customer_id=customer_id, number=number)
        session.add(consent)
    consent.is_on, consent.changed_at = wants, now
    if not wants:
        session.execute(
            update(TextMessage)
            .where(
                TextMessage.customer_id == customer_id,
                TextMessage.number == number,
                TextMessage.state == "queued",
                # What may be at Twilio already is settled by whoever submitted it.
                TextMessage.submitted_at.is_(None),
            )
            .values(state="withdrawn", body=None, next_try_at=None, claim=None, last_error="texts were turned off")
            .execution_options(synchronize_session=False)
        )
    return passport.record(session, customer_id=customer_id, number=number, action=action, cause=cause, now=now)


def end_all(session: Session, number: str, *, cause: Cause, now: datetime) -> int:
    """End the consent of every customer to texts to this number; return how many had given it."""
    agreed = select(TextConsent.customer_id).where(TextConsent.number == number, TextConsent.is_on)
    customers = list(session.scalars(agreed.order_by(TextConsent.customer_id)))
    for customer_id in customers:
        set_consent(session, customer_id=customer_id, number=number, action="opt_out", cause=cause, now=now)
    return len(customers)


def owners(session: Session, number: str) -> list[str]:
    """The customers who have this number on file."""
    return list(
        session.scalars(select(Contact.customer_id).where(Contact.number == number).order_by(Contact.customer_id))
    )


def note_trouble(session: Session, number: str, code: int | None, *, now: datetime) -> None:
    """Take in what the provider says of a number: blocked by its carrier, or no number for texts at all."""
    if code == BLOCKED:
        row = locked(session, number)
        row.blocked_at = row.blocked_at or now
        cause = Cause(source="carrier", words="The carrier refuses our texts to this number (Twilio error 21610).")
        end_all(session, number, cause=cause, now=now)
    elif code in UNREACHABLE:
        locked(session, number).invalid_code = code
