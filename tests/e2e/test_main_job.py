"""The whole way through, import to receipt, in both ways to run: processes on RabbitMQ, and all in one process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from porchlight.walk.main_job import MainJob

STEPS = 18


def test_a_customer_signs_up_sees_what_is_owed_and_pays_it(new_walk: Callable[[], MainJob]) -> None:
    new_walk().walk()


def test_the_demo_check_passes_on_a_machine_with_nothing_set(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("porchlight")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PORCHLIGHT_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [program, "demo", "--check"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok  ") == STEPS, done.stdout
