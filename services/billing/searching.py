"""Finding a customer's invoices by words and amounts, cheaply both when few and when most of them match.

What few invoices match is looked up in the index of words, and only those are sorted. What many match is found
quickly by going through the list in its order and looking at each invoice's own words.
"""

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import Session

from contracts.billing import ListInvoices
from services.billing.domain.words import Term, terms_of
from services.billing.models import IS_OPEN, IS_PAID, IS_PARTLY_PAID, IS_VOID, InvoiceRow, InvoiceWordRow
from services.billing.visibility import visible_to

FEW = 500
"""Up to so many invoices are looked up by their ids."""

_LAST_CHARACTER = "\U0010ffff"


def search(session: Session, command: ListInvoices, *, currency: str) -> list[ColumnElement[bool]] | None:
    """The conditions that the search puts on invoices, none for an empty one; None when nothing can match."""
    if not command.search.strip():
        return []
    terms = terms_of(command.search, currency=currency)
    if not terms:
        return None
    conditions = [_matches(term) for term in terms]
    # The longest first: it is likely to be the rarest.
    for term in sorted(terms, key=lambda term: -max(map(len, term.words))):
        few = _few(session, command.customer_id, term)
        if few is not None:
            return [InvoiceRow.invoice_id.in_(few), *conditions] if few else None
    return conditions


def _few(session: Session, customer_id: str, term: Term) -> set[str] | None:
    """The ids of what the term could match, a few too many at most; None when they are many."""
    word = max(term.words, key=len)
    query = (
        select(InvoiceWordRow.invoice_id)
        .where(InvoiceWordRow.customer_id == customer_id, *_begins_with(word))
        .limit(FEW + 1)
    )
    found = list(session.scalars(query))
    if term.amount_minor is not None and len(found) <= FEW:
        for condition in _amounts(term.amount_minor):
            by_amount = select(InvoiceRow.invoice_id).where(visible_to(customer_id), condition).limit(FEW + 1)
            found += session.scalars(by_amount)
    return set(found) if len(found) <= FEW else None


def _matches(term: Term) -> ColumnElement[bool]:
    # Subqueries that the planner leaves alone: as a join it would gather all that match before it sorts them.
    words = and_(
        *(
            select(literal_column("1"))
            .where(InvoiceWordRow.invoice_id == InvoiceRow.invoice_id, *_begins_with(word))
            .limit(1)
            .correlate(InvoiceRow)
            .scalar_subquery()
            .is_not(None)
            for word in term.words
        )
    )
    return words if term.amount_minor is None else or_(words, *_amounts(term.amount_minor))


def _begins_with(word: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return InvoiceWordRow.word >= word, InvoiceWordRow.word < word + _LAST_CHARACTER


def _amounts(amount_minor: int) -> tuple[ColumnElement[bool], ...]:
    """An invoice of the amount, paid or open, or one of which the amount is what is still open."""
    # By kind of invoice, because the indexes of totals are.
    is_total = InvoiceRow.total_minor == amount_minor
    is_rest = InvoiceRow.total_minor - InvoiceRow.allocated_minor == amount_minor
    return and_(IS_OPEN, is_total), and_(IS_PAID, is_total), and_(IS_PARTLY_PAID, is_rest), and_(IS_VOID, is_total)
