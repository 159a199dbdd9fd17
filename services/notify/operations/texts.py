"""Texts come to be here: one for each thing worth a text, for customers who agreed to it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.working import wake
from contracts.notify import TextKind
from services.notify.models import Contact, PhoneNumber, TextConsent, TextMessage

WORK = "texts"
"""What a commit with queued texts wakes."""


def textable_number(session: Session, customer_id: str) -> str | None:
    """The number on file to which this customer agreed to be texted, where texts can reach it; None otherwise."""
    found = session.execute(
        select(TextConsent.number, PhoneNumber.blocked_at, PhoneNumber.invalid_code)
        .join(Contact, (Contact.customer_id == TextConsent.customer_id) & (Contact.number == TextConsent.number))
        .outerjoin(PhoneNumber, PhoneNumber.number == TextConsent.number)
        .where(TextConsent.customer_id == customer_id, TextConsent.is_on)
    ).one_or_none()
    if found is None or found.blocked_at is not None or found.invalid_code is not None:
        return None
    return str(found.number)


def add_text(
    session: Session,
    *,
    kind: TextKind,
    source_id: str,
    customer_id: str,
    body: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> bool:
    """Queue a text unless there is one of this kind about this already; False where the customer is not to be texted.

    `now` is the system's instant, `expires_at` one by the business's clock: after it the text is of no use. Consent is
    checked again before it is sent, and quiet hours are waited for.
    """
    number = textable_number(session, customer_id)
    if number is None:
        return False
    known = select(TextMessage.text_id).where(TextMessage.source_id == source_id, TextMessage.kind == kind)
    if session.scalar(known) is not None:
        return True
    session.add(
        TextMessage(
            text_id=new_id(),
            kind=kind,
            source_id=source_id,
            customer_id=customer_id,
            number=number,
            body=body,
            state="queued",
            attempts=0,
            created_at=now,
            expires_at=expires_at,
            next_try_at=now,
            is_held=False,
        )
    )
    wake(session, WORK)
    return True


def withdraw(session: Session, *, kind: TextKind, source_id: str) -> None:
    """The reason for a text is gone before it went out."""
    session.execute(
        update(TextMessage)
        .where(
            TextMessage.source_id == source_id,
            TextMessage.kind == kind,
            TextMessage.state == "queued",
            TextMessage.submitted_at.is_(None),
        )
        .values(state="withdrawn", body=None, next_try_at=None, claim=None, last_error="the reason for it is gone")
        .execution_options(synchronize_session=False)
    )


def look_again(session: Session, *, now: datetime) -> None:
    """The business's clock was moved: what waited for the morning is looked at again."""
    session.execute(
        update(TextMessage)
        .where(TextMessage.state == "queued", TextMessage.is_held)
        .values(next_try_at=now, is_held=False)
        .execution_options(synchronize_session=False)
    )
    wake(session, WORK)
