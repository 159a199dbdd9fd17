"""What was sent to whom, and what became of it."""

from datetime import datetime
from typing import Literal

from contracts.wire import Command, View

DeliveryState = Literal["waiting_for_contact", "queued", "delivered", "failed", "unreachable", "withdrawn"]
MessageKind = Literal[
    "invoice_sent",
    "receipt",
    "sign_up_link",
    "reset_link",
    "invitation",
    "email_change_link",
    "email_change_requested",
    "email_changed",
    "password_changed",
    "statement_ready",
    "contact_message",
    "contact_acknowledgement",
    "visit_reminder",
    "auto_pay_enrolled",
    "auto_pay_ended",
    "auto_pay_paused",
    "auto_pay_upcoming",
    "auto_pay_skipped",
    "auto_pay_failed",
    "card_expiring",
]


class DeliveryView(View):
    """One message to one address. The body is not kept: template, ids and outcome are.

    `delivered` means that the mail server took it. `withdrawn`: its reason is gone (a voided invoice).
    """

    delivery_id: str
    customer_id: str | None
    kind: MessageKind
    to: str | None
    subject: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    source_id: str
    sent_at: datetime | None = None
    last_error: str | None = None


class DeliveryPage(View):
    """Some deliveries; `next_cursor` leads to older ones."""

    deliveries: list[DeliveryView]
    next_cursor: str | None = None


class ListDeliveries(Command[DeliveryPage]):
    """Messages newest first, of one customer or all, in one state or any."""

    customer_id: str | None = None
    state: DeliveryState | None = None
    cursor: str | None = None
    limit: int = 50


class ResendDelivery(Command[DeliveryView]):
    """Try a message again that nobody got (`failed`, `unreachable`), to the address on file now, with all its tries
    before it. Repeating it sends nothing twice: one that is queued is answered as it is. Refused with `not_found`, with
    `wrong_state` when it was delivered or withdrawn, or when there is no address to send it to.
    """

    delivery_id: str


class CountDeliveries(Command[dict[str, int]]):
    """How many messages are in each state."""
