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

ACTED_ON = (*OF_PAYMENTS, *OF_CARDS)
"""All of them."""
