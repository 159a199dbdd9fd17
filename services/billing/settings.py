"""billing's settings."""

from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from chassis.settings import Env, ServiceSettings
from services.billing.domain.rules import OwnerRules


class BillingSettings(ServiceSettings, frozen=True, kw_only=True):
    """What every service needs, and what the owner decides about credits and partial payments."""

    database_url: Annotated[
        str, Env("PORCHLIGHT_BILLING_DATABASE_URL", "billing's database: postgresql://… or sqlite:///…")
    ]
    link_secret: Annotated[
        str,
        Env("PORCHLIGHT_LINK_SECRET", "Key from which the secrets of links and calendars are made", secret=True),
    ]
    auto_apply_credits: Annotated[
        bool,
        Env("PORCHLIGHT_AUTO_APPLY_CREDITS", "Put credits on the oldest due invoices by themselves: true or false"),
    ] = True
    allow_partial_payments: Annotated[
        bool, Env("PORCHLIGHT_ALLOW_PARTIAL_PAYMENTS", "Whether customers may pay part of what is open: true or false")
    ] = True
    minimum_partial_minor: Annotated[
        int,
        msgspec.Meta(ge=1),
        Env("PORCHLIGHT_MINIMUM_PARTIAL_MINOR", "The least that a partial payment may be, in minor units"),
    ] = 100

    @property
    def rules(self) -> OwnerRules:
        """Return the owner's rules as the domain takes them."""
        return OwnerRules(
            currency=self.currency,
            time_zone=ZoneInfo(self.time_zone),
            auto_apply_credits=self.auto_apply_credits,
            allow_partial_payments=self.allow_partial_payments,
            minimum_partial_minor=self.minimum_partial_minor,
        )
