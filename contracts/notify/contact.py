"""Contact Us: what customers and strangers write to the business."""

from datetime import datetime
from typing import Literal

from contracts.notify.deliveries import DeliveryState
from contracts.wire import Command, View

Suspicion = Literal["trap_filled", "too_fast", "no_clock", "many_links"]
"""Why a message looks like a program's: the field that people cannot see was filled in, the form came back faster than
anybody types, it came without its own signed time, the message is mostly links."""


class ContactDone(View):
    """The message is kept and on its way to the business; it says no more on purpose."""

    message_id: str


class WriteToBusiness(Command[ContactDone]):
    """Keep a message and e-mail it to the business.

    `key` is made with the form: the same key answers as before. Signed in, `customer_id` and `reference` are the
    confirmed account's, name and e-mail are those on file, and so is the phone where `phone` is empty; signed out
    they are what was typed, and unproved. `visitor_id` tells browsers apart, for counting only. `trap` is the field
    that people cannot see; `open_s` how long the form was open, by its own signed time, None without one. What
    looks like spam is kept, marked and passed on all the same.

    Refused `invalid` with the field, `throttled` with `retry_after_s`.
    """

    key: str
    message: str
    topic: str = ""
    customer_id: str | None = None
    reference: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    invoice_id: str | None = None
    invoice_number: str = ""
    visitor_id: str = ""
    ip_address: str = ""
    trap: str = ""
    open_s: int | None = None


class ContactMessageView(View):
    """A message to the business. Of a customer that was signed in when `customer_id` is set, else of whoever typed it.

    `delivery` is how far the e-mail to the business has come.
    """

    message_id: str
    received_at: datetime
    customer_id: str | None
    reference: str
    name: str
    email: str
    phone: str
    topic: str
    invoice_id: str | None
    invoice_number: str
    message: str
    suspicions: list[Suspicion]
    answered_at: datetime | None
    delivery: DeliveryState


class ContactMessagePage(View):
    """Some messages; `next_cursor` leads to older ones."""

    messages: list[ContactMessageView]
    next_cursor: str | None = None


class ListContactMessages(Command[ContactMessagePage]):
    """Messages newest first: those that wait for an answer, the answered ones, or all; of one customer or of all."""

    answered: bool | None = None
    customer_id: str | None = None
    cursor: str | None = None
    limit: int = 50


class MarkContactAnswered(Command[ContactMessageView]):
    """Note that a message was answered, or that it was not after all. Repeating it changes nothing.

    Refused `not_found`.
    """

    message_id: str
    answered: bool = True
