"""The e-mail that a month's statement is ready."""

from services.notify.domain import months
from services.notify.domain.facts.statements import StatementFacts
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling


def statement_subject(facts: StatementFacts, business: Business, formats: Formats) -> str:
    """The month."""
    return one_line(f"Your statement for {formats.month(facts.starts_on)} from {business.name}")


def statement_letter(facts: StatementFacts, business: Business, formats: Formats) -> Letter:
    """A month with something on the account is over."""
    month = formats.month(facts.starts_on)
    return Letter(
        subject=statement_subject(facts, business, formats),
        template="statement",
        values={
            "preview": "What you were billed, what you paid, and your balance.",
            "month": month,
            "url": portal_links.statement(business.portal_url, facts.starts_on, facts.ends_on),
        },
    )


def statement_sample(sampling: Sampling) -> StatementFacts:
    """Last month."""
    starts_on, ends_on = months.last_before(sampling.day(0))
    return StatementFacts(starts_on=starts_on, ends_on=ends_on)


KINDS = (
    LetterKind(
        kind="statement_ready",
        facts=StatementFacts,
        subject=statement_subject,
        write=statement_letter,
        sample=statement_sample,
    ),
)
