"""A signal is heard whenever it comes, and by whom it is meant for."""

import subprocess
import sys

SIGNALLED_AS_ITS_START_ENDS = """
import os, signal
import eventlet
from chassis.signals import StopSignals, first_of

signals = StopSignals()
starting = eventlet.spawn(os.kill, os.getpid(), signal.SIGTERM)
print("started" if first_of(starting, signals) else "stopped while starting")
print("ended" if first_of(eventlet.spawn(eventlet.sleep, 10), signals) else "stopped")
"""

INTERRUPTED = """
import os, signal
import eventlet
from chassis.signals import interrupted_here

def another():
    # The interpreter runs the handler at once, in this greenlet.
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass
    print("the other one goes on")

try:
    with interrupted_here():
        eventlet.spawn(another)
        eventlet.sleep(30)
except KeyboardInterrupt:
    print("interrupted")
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("as before")
"""

NEVER_WAITING = """
import os, signal
from chassis.signals import interrupted_here

try:
    with interrupted_here():
        os.kill(os.getpid(), signal.SIGINT)
        print("once")
        os.kill(os.getpid(), signal.SIGINT)
        print("twice")
except KeyboardInterrupt:
    print("interrupted")
"""

AS_THE_BLOCK_ENDS = """
import os, signal
import eventlet
from chassis.signals import interrupted_here

for waits in range(6):
    try:
        with interrupted_here():
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(waits):
                eventlet.sleep(0)
        print("not heard")
    except KeyboardInterrupt:
        pass
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or signal.set_wakeup_fd(-1) != -1:
        print("not as before")
eventlet.sleep(0.01)
print("no other comes later")
"""


def lines_of(program: str) -> list[str]:
    told = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60)
    assert told.stderr == ""
    return told.stdout.splitlines()


def test_a_signal_that_comes_as_the_start_ends_is_not_lost():
    assert lines_of(SIGNALLED_AS_ITS_START_ENDS) == ["started", "stopped"]


def test_ctrl_c_is_for_the_greenlet_that_asked_for_it_whichever_runs():
    assert lines_of(INTERRUPTED) == ["the other one goes on", "interrupted", "as before"]


def test_ctrl_c_twice_ends_what_never_waits():
    assert lines_of(NEVER_WAITING) == ["once", "interrupted"]


def test_ctrl_c_as_the_block_ends_is_heard_and_its_end_comes_to_its_end():
    assert lines_of(AS_THE_BLOCK_ENDS) == ["no other comes later"]
