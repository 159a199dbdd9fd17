"""What was asked of the stand-ins: a bounded list to read, and optionally a file with every exchange in full."""

import json
import threading
from collections import deque
from pathlib import Path
from typing import Any

ENTRIES_MAX = 5_000


class Journal:
    """The latest requests in memory; with a file, all exchanges there, a JSON object a line."""

    def __init__(self, record_file: Path | None = None) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=ENTRIES_MAX)
        self._lock = threading.Lock()
        self._file = None
        if record_file is not None:
            record_file.parent.mkdir(parents=True, exist_ok=True)
            self._file = record_file.open("a", encoding="utf-8")

    def note(self, entry: dict[str, Any]) -> None:
        """Keeps a summary of a request."""
        self._entries.append(entry)

    @property
    def records(self) -> bool:
        """Whether exchanges are written in full."""
        return self._file is not None

    def record(self, exchange: dict[str, Any]) -> None:
        """Writes one exchange, flushed, so that a process killed afterwards has it on file."""
        if self._file is not None:
            line = json.dumps(exchange) + "\n"
            with self._lock:
                self._file.write(line)
                self._file.flush()

    def entries(self) -> list[dict[str, Any]]:
        """The summaries, oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forgets the summaries; the file stays."""
        self._entries.clear()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
