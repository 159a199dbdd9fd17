"""Customers with a phone, as a notify under test knows them, and what they do on their Notifications page."""

from datetime import UTC, datetime
from typing import Any

from contracts.notify import GetNotifications, NotificationsView, TurnTextsOff, TurnTextsOn
from tests.support.notify import Notify
from tests.support.notify_events import ANA, contact

PHONE, NUMBER = "(607) 555-0142", "+16075550142"
OTHER_PHONE, OTHER_NUMBER = "(607) 555-0143", "+16075550143"
NOON = datetime(2026, 6, 15, 16, tzinfo=UTC)
"""In New York, where the business and the numbers above are."""
NIGHT = datetime(2026, 6, 16, 2, tzinfo=UTC)
MORNING = datetime(2026, 6, 16, 12, tzinfo=UTC)


def has_phone(notify: Notify, phone: str | None = PHONE, *, version: int = 1, customer_id: str = ANA) -> None:
    notify.hear(contact(phone=phone, version=version, customer_id=customer_id))


def page(notify: Notify, customer_id: str = ANA) -> NotificationsView:
    return notify.ask(GetNotifications(customer_id=customer_id))


def agree(notify: Notify, customer_id: str = ANA, **changes: Any) -> NotificationsView:
    """Tick the box and press the button on the page as it is now."""
    seen = page(notify, customer_id)
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "number": seen.number or "",
        "consent_version": seen.consent.version,
        "agreed": True,
        "ip_address": "203.0.113.7",
        "user_agent": "Firefox",
    }
    return notify.ask(TurnTextsOn(**{**values, **changes}))


def decline(notify: Notify, customer_id: str = ANA) -> NotificationsView:
    return notify.ask(TurnTextsOff(customer_id=customer_id, ip_address="203.0.113.7", user_agent="Firefox"))
