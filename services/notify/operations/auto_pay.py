"""What auto-pay tells: each fact is one message, but for those that another message of the moment has said already."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from contracts.notify import MessageKind
from contracts.payments import (
    AutoPayCardExpiring,
    AutoPayChargeFailed,
    AutoPayChargeSkipped,
    AutoPayChargeUpcoming,
    AutoPayEnded,
    AutoPayEnrolled,
    AutoPayPaused,
)
from services.notify.operations import queueing

AnyEvent = (
    AutoPayCardExpiring
    | AutoPayChargeFailed
    | AutoPayChargeSkipped
    | AutoPayChargeUpcoming
    | AutoPayEnded
    | AutoPayEnrolled
    | AutoPayPaused
)

_KINDS: dict[type[msgspec.Struct], MessageKind] = {
    AutoPayCardExpiring: "card_expiring",
    AutoPayChargeFailed: "auto_pay_failed",
    AutoPayChargeSkipped: "auto_pay_skipped",
    AutoPayChargeUpcoming: "auto_pay_upcoming",
    AutoPayEnded: "auto_pay_ended",
    AutoPayEnrolled: "auto_pay_enrolled",
    AutoPayPaused: "auto_pay_paused",
}


def preload(session: Session, events: Sequence[AnyEvent]) -> None:
    """Take what a batch needs in hand."""
    queueing.preload(session, source_ids=(), customer_ids={event.customer_id for event in events})


def tell(session: Session, event: AnyEvent, *, event_id: str, now: datetime) -> None:
    """Tell the customer, once an event. Of an invoice's failures the first is told; the last one is told as a pause.

    Nothing of an enrolment that was brought along.
    """
    match event:
        case AutoPayEnrolled(origin="import") | AutoPayChargeFailed(is_first=False) | AutoPayPaused(is_told=True):
            return
    queueing.add_delivery(
        session,
        kind=_KINDS[type(event)],
        source_id=event_id,
        customer_id=event.customer_id,
        facts=event,
        now=now,
    )
