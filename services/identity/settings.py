"""identity's settings."""

from datetime import timedelta
from typing import Annotated

import msgspec

from chassis.settings import Env, ServiceSettings
from services.identity.domain.sessions import SessionLife


class IdentitySettings(ServiceSettings, frozen=True, kw_only=True):
    """What identity is told by its environment."""

    database_url: Annotated[str, Env("PORCHLIGHT_IDENTITY_DATABASE_URL", "identity's own database")]
    link_secret: Annotated[
        str,
        Env("PORCHLIGHT_LINK_SECRET", "Key from which the secrets of links and calendars are made", secret=True),
    ]
    session_idle_minutes: Annotated[
        int,
        msgspec.Meta(ge=1, le=525_600),
        Env("PORCHLIGHT_SESSION_IDLE_MINUTES", "Minutes without a page after which a session is over"),
    ] = 120
    session_longest_hours: Annotated[
        int,
        msgspec.Meta(ge=1, le=8760),
        Env("PORCHLIGHT_SESSION_LONGEST_HOURS", "Hours after the log-in when a session is over in any case"),
    ] = 12

    @property
    def session_life(self) -> SessionLife:
        """How long sessions last."""
        return SessionLife(
            idle=timedelta(minutes=self.session_idle_minutes), longest=timedelta(hours=self.session_longest_hours)
        )
