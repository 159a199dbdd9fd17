import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

PROGRAM = """
import socket, sys, time

really_sleep, resolve = time.sleep, socket.getaddrinfo

def slow(*arguments, **options):
    really_sleep(0.3)
    return resolve("127.0.0.1", *arguments[1:], **options)

socket.getaddrinfo = slow

from chassis import monkey
monkey.patch()
import eventlet

server = eventlet.listen(("127.0.0.1", 0))
ticks = []
eventlet.spawn(lambda: [(eventlet.sleep(0.01), ticks.append(1)) for _ in range(1000)])
eventlet.sleep(0)
socket.create_connection(("a-name-that-takes-long.test", server.getsockname()[1]), 5.0).close()
assert len(ticks) >= 5, f"the hub stood still for the look-up: {len(ticks)} ticks"
assert "dns" not in sys.modules
"""


def test_looking_up_a_name_holds_nothing_else_up():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
