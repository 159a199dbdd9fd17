"""The settings of payments."""

import re
from datetime import time
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from chassis.setting_checks import currency_code
from chassis.settings import Env, ServiceSettings, SettingsError
from services.payments.domain.charge_dates import ChargeRules
from services.payments.domain.minimums import chargeable_currency


def secret_key(value: str) -> None:
    """Raise ValueError unless `value` looks like a secret or restricted API key of Stripe."""
    if not re.fullmatch(r"(sk|rk)_(test|live)_[A-Za-z0-9_]+", value):
        raise ValueError("not a secret key of Stripe, such as sk_live_… or sk_test_…")


def webhook_secret(value: str) -> None:
    """Raise ValueError unless `value` looks like the signing secret of a webhook endpoint of Stripe."""
    if not value.startswith("whsec_"):
        raise ValueError("not a signing secret of Stripe, such as whsec_…")


def api_base(value: str) -> None:
    """Raise ValueError unless `value` is the address of an API."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address such as https://api.stripe.com")


def time_of_day(value: str) -> None:
    """Raise ValueError unless `value` is a time such as 09:00."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError("not a time of day such as 09:00")


def _currency(value: str) -> None:
    currency_code(value)
    chargeable_currency(value)


class PaymentsSettings(ServiceSettings, frozen=True, kw_only=True):
    """What payments is told by its environment."""

    database_url: Annotated[str, Env("PORCHLIGHT_PAYMENTS_DATABASE_URL", "payments' own database")]
    currency: Annotated[str, Env("PORCHLIGHT_CURRENCY", "The one currency, ISO 4217", check=_currency)] = "USD"
    stripe_secret_key: Annotated[
        str, Env("STRIPE_SECRET_KEY", "Stripe's secret API key", secret=True, check=secret_key)
    ]
    stripe_webhook_secret: Annotated[
        str,
        Env("STRIPE_WEBHOOK_SECRET", "Signing secret of Stripe's webhook endpoint", secret=True, check=webhook_secret),
    ]
    stripe_api_base: Annotated[str, Env("STRIPE_API_BASE", "Where Stripe's API answers", check=api_base)] = (
        "https://api.stripe.com"
    )
    stripe_timeout_s: Annotated[
        float,
        msgspec.Meta(ge=1, le=10),
        Env("STRIPE_TIMEOUT_S", "Seconds to wait for each answer of Stripe; then the outcome counts as unknown"),
    ] = 8.0
    stripe_retries: Annotated[
        int,
        msgspec.Meta(ge=0, le=2),
        Env("STRIPE_RETRIES", "How often a call to Stripe that got no answer is repeated at once, with the same key"),
    ] = 2

    auto_pay_time: Annotated[
        str,
        Env(
            "PORCHLIGHT_AUTO_PAY_TIME",
            "When auto-pay charges, on the business's clock, 09:00",
            check=time_of_day,
        ),
    ] = "09:00"
    auto_pay_when: Annotated[
        Literal["due", "sent"],
        Env("PORCHLIGHT_AUTO_PAY_WHEN", "On which day auto-pay charges an invoice: when it is due, or when it is sent"),
    ] = "due"

    @property
    def charge_rules(self) -> ChargeRules:
        """The owner's choice of when invoices are charged."""
        return ChargeRules(
            charged_when=self.auto_pay_when,
            time_of_day=time.fromisoformat(self.auto_pay_time),
            time_zone=ZoneInfo(self.time_zone),
        )

    def __post_init__(self) -> None:
        if "_live_" in self.stripe_secret_key and not self.stripe_api_base.startswith("https://"):
            raise SettingsError({"STRIPE_API_BASE": "must be an https address: a live key is sent to it"})
