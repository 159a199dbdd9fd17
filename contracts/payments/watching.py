"""What is shown to people who look after payments and to whoever proves the books; and webhooks."""

from datetime import datetime

from contracts.payments.paying import PaymentState
from contracts.wire import Command, View


class SucceededPayment(View):
    """A payment whose money was received, in minor units."""

    payment_id: str
    customer_id: str
    amount_minor: int


class SucceededPaymentsPage(View):
    """Some received payments by id; `next_after` leads to the next ones."""

    payments: list[SucceededPayment]
    next_after: str | None = None


class PaymentNeedingStaff(View):
    """A payment whose outcome the provider would not tell for 30 days: it is asked no more by itself, and its invoices
    stay held. `stripe_intent_id` is where to look at the provider; None when it never named one.
    """

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    state: PaymentState
    created_at: datetime
    stripe_intent_id: str | None = None


class NeedingStaffPage(View):
    """Some payments that wait for people; `next_cursor` leads to the next ones."""

    payments: list[PaymentNeedingStaff]
    next_cursor: str | None = None


class ListSucceededPayments(Command[SucceededPaymentsPage]):
    """For proofs: every payment whose money was received, by payment id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500


class ListNeedingStaff(Command[NeedingStaffPage]):
    """Payments that people must look at, the oldest first, of all customers; 1 to 500 a page."""

    cursor: str | None = None
    limit: int = 100


class WebhookTaken(View):
    """The webhook is stored (or was stored before): the sender may forget it."""

    event_id: str
    duplicate: bool


class ReceiveStripeWebhook(Command[WebhookTaken]):
    """A webhook as it came: the raw body and the value of the header Stripe-Signature. Refused when forged."""

    payload: str
    signature: str
