"""What notify says of Ana's texts and choices, for a gateway under test."""

from datetime import UTC, datetime
from typing import Any

from contracts.notify import ChoicesView, ConsentEntry, ConsentText, NotificationsView

NUMBER, SHOWN = "+16075550142", "(607) 555-0142"
WORDS = "I agree that Green Acres Lawn may send text messages. Msg & data rates may apply. Reply STOP to stop."


def some_notifications(**changes: Any) -> NotificationsView:
    values: dict[str, Any] = {
        "switch": "off",
        "phone": "607 555 0142",
        "number": NUMBER,
        "number_shown": SHOWN,
        "consent": ConsentText(version="2026-11-0a1b2c3d", text=WORDS),
        "history": [],
        "email": "ana@example.com",
        "choices": ChoicesView(emails=["invoice_sent", "visit_reminder", "statement_ready", "card_expiring"]),
    }
    return NotificationsView(**{**values, **changes})


def a_consent_entry(**changes: Any) -> ConsentEntry:
    values: dict[str, Any] = {
        "entry_id": "entry-1",
        "number": NUMBER,
        "number_shown": SHOWN,
        "action": "opt_in",
        "source": "portal",
        "text": WORDS,
        "text_version": "2026-11-0a1b2c3d",
        "occurred_at": datetime(2026, 7, 1, 15, 30, tzinfo=UTC),
        "ip_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
    }
    return ConsentEntry(**{**values, **changes})
