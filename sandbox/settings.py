"""What the sandbox is told at start; read once, never changed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names the variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, with the name of its environment variable being SANDBOX_ and the field in capitals.

    Times are seconds. `folder` None keeps everything in memory. An empty URL means "nobody listens".
    """

    host: str = "127.0.0.1"
    port: int = 8020
    folder: Path | None = None
    public_url: str = ""
    """Where a browser finds the sandbox, when that differs from where the caller found it."""

    portal_url: str = ""
    portal_reached_at: str = ""
    """Webhooks to `portal_url`, for which they are signed, are sent here where it does not lead to the portal."""

    stripe_secret_key: str = field(default="sk_test_sandbox", repr=False)
    stripe_publishable_key: str = "pk_test_sandbox"
    stripe_webhook_url: str = ""
    stripe_webhook_secret: str = field(default="whsec_sandbox", repr=False)
    stripe_webhook_events: tuple[str, ...] = ("*",)

    twilio_account_sid: str = "AC" + "5a" * 16
    twilio_auth_token: str = field(default="sandbox", repr=False)
    twilio_phone_number: str = "+15005550006"
    twilio_inbound_url: str = ""

    webhook_workers: int = 4
    webhook_timeout_s: float = 10.0
    webhook_retry_s: float = 0.5
    """The wait before the second attempt; it doubles from there, up to an hour."""
    webhook_attempts_max: int = 16
    webhook_duplicate_every: int = 7
    """Each n-th event is delivered twice, as Stripe says may happen; 0 never."""
    webhook_reorder_every: int = 5
    """Each n-th event is held back so that later ones overtake it; 0 never."""

    record_file: Path | None = None
    """Every API exchange is appended here, a JSON object a line, for tests that check it afterwards."""

    def __post_init__(self) -> None:
        for name, prefix in (
            ("stripe_secret_key", "sk_test_"),
            ("stripe_publishable_key", "pk_test_"),
            ("stripe_webhook_secret", "whsec_"),
        ):
            if not getattr(self, name).startswith(prefix):
                raise SettingsError(f"{variable(name)} must begin with {prefix}: the sandbox takes no live key.")
        if self.webhook_workers < 1 or self.webhook_attempts_max < 1:
            raise SettingsError(f"{variable('webhook_workers')} and {variable('webhook_attempts_max')} start at 1.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings named SANDBOX_* in the environment; what is absent or empty keeps its default.

        Raises SettingsError naming the variable that cannot be read.
        """
        environment = os.environ if environment is None else environment
        values = {}
        for each in fields(cls):
            text = environment.get(variable(each.name), "").strip()
            if text:
                values[each.name] = _parsed(each.name, text, each.default)
        return cls(**values)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"SANDBOX_{name.upper()}"


def _parsed(name: str, text: str, default: Any) -> Any:
    if name in ("folder", "record_file"):
        return Path(text)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, int | float):
        try:
            return type(default)(text)
        except ValueError as error:
            raise SettingsError(f"{variable(name)} must be a number, not {text!r}.") from error
    return text
