"""Text messages as notify sees them: one is handed over, looked for, and four ways in which that fails."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

LONGEST_REASON = 300


class TextError(Exception):
    """A text was not taken. The text of the error is one line that staff may read; `code` is the provider's."""

    def __init__(self, reason: object, *, code: int | None = None) -> None:
        super().__init__(" ".join(str(reason).split())[:LONGEST_REASON] or type(reason).__name__)
        self.code = code


class TextRefused(TextError):
    """It will never be taken for this number; `code` says why."""


class TextNotNow(TextError):
    """It was surely not taken, and may be later."""


class OutcomeUnknown(TextError):
    """It may or may not have been taken: look for it before another try."""


@dataclass(frozen=True, kw_only=True)
class TakenText:
    """A text that the provider has."""

    sid: str
    body: str
    created_at: datetime | None


class Texting(ABC):
    """A provider of text messages."""

    @abstractmethod
    def send(self, *, to: str, body: str, report_to: str) -> TakenText:
        """Hand over a text for the number `to`; its fate is reported to the address `report_to`. Raises TextError."""

    @abstractmethod
    def latest_to(self, number: str) -> list[TakenText]:
        """What was sent to a number last, newest first. Raises TextNotNow."""

    @abstractmethod
    def is_genuine(self, url: str, fields: Mapping[str, str], signature: str) -> bool:
        """Whether a webhook to `url` with these fields comes from the provider, for our account."""
