"""What the e-mails about a message to the business state."""

from datetime import datetime

import msgspec

from contracts.notify import Suspicion


class ContactMessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """For the business: the message, and who says to have written it.

    `reference` is the account's where its customer was signed in. `is_on_file`: the address is a customer's, although
    nobody has proved to be it.
    """

    name: str
    reference: str
    sender_name: str
    sender_email: str
    sender_phone: str
    topic: str
    invoice_number: str
    message: str
    received_at: datetime
    suspicions: list[Suspicion]
    is_on_file: bool


class AcknowledgementFacts(msgspec.Struct, frozen=True, kw_only=True):
    """For the customer. `message` is empty unless its writer was signed in: nobody can have us send words of his own
    to somebody else.
    """

    name: str
    topic: str
    invoice_number: str
    message: str
    received_at: datetime
