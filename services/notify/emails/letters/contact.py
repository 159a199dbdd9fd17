"""The e-mails about a message to the business: to the business, and to its writer."""

from datetime import timedelta

from contracts.notify import Suspicion
from services.notify.domain.facts.contact import AcknowledgementFacts, ContactMessageFacts
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Recipient, Sampling

_SUSPICIONS: dict[Suspicion, str] = {
    "trap_filled": "a field was filled in that people cannot see",
    "too_fast": "the form came back faster than anybody types",
    "no_clock": "the form was not opened in the portal first",
    "many_links": "there are many links in it",
}
_QUESTION = "May I pay in two parts this time? The second half on the 15th, if that is all right with you."


def message_subject(facts: ContactMessageFacts, business: Business, formats: Formats) -> str:
    """Who writes about what; what looks like spam says so first, where a filter can see it."""
    mark = "[Looks like spam] " if facts.suspicions else ""
    about = facts.topic or (f"Invoice {facts.invoice_number}" if facts.invoice_number else "Message from the portal")
    who = f"{facts.sender_name} ({facts.reference})" if facts.reference else facts.sender_name
    return one_line(f"{mark}{about}, from {who}")


def message_letter(facts: ContactMessageFacts, business: Business, formats: Formats) -> Letter:
    """Somebody wrote to the business; an answer to this e-mail goes to whoever it was."""
    rows = [
        ("From", facts.sender_name),
        ("Account", facts.reference),
        ("E-mail", facts.sender_email),
        ("Phone", facts.sender_phone),
        ("About", facts.topic),
        ("Invoice", facts.invoice_number),
        ("Received", formats.moment(facts.received_at)),
    ]
    return Letter(
        subject=message_subject(facts, business, formats),
        template="contact_message",
        values={
            "preview": facts.message[:140],
            "rows": [row for row in rows if row[1]],
            "message": facts.message,
            "proved": bool(facts.reference),
            "is_on_file": facts.is_on_file,
            "suspicions": [_SUSPICIONS[each] for each in facts.suspicions],
            "can_answer": bool(facts.sender_email),
        },
        reply_to=Recipient(name=facts.sender_name, address=facts.sender_email) if facts.sender_email else None,
    )


def acknowledgement_subject(facts: AcknowledgementFacts, business: Business, formats: Formats) -> str:
    """That it arrived."""
    return one_line(f"We received your message: {business.name}")


def acknowledgement_letter(facts: AcknowledgementFacts, business: Business, formats: Formats) -> Letter:
    """The business has a customer's message."""
    return Letter(
        subject=acknowledgement_subject(facts, business, formats),
        template="contact_acknowledgement",
        values={
            "preview": "We will answer by e-mail.",
            "received": formats.moment(facts.received_at),
            "topic": facts.topic,
            "number": facts.invoice_number,
            "message": facts.message,
        },
    )


def message_sample(sampling: Sampling) -> ContactMessageFacts:
    """A customer asks about an invoice."""
    return ContactMessageFacts(
        name="Office",
        reference="A-1042",
        sender_name="Ana Lima",
        sender_email="ana.lima@example.com",
        sender_phone="(607) 555-0188",
        topic="A question about an invoice",
        invoice_number="1042",
        message=_QUESTION,
        received_at=sampling.now - timedelta(minutes=1),
        suspicions=[],
        is_on_file=True,
    )


def acknowledgement_sample(sampling: Sampling) -> AcknowledgementFacts:
    """The same, as its writer sees it."""
    return AcknowledgementFacts(
        name="Ana Lima",
        topic="A question about an invoice",
        invoice_number="1042",
        message=_QUESTION,
        received_at=sampling.now - timedelta(minutes=1),
    )


KINDS = (
    LetterKind(
        kind="contact_message",
        facts=ContactMessageFacts,
        subject=message_subject,
        write=message_letter,
        sample=message_sample,
        goes_to="address",
    ),
    LetterKind(
        kind="contact_acknowledgement",
        facts=AcknowledgementFacts,
        subject=acknowledgement_subject,
        write=acknowledgement_letter,
        sample=acknowledgement_sample,
        goes_to="address",
    ),
)
