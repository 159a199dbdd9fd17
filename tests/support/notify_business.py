"""The business for which a notify under test writes: its settings, and what makes its e-mails."""

from typing import Any

from services.notify.emails.composer import Composer
from services.notify.settings import NotifySettings


def settings(**changes: Any) -> NotifySettings:
    """A business in New York."""
    values: dict[str, Any] = {
        "broker_url": "inprocess://",
        "database_url": "sqlite:///unused",
        "mail_url": "mailbox+http://127.0.0.1:1/mailbox/messages",
        "mail_from": "Green Acres Lawn <office@greenacres.example>",
        "portal_url": "https://portal.greenacres.example/",
        "twilio_account_sid": "AC" + "5a" * 16,
        "twilio_auth_token": "Zq4-auth-token-for-tests-7Yd",
        "twilio_messaging_service_sid": "MG" + "5a" * 16,
        "unsubscribe_secret": "Wm3rT8-for-tests-only-q91Lz",
        "business_name": "Green Acres Lawn",
        "business_email": "office@greenacres.example",
        "business_phone": "(607) 555-0142",
        "business_address": "2200 Mill Road, Maple Falls, NY 13902",
        "business_website": "https://greenacres.example",
        "accent_color": "#2f6b3c",
    }
    return NotifySettings(**{**values, **changes})


def composer(**changes: Any) -> Composer:
    """What writes that business's e-mails."""
    return settings(**changes).composer
