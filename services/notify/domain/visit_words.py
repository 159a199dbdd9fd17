"""A visit in words, for e-mails and texts alike."""

from services.notify.domain.facts.visits import VisitFacts, When
from services.notify.domain.formats import Formats

_LONGEST_IN_A_TEXT = 60
_PLAIN = str.maketrans({"\u202f": " ", "\u00a0": " ", "–": "-", "…": "..."})
"""One such sign in a text message halves what fits into it (GSM 03.38)."""


def when_words(when: When, formats: Formats) -> str:
    """The day, and the window in which the crew arrives: Wednesday, March 18, 2026, 8:00 AM - 10:00 AM."""
    window = window_words(when, formats)
    return f"{formats.weekday(when.scheduled_on)}, {window}" if window else formats.weekday(when.scheduled_on)


def window_words(when: When, formats: Formats) -> str:
    """The window alone; nothing where there is none."""
    if when.arrives_from is None or when.arrives_until is None:
        return ""
    return f"{formats.time_of_day(when.arrives_from)} – {formats.time_of_day(when.arrives_until)}"


def text_words(facts: VisitFacts, business: str, formats: Formats) -> str:
    """The whole text message."""
    when, what = when_words(facts.when, formats), _short(facts.service)
    where = f" at {_short(facts.address)}" if facts.address else ""
    match facts.news:
        case "reminder":
            said = f"reminder of your visit, {what}{where}: {when}."
        case "moved":
            said = f"your visit, {what}{where}, was moved. It is now {when}."
        case "cancelled":
            said = f"your visit, {what}, on {when} was cancelled."
    return f"{business}: {said} Reply STOP to stop.".translate(_PLAIN)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_IN_A_TEXT else line[: _LONGEST_IN_A_TEXT - 1].rstrip() + "…"
