"""When a message that could not be sent is tried again, and when no more."""

from datetime import timedelta

PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
)
"""After the first try, the second, and so on: a mail server may be away for a day without a message being lost."""

MOST_TRIES = len(PAUSES) + 1


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after the `attempts`th try; None when that was the last."""
    return PAUSES[attempts - 1] if attempts < MOST_TRIES else None
