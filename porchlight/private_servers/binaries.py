"""Where the servers' programs are on this machine, without asking for them to be on the PATH.

Debian keeps PostgreSQL's `initdb` and RabbitMQ's real start script out of the PATH; what it puts there instead
(`rabbitmq-server` in /usr/sbin) insists on the system's own user, folder and cookie.
"""

import shutil
from pathlib import Path

POSTGRES_FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")
RABBITMQ_SCRIPTS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest version's; None where there is none."""
    versions = [
        (int(digits), initdb.parent)
        for folder in POSTGRES_FOLDERS
        for initdb in Path(folder).glob("*/bin/initdb")
        if (digits := "".join(filter(str.isdigit, initdb.parts[-3])) or "0") and (initdb.parent / "postgres").exists()
    ]
    if versions:
        return max(versions)[1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found and shutil.which("postgres") else None


def find_rabbitmq() -> Path | None:
    """RabbitMQ's own start script, None where it or Erlang is missing."""
    if shutil.which("erl") is None:
        return None
    for script in RABBITMQ_SCRIPTS:
        if Path(script).exists():
            return Path(script)
    found = shutil.which("rabbitmq-server")
    # Debian's wrapper of that name runs only as root or rabbitmq, on the system's node.
    return Path(found) if found and not found.startswith("/usr/sbin/") else None


def find_chromium() -> Path | None:
    """A Chromium that a test can drive, None where there is none."""
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None
