"""The folder of the embedded mode: its databases, its secrets, and the lock that one process holds."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from chassis.settings import SettingsError
from porchlight.migrations import MIGRATIONS, database_variable

DEFAULT_HOME = ".porchlight"

GREEN_ACRES = {
    "PORCHLIGHT_BUSINESS_NAME": "Green Acres Lawn Care",
    "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.example",
    "PORCHLIGHT_BUSINESS_PHONE": "(607) 555-0142",
    "PORCHLIGHT_BUSINESS_ADDRESS": "2200 Mill Road, Maple Falls, NY 13902",
    "PORCHLIGHT_BUSINESS_WEBSITE": "https://greenacres.example",
    "PORCHLIGHT_BUSINESS_HOURS": "Mon–Fri 8 am–5 pm, Sat 9 am–noon",
    "PORCHLIGHT_BUSINESS_TIME_ZONE": "America/New_York",
    "PORCHLIGHT_ACCENT_COLOR": "#2f6b3c",
    "PORCHLIGHT_MAIL_FROM": "Green Acres Lawn Care <office@greenacres.example>",
    "PORCHLIGHT_LOG_FORMAT": "text",
    "PORCHLIGHT_LOG_LEVEL": "warning",
}
"""Who the business is until its own settings say otherwise. The domain cannot exist (RFC 2606)."""


class HomeInUse(Exception):
    """Another process is using the folder."""


class Home:
    """A folder of the embedded mode. Made when it is not there; readable by its owner only. Raises `SettingsError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingsError({"PORCHLIGHT_HOME": f"{self.folder} cannot be a folder: {error.strerror}"}) from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise SettingsError({"PORCHLIGHT_HOME": f"{self.folder} cannot be written to by this user"})
        self.socket = self.folder / "commands.sock"
        self.sandbox_folder = self.folder / "sandbox"

    @classmethod
    def named_in(cls, environ: Mapping[str, str]) -> "Home":
        """The folder that PORCHLIGHT_HOME names, or `.porchlight` in the present one."""
        return cls(Path(environ.get("PORCHLIGHT_HOME") or DEFAULT_HOME))

    def environment(self, environ: Mapping[str, str], *, portal_url: str, sandbox_url: str) -> dict[str, str]:
        """Every service's settings: what `environ` says, and for the rest this folder, its secrets and the sandbox.

        Real keys of Stripe or Twilio or a real mail server in `environ` take the sandbox's place.
        """
        own = {
            **GREEN_ACRES,
            **{database_variable(service): self.database_url(service) for service in MIGRATIONS},
            "PORCHLIGHT_BROKER_URL": "inprocess://",
            "PORCHLIGHT_PORTAL_URL": portal_url,
            "PORCHLIGHT_MAIL_URL": f"mailbox+{sandbox_url}/mailbox/messages",
            **self._secrets(),
        }
        if environ.get("TWILIO_ACCOUNT_SID"):
            # A real account has a real token and service, or the start says which is missing.
            own = {name: value for name, value in own.items() if not name.startswith("TWILIO_")}
        else:
            own |= {"TWILIO_API_BASE": sandbox_url}
        if not environ.get("STRIPE_SECRET_KEY"):
            own |= {"STRIPE_API_BASE": f"{sandbox_url}/stripe", "STRIPE_JS_URL": f"{sandbox_url}/stripe/js/v3/"}
        given = {name: value for name, value in environ.items() if value}
        return {**own, **given, "PORCHLIGHT_BROKER_URL": "inprocess://"}

    def database_url(self, service: str) -> str:
        """The address of a service's SQLite file."""
        return f"sqlite:///{self.folder / service}.sqlite"

    def lock(self) -> "HomeLock":
        """Take the folder for this process. Raises `HomeInUse` when another one has it."""
        return HomeLock(self.folder / "lock")

    def _secrets(self) -> dict[str, str]:
        file = self.folder / "secrets.json"
        kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        made = {
            "PORCHLIGHT_SECRET_KEY": secrets.token_urlsafe(32),
            "PORCHLIGHT_LINK_SECRET": secrets.token_urlsafe(32),
            "PORCHLIGHT_UNSUBSCRIBE_SECRET": secrets.token_urlsafe(32),
            "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(16)}",
            "STRIPE_PUBLISHABLE_KEY": f"pk_test_{secrets.token_hex(16)}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
            "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
            "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
            "TWILIO_MESSAGING_SERVICE_SID": f"MG{secrets.token_hex(16)}",
        }
        if made.keys() - kept.keys():
            # A new folder, or one of before there was such a secret. Half a file would lock everybody out of it.
            kept = made | kept
            write_whole(file, json.dumps(kept))
        return kept


def write_whole(file: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(file)


class HomeLock:
    """Held while it is open; the system gives it back when the process ends in whatever way."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise HomeInUse(f"another process is using {path.parent}") from error

    def release(self) -> None:
        """Let others have the folder."""
        self._file.close()

    def __enter__(self) -> "HomeLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
