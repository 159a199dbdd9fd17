"""python -m tests.support.greeter.green_client URL: the RPC client in a patched process.

Prints what happened as JSON.
"""

import json
import sys
import time

from chassis import monkey

monkey.patch()

import eventlet  # noqa: E402 - after the patching

from chassis import correlation  # noqa: E402
from chassis.rpc import RpcClient  # noqa: E402
from contracts.wire import Refused  # noqa: E402
from tests.support.greeter import greetings  # noqa: E402


def work(client, worker):
    with correlation.bound(f"worker-{worker}"):
        answers = [client.call(greetings.Greet(name=f"{worker}-{number}"), timeout_s=10.0) for number in range(30)]
    return all(
        answer.text == f"hello {worker}-{number}" and answer.correlation_id == f"worker-{worker}"
        for number, answer in enumerate(answers)
    )


def late(client):
    try:
        client.call(greetings.Linger(seconds=1.5), timeout_s=0.1)
    except Refused as refused:
        return refused.code
    return "answered"


def main(url):
    client = RpcClient(url)
    # Nobody but this greenlet keeps the hub from sleeping: the others must not be held up by a call that waits.
    ticks: list[int] = []

    def tick():
        for number in range(1000):
            eventlet.sleep(0.01)
            ticks.append(number)

    ticking = eventlet.spawn(tick)
    workers = [eventlet.spawn(work, client, number) for number in range(20)]
    right = [worker.wait() for worker in workers]
    started, before = time.monotonic(), len(ticks)
    code = late(client)
    told = {
        "right": right,
        "late": code,
        "late after s": time.monotonic() - started,
        "ticks meanwhile": len(ticks) - before,
        "waiting": client.waiting,
    }
    ticking.kill()
    client.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
