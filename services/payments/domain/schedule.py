"""When a payment that is not settled is looked at again, and how long its parts may take."""

from datetime import datetime, timedelta

FIRST_CHECKS = (timedelta(minutes=5), timedelta(hours=1))
DAILY_CHECKS = 30

FINISH_WITHIN = timedelta(hours=1)
"""A payment is created and confirmed at the provider within this time of the customer's press on Pay, or not at all.

Well inside the 24 hours for which Stripe remembers an idempotency key: after those the same key would make a
second payment.
"""

REFUSAL_STANDS = timedelta(seconds=35)
"""For so long a key answers the same request with the refusal it got: no press of a double click begins what another
was told is refused. Longer than a press on Pay is waited for (25 s) and clocks differ (5 s).
"""

ABANDONED_AFTER = timedelta(minutes=30)
"""How long the customer has for the bank's authentication (3-D Secure)."""

LEASE = timedelta(seconds=40)
"""How long one worker has a payment to itself between two commits; more than the longest call to the provider."""


def next_check_at(now: datetime, *, checks: int) -> datetime | None:
    """Return when to ask the provider again after `checks` questions; None: people must look at it."""
    if checks < len(FIRST_CHECKS):
        return now + FIRST_CHECKS[checks]
    if checks < len(FIRST_CHECKS) + DAILY_CHECKS:
        return now + timedelta(days=1)
    return None


def webhook_retry_at(now: datetime, *, attempts: int) -> datetime | None:
    """Return when to work on a webhook again that could not be applied; None after a day of trying."""
    if attempts > 40:
        return None
    return now + timedelta(seconds=min(2.0 ** min(attempts, 20), 3600.0))


def detach_retry_at(now: datetime, *, attempts: int) -> datetime | None:
    """Return when the provider is told again to forget a card; None after a month of trying."""
    if attempts > 40:
        return None
    return now + timedelta(seconds=min(60.0 * 2.0 ** min(attempts, 20), 86_400.0))
