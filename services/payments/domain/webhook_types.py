"""Stripe's webhooks that payments acts on: what an endpoint at Stripe is registered for."""

OF_PAYMENTS = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
)
"""Each a hint that a payment has got further. An intent's creation is our own doing, and charges and the like follow
their intent; others may be sent all the same, and change nothing.
"""

OF_CARDS = ("setup_intent.succeeded", "setup_intent.setup_failed")
"""A hint that the bank has answered about a card that is being saved: the customer may have closed the page since."""

OF_REFUNDS = ("refund.created", "refund.updated", "refund.failed")
OF_DISPUTES = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
OF_RETURNS = (*OF_REFUNDS, *OF_DISPUTES)
"""Hints that received money has left again, or come back: refunds made at Stripe's dashboard too."""

ACTED_ON = (*OF_PAYMENTS, *OF_CARDS, *OF_RETURNS)
"""All of them."""
