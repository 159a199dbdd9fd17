"""balance's settings."""

from typing import Annotated

from chassis.settings import Env, ServiceSettings


class BalanceSettings(ServiceSettings, frozen=True, kw_only=True):
    """What balance is told by its environment."""

    database_url: Annotated[str, Env("PORCHLIGHT_BALANCE_DATABASE_URL", "balance's own database")]
