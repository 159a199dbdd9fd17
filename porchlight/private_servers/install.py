"""Installs what is missing of RabbitMQ, PostgreSQL and Chromium, where this user may install Debian packages.

`python -m porchlight.private_servers.install rabbitmq postgres` ends with 0 when all that was named is there, else
with 1 after saying what to install. No service is started by it: the tests start private ones of their own.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from porchlight.private_servers.binaries import find_chromium, find_postgres, find_rabbitmq

APT_TIMEOUT_S = 900
POLICY = Path("/usr/sbin/policy-rc.d")

# Packages are installed without their services being started (policy-rc.d is Debian's own switch for that); a machine
# that has such a policy already keeps it. The lists are fetched only when installing from those at hand fails.
INSTALL_SCRIPT = """
set -e
policy=$1
shift
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\\nexit 101\\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
install_packages() { apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; }
if ! install_packages "$@"; then
    apt-get update -q || true
    install_packages "$@"
fi
"""


class Program(NamedTuple):
    find: Callable[[], Path | None]
    package: str
    title: str


PROGRAMS = {
    "rabbitmq": Program(find_rabbitmq, "rabbitmq-server", "RabbitMQ"),
    "postgres": Program(find_postgres, "postgresql", "PostgreSQL"),
    "chromium": Program(find_chromium, "chromium", "Chromium"),
}


def missing(names: list[str]) -> list[str]:
    """Those of the named programs that this machine does not have."""
    return [name for name in names if PROGRAMS[name].find() is None]


def advice(names: list[str]) -> str:
    """What to type to have the named programs."""
    return "apt-get install --no-install-recommends " + " ".join(PROGRAMS[name].package for name in names)


def administrator() -> list[str] | None:
    """What to put before a command for it to run as root: nothing for root, `sudo -n` where that asks for no password;
    None where neither."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def install(names: list[str]) -> list[str]:
    """Installs those of the named programs that are missing, where it can; returns those still missing."""
    absent = missing(names)
    if not absent or shutil.which("apt-get") is None:
        return absent
    prefix = administrator()
    if prefix is None:
        return absent
    # One at a time: that one package cannot be had here is no reason to go without the others.
    for name in absent:
        program = PROGRAMS[name]
        print(f"Installing {program.title} ({program.package}) with apt", flush=True)
        command = [*prefix, "sh", "-c", INSTALL_SCRIPT, "install", str(POLICY), program.package]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=APT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            print(f"apt gave no answer in {APT_TIMEOUT_S} s", file=sys.stderr)
            continue
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
            print(f"apt could not install {program.package}:\n{tail}", file=sys.stderr)
    return missing(absent)


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in PROGRAMS]
    if unknown or not arguments:
        print(f"usage: name one or more of {', '.join(PROGRAMS)}", file=sys.stderr)
        return 2
    absent = install(arguments)
    for name in absent:
        print(f"{PROGRAMS[name].title} is missing and could not be installed here.", file=sys.stderr)
    if absent:
        print(f"As root: {advice(absent)}", file=sys.stderr)
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
