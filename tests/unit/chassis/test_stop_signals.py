"""A signal to stop is heard whenever it comes."""

import subprocess
import sys

SIGNALLED_AS_ITS_START_ENDS = """
import os, signal
import eventlet
from chassis.runner import StopSignals, first_of

signals = StopSignals()
starting = eventlet.spawn(os.kill, os.getpid(), signal.SIGTERM)
print("started" if first_of(starting, signals) else "stopped while starting")
print("ended" if first_of(eventlet.spawn(eventlet.sleep, 10), signals) else "stopped")
"""


def test_a_signal_that_comes_as_the_start_ends_is_not_lost():
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SIGNALLED_AS_ITS_START_ENDS], capture_output=True, text=True, timeout=60
    )
    assert told.stdout.splitlines() == ["started", "stopped"], told.stderr
