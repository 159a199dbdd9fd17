"""The sequence of invoice numbers: without gaps, and never a number that is taken."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.billing.domain import numbering
from services.billing.models import InvoiceRow, NumberSequenceRow
from services.billing.store.rows import insert_ignoring_conflicts

_ONLY_ROW = 1
_LOOK_AHEAD = 100


def take_number(session: Session) -> str:
    """Return the next free number of the sequence and move the sequence past it.

    The sequence stays locked until the transaction ends: a transaction that is rolled back gives its number back,
    so no number is missing. Numbers that came with imports are skipped.
    """
    position = _locked_position(session)
    while True:
        candidates = {numbering.format_number(position + step): position + step for step in range(_LOOK_AHEAD)}
        taken = set(session.scalars(select(InvoiceRow.number).where(InvoiceRow.number.in_(candidates))))
        free = next((number for number in candidates if number not in taken), None)
        if free is not None:
            session.execute(update(NumberSequenceRow).values(next_position=candidates[free] + 1))
            return free
        position += _LOOK_AHEAD


def _locked_position(session: Session) -> int:
    query = select(NumberSequenceRow.next_position).where(NumberSequenceRow.id == _ONLY_ROW).with_for_update()
    position = session.scalar(query)
    if position is None:
        session.execute(
            insert_ignoring_conflicts(session, NumberSequenceRow).values(id=_ONLY_ROW, next_position=numbering.FIRST)
        )
        position = session.scalars(query).one()
    return position
