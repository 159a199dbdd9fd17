"""The very start of the command, before there is anything that Ctrl-C could stop."""

import subprocess
import sys

PROGRAM = """
import os, signal, sys
from chassis import monkey
from porchlight import __main__

def patch():
    # As eventlet does: it says what was thrown, and goes on.
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException as error:
        print("thrown while patching:", repr(error), file=sys.stderr)

monkey.patch = patch
sys.argv = ["porchlight", "--help"]
__main__.main()
"""


def test_ctrl_c_while_the_process_is_patched_ends_it_without_a_word():
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "")
