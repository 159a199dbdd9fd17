"""Answers that wait for payments of which the caller knows already: read-your-writes across an event."""

import time
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.database import Database
from contracts.billing import AmountDue, CreditPage, InvoicePage, InvoiceView
from services.billing.models import ReceivedPaymentRow

WAIT_S = 0.5
PAUSE_S = 0.02
MOST_IDS = 20
"""Payments that one answer waits for; more are never asked for in good faith."""

Answer = TypeVar("Answer", AmountDue, CreditPage, InvoicePage, InvoiceView)


def wait_for(database: Database, payment_ids: Sequence[str]) -> bool:
    """Wait up to 500 ms until these payments' money is on invoices; whether it is."""
    wanted = set(payment_ids[:MOST_IDS])
    give_up_at = time.monotonic() + WAIT_S
    while wanted:
        with database.read() as session:
            if _arrived(session, wanted) == len(wanted):
                break
        if time.monotonic() > give_up_at:
            return False
        time.sleep(PAUSE_S)
    return True


def saying(answer: Answer, included: bool) -> Answer:
    """The answer, with whether it includes what was waited for."""
    return answer if included else msgspec.structs.replace(answer, included=False)


def _arrived(session: Session, payment_ids: set[str]) -> int:
    # Allocation and the row of the received payment are one transaction.
    query = select(func.count()).where(ReceivedPaymentRow.payment_id.in_(payment_ids))
    return session.scalar(query) or 0
