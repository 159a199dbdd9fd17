"""python -m tests.support.greeter.embedded FOLDER: the greeter over the in-process broker.

Prints what happened as JSON. Everything runs in one patched process, as in the embedded mode.
"""

import json
import sys
import time
from pathlib import Path

from chassis import monkey

monkey.patch()

import eventlet  # noqa: E402 - after the patching

from chassis import consuming, logs, migrations, rpc, rpc_server  # noqa: E402
from chassis.drained import drained  # noqa: E402
from chassis.hosting import Host, Hosted  # noqa: E402
from contracts.wire import Command, Refused  # noqa: E402
from tests.support.greeter import greetings  # noqa: E402
from tests.support.greeter.process import SECRET  # noqa: E402
from tests.support.greeter.service import LISTENERS, GreetingsService  # noqa: E402
from tests.support.greeter.settings import GreeterSettings  # noqa: E402
from tests.support.waiting import eventually  # noqa: E402

MIGRATIONS = "tests.support.greeter.migrations"


class Absent(Command[greetings.Greeting]):
    """Goes to a service that does not exist."""


Absent.service = "nobody"


def timed(call):
    started = time.monotonic()
    try:
        answer = call()
    except Refused as refused:
        return [refused.code, time.monotonic() - started]
    return [getattr(answer, "text", answer), time.monotonic() - started]


def stops_while_idle(hosted):
    """Whether a host at rest stops without waiting for its readers to look up by themselves, in half a minute."""
    consuming.IDLE_S = rpc_server.LOOK_EVERY_S = 30.0
    host = Host([hosted])
    host.start()
    eventually(lambda: not any(host.readiness().values()))
    return host.stop(grace_s=15.0)


def stops_at_any_step(hosted):
    """Whether a host that is told to stop at the first, second, … step of its start stops at once, up to the last."""
    steps, has_started, outcomes = 0, False, []
    while not has_started:
        host = Host([hosted])
        starting = eventlet.spawn(host.start)
        for _ in range(steps):
            eventlet.sleep(0)
        has_started = starting.dead
        outcomes.append(host.stop(grace_s=5.0))
        starting.kill()
        steps += 1
    return outcomes


def main(folder):
    logs.configure(log_format="text")
    url = f"sqlite:///{folder}/greeter.sqlite"
    migrations.upgrade(url, MIGRATIONS)
    settings = GreeterSettings(broker_url="inprocess://", database_url=url, signing_secret=SECRET)
    hosted = Hosted(service=GreetingsService, settings=settings, migrations=MIGRATIONS)
    host = Host([hosted])
    host.start()
    client = rpc.shared("inprocess://")
    mark = folder / "mark"
    lingering = {str(number): greetings.Linger(seconds=0.5) for number in range(10)}
    busy = {str(number): greetings.Linger(seconds=0.5) for number in range(10)}
    told = {
        "greeting": timed(lambda: client.call(greetings.Greet(name="Ann"))),
        "refused": timed(lambda: client.call(greetings.Refuse())),
        "absent": timed(lambda: client.call(Absent(), timeout_s=30.0)),
        "gathered": timed(lambda: len(client.gather(lingering, timeout_s=10.0))),
        "late": timed(lambda: client.call(greetings.Linger(seconds=1), timeout_s=0.1)),
        "passed on": timed(lambda: client.call(greetings.PassOn(name="Ann"))),
        "announced": bool(timed(lambda: client.call(greetings.Announce(key="k", text="hello")))),
        "drained": drained(client, LISTENERS, 5.0)["greetings"].handled,
        "readiness": host.readiness(),
    }
    working = eventlet.spawn(client.gather, busy)
    eventually(lambda: client.waiting == 10)
    told["too late"] = timed(lambda: client.call(greetings.Linger(seconds=0, mark=str(mark)), timeout_s=0.2))
    working.wait()
    told["after it"] = timed(lambda: client.call(greetings.Greet(name="Ann")))
    told["carried out too late"] = mark.exists()
    told["waiting"] = client.waiting
    started = time.process_time()
    eventlet.sleep(2)
    told["idle share of a core"] = (time.process_time() - started) / 2
    finishing = eventlet.spawn(client.call, greetings.Linger(seconds=0.5, mark=str(mark)))
    eventually(mark.exists)
    told["stopped"] = host.stop(grace_s=5.0)
    told["finished"] = finishing.wait().text
    told["stopped while starting"] = stops_at_any_step(hosted)
    told["stopped while idle"] = stops_while_idle(hosted)
    client.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
