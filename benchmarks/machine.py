"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from kombu import Connection

from benchmarks.report import table
from porchlight.private_servers import find_postgres

PACKAGES = ("nameko", "kombu", "amqp", "eventlet", "sqlalchemy", "psycopg2-binary", "flask", "gunicorn")


def load() -> float:
    """How many processes wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def description(*, rabbitmq: str, load_before: float, took_s: float) -> str:
    """Processor, memory, versions and the date, as a Markdown table. `rabbitmq` is the broker's version."""
    rows = [
        ["date", f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"],
        ["cores", f"{os.cpu_count()} ({_processor()}), client, broker, database and services all on them"],
        ["memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"],
        ["load before", f"{load_before:.1f} (average over the minute before the first measurement)"],
        ["the run took", f"{took_s / 60:.1f} minutes"],
        ["system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"],
        ["servers", f"PostgreSQL {_postgres()}, RabbitMQ {rabbitmq}; PostgreSQL without fsync"],
        ["libraries", ", ".join(f"{name} {version(name)}" for name in PACKAGES)],
    ]
    return table(["", ""], rows).replace("---: |", "--- |")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _postgres() -> str:
    folder = find_postgres()
    if folder is None:
        return "unknown"
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, timeout=20).stdout
    found = re.search(r"\d+(\.\d+)*", said)
    return found[0] if found else "unknown"


def rabbitmq_version(broker_url: str) -> str:
    """What the broker says of itself."""
    with Connection(broker_url) as connection:
        connection.connect()
        return str(connection.connection.server_properties.get("version", "unknown"))
