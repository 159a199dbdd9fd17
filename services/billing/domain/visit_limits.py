"""Bounds on what is said of a visit."""

from datetime import time

from contracts import codes
from contracts.billing import VisitTerms
from contracts.wire import Refused
from services.billing.domain import limits

LONGEST_REFERENCE = 64
LONGEST_SERVICE = 200
LONGEST_ADDRESS = 500


def check_terms(terms: VisitTerms) -> None:
    """Refuse dates of another age, half a window or one that runs backwards, and texts that are empty or too long."""
    if not limits.EARLIEST <= terms.scheduled_on <= limits.LATEST:
        raise Refused(codes.INVALID, f"The date {terms.scheduled_on} is out of range.", field="scheduled_on")
    if (terms.arrives_from is None) != (terms.arrives_until is None):
        raise Refused(codes.INVALID, "An arrival window has a start and an end.", field="arrives_until")
    if terms.arrives_from is not None and terms.arrives_until is not None:
        _check_window(terms.arrives_from, terms.arrives_until)
    if not terms.service.strip():
        raise Refused(codes.INVALID, "A visit says what is done.", field="service")
    limits.check_text(terms.service, "service", longest=LONGEST_SERVICE)
    limits.check_text(terms.address, "address", longest=LONGEST_ADDRESS)
    limits.check_text(terms.crew_note, "crew_note")


def check_reference(reference: str) -> None:
    """Refuse what cannot be a reference: 1 to 64 printable characters without blanks around them."""
    fits = 0 < len(reference) <= LONGEST_REFERENCE and reference == reference.strip()
    if not fits or not reference.isprintable():
        raise Refused(
            codes.INVALID,
            f"The reference of a visit has 1 to {LONGEST_REFERENCE} printable characters.",
            field="reference",
        )


def _check_window(start: time, end: time) -> None:
    if start.tzinfo is not None or end.tzinfo is not None:
        raise Refused(codes.INVALID, "Times of day are those of the business, without a zone.", field="arrives_from")
    if end <= start:
        raise Refused(codes.INVALID, "The arrival window ends before it starts.", field="arrives_until")
