"""Sending a message again that nobody got, because somebody who mended the cause says so."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import codes
from contracts.notify import DeliveryState, ResendDelivery
from contracts.wire import Refused
from services.notify.models import Contact, Delivery
from services.notify.operations import queueing

_OVER: dict[DeliveryState, str] = {
    "delivered": "This message was delivered; it is not sent twice.",
    "withdrawn": "There is no reason to send this message any more.",
}


def resend_delivery(session: Session, command: ResendDelivery, *, now: datetime) -> Delivery:
    """Queue a message that failed or reached nobody, as if it had never been tried; return it.

    One that waits to be sent stays as it is. Refused as `ResendDelivery` says.
    """
    delivery = session.scalar(
        select(Delivery).where(Delivery.delivery_id == command.delivery_id).with_for_update(of=Delivery)
    )
    if delivery is None:
        raise Refused(codes.NOT_FOUND, "There is no such message.")
    if delivery.state in _OVER:
        raise Refused(codes.WRONG_STATE, _OVER[delivery.state])
    if delivery.state not in ("failed", "unreachable"):
        return delivery
    if delivery.to_address is None or queueing.goes_to_contact(delivery):
        contact = session.get(Contact, delivery.customer_id) if delivery.customer_id else None
        if contact is None or contact.email is None:
            raise Refused(codes.WRONG_STATE, "There is no e-mail address on file for this customer.")
        delivery.to_address = contact.email
    delivery.attempts = 0
    delivery.claim = None
    delivery.last_error = None
    queueing.queue(session, delivery, now=now)
    return delivery
