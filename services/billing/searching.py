"""Finding a customer's invoices by words and amounts, cheaply both when few and when most of them match.

What few invoices match is looked up in the index of words, and only those are sorted. What many match is found
quickly by going through the list in its order and looking at each invoice's own words.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, bindparam, literal_column, or_, select
from sqlalchemy.orm import Session

from contracts.billing import ListInvoices
from services.billing.domain.words import Term, terms_of
from services.billing.models import IS_OPEN, IS_PAID, IS_PARTLY_PAID, IS_VOID, InvoiceRow, InvoiceWordRow
from services.billing.visibility import VISIBLE

FEW = 500
"""Up to so many invoices are looked up by their ids."""

MOST_LOOK_UPS = 8
"""Words of one search that are tried until one has few matches."""

_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Shape:
    """What the conditions of a search are made of, so that statements can be kept: for each term how many words it
    has and whether it may be an amount; and whether the ids of what can match are known.
    """

    terms: tuple[tuple[int, bool], ...] = ()
    by_id: bool = False


@dataclass(frozen=True)
class Search:
    """A search: its shape, and the values for the parameters of `conditions`."""

    shape: Shape = Shape()
    values: dict[str, Any] = field(default_factory=dict)


def look_up(session: Session, command: ListInvoices, *, currency: str) -> Search | None:
    """What the command searches for, an empty search for nothing; None when no invoice can match."""
    if not command.search.strip():
        return Search()
    terms = terms_of(command.search, currency=currency)
    if not terms:
        return None
    shape = tuple((len(term.words), term.amount_minor is not None) for term in terms)
    values: dict[str, Any] = {}
    for number, term in enumerate(terms):
        for place, word in enumerate(term.words):
            values |= {f"word_{number}_{place}": word, f"word_{number}_{place}_end": word + _LAST_CHARACTER}
        if term.amount_minor is not None:
            values[f"amount_{number}"] = term.amount_minor
    words = [(term, word) for term in terms for word in term.words]
    for of_term, word in sorted(words, key=_likely_rare)[:MOST_LOOK_UPS]:
        few = _few(session, command.customer_id, of_term, word)
        if few is not None:
            return Search(Shape(shape, by_id=True), {**values, "few": sorted(few)}) if few else None
    return Search(Shape(shape), values)


def conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """The conditions that a search of this shape puts on invoices."""
    matching = [
        _matches(number, words=words, is_amount=is_amount) for number, (words, is_amount) in enumerate(shape.terms)
    ]
    if shape.by_id:
        matching.append(InvoiceRow.invoice_id.in_(bindparam("few", expanding=True)))
    return matching


def _likely_rare(looked_for: tuple[Term, str]) -> tuple[bool, int]:
    """Numbers before words, and long before short: of "INVOICE-42" it is the 42 that few have."""
    _, word = looked_for
    return not any(map(str.isdigit, word)), -len(word)


def _few(session: Session, customer_id: str, term: Term, word: str) -> set[str] | None:
    """The ids of what the term could match, by one of its words; None when they are many."""
    whose = {"customer_id": customer_id, "most": FEW + 1}
    found = list(session.scalars(_by_word(), {**whose, "word": word, "word_end": word + _LAST_CHARACTER}))
    if term.amount_minor is not None and len(found) <= FEW:
        names = {"customer_ids": [customer_id], "most": FEW + 1, "amount": term.amount_minor}
        for statement in _by_amount():
            found += session.scalars(statement, names)
    return set(found) if len(found) <= FEW else None


@cache
def _by_word() -> Select[Any]:
    is_theirs = InvoiceWordRow.customer_id == bindparam("customer_id")
    return select(InvoiceWordRow.invoice_id).where(is_theirs, *_begins_with("word")).limit(bindparam("most"))


@cache
def _by_amount() -> list[Select[Any]]:
    return [
        select(InvoiceRow.invoice_id).where(VISIBLE, condition).limit(bindparam("most"))
        for condition in _amounts("amount")
    ]


def _matches(number: int, *, words: int, is_amount: bool) -> ColumnElement[bool]:
    # Subqueries that the planner leaves alone: as a join it would gather all that match before it sorts them.
    holds_words = and_(
        *(
            select(literal_column("1"))
            .where(InvoiceWordRow.invoice_id == InvoiceRow.invoice_id, *_begins_with(f"word_{number}_{place}"))
            .limit(literal_column("1"))
            .correlate(InvoiceRow)
            .scalar_subquery()
            .is_not(None)
            for place in range(words)
        )
    )
    return or_(holds_words, *_amounts(f"amount_{number}")) if is_amount else holds_words


def _begins_with(name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A word that begins with the one given as `name`: a range, up to the one given as `name` with `_end`."""
    return (
        InvoiceWordRow.word >= bindparam(name, type_=String),
        InvoiceWordRow.word < bindparam(f"{name}_end", type_=String),
    )


def _amounts(name: str) -> tuple[ColumnElement[bool], ...]:
    """An invoice of the amount given as `name`, paid or open, or one of which it is what is still open."""
    # By kind of invoice, because the indexes of totals are.
    amount = bindparam(name, type_=BigInteger)
    is_total = InvoiceRow.total_minor == amount
    is_rest = InvoiceRow.total_minor - InvoiceRow.allocated_minor == amount
    return and_(IS_OPEN, is_total), and_(IS_PAID, is_total), and_(IS_PARTLY_PAID, is_rest), and_(IS_VOID, is_total)
