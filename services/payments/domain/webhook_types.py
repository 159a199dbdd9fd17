"""Stripe's webhooks that payments acts on: what an endpoint at Stripe is registered for."""

ACTED_ON = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
)
"""Each a hint that a payment has got further. An intent's creation is our own doing, and charges and the like follow
their intent; others may be sent all the same, and change nothing.
"""
