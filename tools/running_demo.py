"""A demo of its own for pictures: on a folder that is thrown away, with the business of the environment in it."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from porchlight.embedded.home import GREEN_ACRES
from porchlight.private_servers import processes

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S = 60.0
ANSWER_TIMEOUT_S = 5.0
OF_THE_BUSINESS = ("PORCHLIGHT_BUSINESS_", "PORCHLIGHT_ACCENT_COLOR", "PORCHLIGHT_LOCALE", "PORCHLIGHT_CURRENCY")


@dataclass(frozen=True)
class Demo:
    """Where it is, and the settings of its business."""

    portal_url: str
    sandbox_url: str
    business: dict[str, str]


@contextmanager
def running_demo() -> Iterator[Demo]:
    """One that runs while the block does."""
    given = {name: value for name, value in os.environ.items() if name.startswith(OF_THE_BUSINESS) and value}
    others = {
        name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_", "TWILIO_"))
    }
    portal, sandbox = processes.free_port(), processes.free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "demo.log"
        process = processes.start(
            [sys.executable, "-m", "porchlight", "demo", "--port", str(portal), "--sandbox-port", str(sandbox)],
            log=log,
            env={**others, **given, "PORCHLIGHT_HOME": f"{folder}/home"},
            folder=ROOT,
        )
        try:
            processes.wait_until(
                lambda: _is_ready(f"http://127.0.0.1:{portal}", log),
                process=process,
                name="demo",
                log=log,
                timeout_s=READY_TIMEOUT_S,
            )
            # Its address is for the guide alone: the demo has one of its own.
            public = {name: value for name in ("PORCHLIGHT_PORTAL_URL",) if (value := os.environ.get(name))}
            yield Demo(f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{sandbox}", {**GREEN_ACRES, **given, **public})
        finally:
            processes.stop(process, timeout_s=READY_TIMEOUT_S)


def _is_ready(url: str, log: Path) -> bool:
    try:
        ready = requests.get(f"{url}/readyz", timeout=ANSWER_TIMEOUT_S).status_code == 200
    except requests.RequestException:
        return False
    return ready and "Ready after" in log.read_text(encoding="utf-8")
