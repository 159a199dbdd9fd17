"""A text that is for people to read: passed on to the business as what customers write on Contact Us is."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.ids import new_id
from services.notify.domain import contact_rules
from services.notify.emails.business import Business
from services.notify.models import Contact, ContactMessage, IncomingText
from services.notify.operations import contact

MOST_WITHIN = timedelta(hours=1)
MOST_PASSED_ON = 10
"""Of one number within the hour; more are kept, and the business is not e-mailed about each."""


def pass_on(
    session: Session, *, number: str, shown: str, body: str, owners: list[str], business: Business, now: datetime
) -> bool:
    """Keep and e-mail it; False where this number has written too much. The sender is answered by text, not by e-mail.

    Where several customers have the number nobody can tell which of them wrote.
    """
    latest = select(func.count()).where(
        IncomingText.number == number, IncomingText.meaning == "other", IncomingText.received_at > now - MOST_WITHIN
    )
    if (session.scalar(latest) or 0) > MOST_PASSED_ON:
        return False
    owner = session.get(Contact, owners[0]) if len(owners) == 1 else None
    email = (owner.email or "") if owner is not None else ""
    row = ContactMessage(
        message_id=new_id(),
        received_at=now,
        customer_id=owner.customer_id if owner is not None else None,
        reference="",
        name=owner.name if owner is not None else shown,
        email=email,
        email_key=contact_rules.address_key(email),
        phone=shown,
        topic="Text message",
        invoice_id=None,
        invoice_number="",
        message=body.strip() or "(no words: perhaps a picture, which Twilio's log of messages shows)",
        suspicions="",
        network=None,
        visitor_id=None,
        answered_at=None,
    )
    session.add(row)
    contact.pass_on(session, row, [], business=business, is_on_file=bool(owners), now=now)
    return True
