"""The e-mails about a visit: the reminder of the day before, and what became of a visit that was reminded of."""

from datetime import time

from services.notify.domain.facts.visits import VisitFacts, When
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.domain.visit_words import when_words, window_words
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling

_HEADINGS = {
    "reminder": "We are coming",
    "moved": "Your visit was moved",
    "cancelled": "Your visit was cancelled",
}


def visit_subject(facts: VisitFacts, business: Business, formats: Formats) -> str:
    """What and when: enough to know without opening it."""
    when = when_words(facts.when, formats)
    match facts.news:
        case "reminder":
            return one_line(f"Reminder: {facts.service}, {when}")
        case "moved":
            return one_line(f"Moved: {facts.service}, now {when}")
        case "cancelled":
            return one_line(f"Cancelled: {facts.service}, {when}")


def visit_letter(facts: VisitFacts, business: Business, formats: Formats) -> Letter:
    """The crew comes, comes another time, or does not come."""
    is_cancelled = facts.news == "cancelled"
    return Letter(
        subject=visit_subject(facts, business, formats),
        template="visit",
        values={
            "preview": when_words(facts.when, formats),
            "heading": _HEADINGS[facts.news],
            "intro": _intro(facts, business, formats),
            "day": formats.weekday(facts.when.scheduled_on),
            "window": "" if is_cancelled else window_words(facts.when, formats) or "Any time that day",
            "service": facts.service,
            "address": facts.address,
            "crew_note": "" if is_cancelled else facts.crew_note,
            "url": portal_links.services(business.portal_url)
            if is_cancelled
            else portal_links.visit(business.portal_url, facts.visit_id),
            "button": "See your services" if is_cancelled else "See this visit",
        },
    )


def visit_sample(sampling: Sampling) -> VisitFacts:
    """Tomorrow's mowing."""
    return VisitFacts(
        visit_id="sample-visit",
        when=When(scheduled_on=sampling.day(1), arrives_from=time(8), arrives_until=time(10)),
        service="Mowing and edging",
        address="14 Elm St, Springfield, IL 62704",
        crew_note="Please leave the side gate unlocked.",
    )


def _intro(facts: VisitFacts, business: Business, formats: Formats) -> str:
    match facts.news:
        case "reminder":
            return f"This is a reminder of your next visit from {business.name}."
        case "moved":
            former = f" It was planned for {when_words(facts.former, formats)}." if facts.former else ""
            return f"{business.name} will come at another time than we told you.{former}"
        case "cancelled":
            return f"{business.name} will not come at the time below. We are sorry for the change."


KINDS = (
    LetterKind(kind="visit_reminder", facts=VisitFacts, subject=visit_subject, write=visit_letter, sample=visit_sample),
)
