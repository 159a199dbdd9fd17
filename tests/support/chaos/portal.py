"""What a storm needs of a running portal: `LocalStack` is one, and `House` (house.py)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Portal(Protocol):
    """Processes by name, to be asked, killed and started again."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Stripe's keys among them."""

    def url(self, name: str) -> str:
        """Where `gateway` or `sandbox` is reached."""

    def environment(self, name: str) -> dict[str, str]:
        """What a command sees that should see what the service sees."""

    def log(self, name: str) -> Path:
        """What the process prints."""

    def pid(self, name: str) -> int:
        """The process id, which is its group's too."""

    def is_ready(self, name: str) -> bool:
        """Whether it says so."""

    def start(self, *names: str) -> None:
        """Start, and return when ready."""

    def stop(self, *names: str) -> None:
        """Ask to stop, and return when stopped."""

    def kill(self, name: str) -> None:
        """kill -9."""
