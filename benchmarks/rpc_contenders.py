"""The programs that the measurements of RPC start: servers, and clients that print what they reached as JSON.

    python -m benchmarks.rpc_contenders serve chassis amqp://…
    python -m benchmarks.rpc_contenders call chassis-threads amqp://… CONCURRENCY SECONDS

Every contender answers the same request with 500 bytes each way, with ten workers where it has workers. What
is not needed by a contender is not imported in its process, and only those that run on eventlet are patched.
"""

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

WORKERS = 10
WARM_UP_S = 0.5
BARE_QUEUE = "bare-echo"

Ask = Callable[[], None]


def _patch() -> None:
    from chassis import monkey

    monkey.patch()


def serve_chassis(url: str) -> None:
    """Answer as our services do."""
    _patch()
    from benchmarks.echoing import Echo, Echoed
    from chassis.container import Container
    from chassis.serving import answers

    class EchoService:
        name = "echoing"

        @answers(Echo)
        def echo(self, command: Echo) -> Echoed:
            return Echoed(text=command.text)

    _run_container(Container(EchoService, {"AMQP_URI": url, "max_workers": WORKERS}))


def serve_stock(url: str) -> None:
    """Answer as a stock nameko service does."""
    _patch()
    from nameko.containers import ServiceContainer
    from nameko.rpc import rpc

    class StockEchoService:
        name = "stock"

        @rpc
        def echo(self, text: str) -> dict[str, str]:
            return {"text": text}

    _run_container(ServiceContainer(StockEchoService, {"AMQP_URI": url, "max_workers": WORKERS}))


def serve_bare(url: str) -> None:
    """Answer with py-amqp alone: one connection, one loop, no confirms, one acknowledgement a request."""
    import amqp
    from kombu import Connection

    with Connection(url) as connection:
        channel = connection.channel()
        channel.queue_declare(BARE_QUEUE, durable=True, auto_delete=False)
        channel.basic_qos(0, WORKERS, False)

        def answer(message: Any) -> None:
            reply = amqp.Message(
                json.dumps(json.loads(message.body)), correlation_id=message.properties["correlation_id"]
            )
            channel.basic_publish(reply, routing_key=message.properties["reply_to"])
            channel.basic_ack(message.delivery_tag)

        channel.basic_consume(BARE_QUEUE, callback=answer)
        _say_ready()
        while True:
            connection.drain_events()


def _run_container(container: Any) -> None:
    container.start()
    _say_ready()
    container.wait()


def _say_ready() -> None:
    print("ready", flush=True)


def call_chassis_threads(url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Our client as the gateway uses it: threads that share one."""
    ask, client = _chassis_client(url)
    try:
        return _measure(ask, concurrency, seconds)
    finally:
        client.close()


def call_chassis_greenlets(url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Our client as services use it: greenlets that share one."""
    _patch()
    return call_chassis_threads(url, concurrency, seconds)


def _chassis_client(url: str) -> tuple[Ask, Any]:
    from benchmarks.echoing import TEXT, Echo
    from chassis.rpc import RpcClient

    client = RpcClient(url)

    def ask() -> None:
        assert client.call(Echo(text=TEXT), timeout_s=30.0).text == TEXT

    return ask, client


def call_stock_in_service(url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Stock nameko as its services call each other: greenlets with the RpcProxy of one container."""
    _patch()
    from nameko.containers import ServiceContainer, WorkerContext
    from nameko.rpc import RpcProxy

    from benchmarks.echoing import TEXT

    class Caller:
        name = "stock-caller"
        stock = RpcProxy("stock")

    container = ServiceContainer(Caller, {"AMQP_URI": url, "max_workers": WORKERS})
    container.start()
    [provider] = container.dependencies
    # A proxy without a worker: what a service's method would have in hand.
    proxy = provider.get_dependency(WorkerContext(container, Caller(), _NoEntrypoint()))

    def ask() -> None:
        assert proxy.echo(text=TEXT)["text"] == TEXT

    try:
        return _measure(ask, concurrency, seconds)
    finally:
        container.kill()


class _NoEntrypoint:
    method_name = "none"


def call_stock_standalone(url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Stock nameko from outside: a ClusterRpcProxy for each thread, since one is not safe for several."""
    from nameko.standalone.rpc import ClusterRpcProxy

    from benchmarks.echoing import TEXT

    own = threading.local()

    def ask() -> None:
        if not hasattr(own, "cluster"):
            own.cluster = ClusterRpcProxy({"AMQP_URI": url}).start()
        assert own.cluster.stock.echo(text=TEXT)["text"] == TEXT

    return _measure(ask, concurrency, seconds)


def call_bare(url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """py-amqp alone: one connection that keeps `concurrency` requests under way."""
    import amqp
    from kombu import Connection

    from benchmarks.echoing import TEXT

    body = json.dumps({"args": [], "kwargs": {"text": TEXT}})
    with Connection(url) as connection:
        channel = connection.channel()
        reply_to = channel.queue_declare("", exclusive=True).queue
        sent_at: dict[str, float] = {}
        latencies: list[float] = []

        def ask() -> None:
            number = str(len(latencies) + len(sent_at))
            sent_at[number] = time.perf_counter()
            message = amqp.Message(body, reply_to=reply_to, correlation_id=number)
            channel.basic_publish(message, routing_key=BARE_QUEUE)

        def answered(message: Any) -> None:
            assert json.loads(message.body)["kwargs"]["text"] == TEXT
            latencies.append(time.perf_counter() - sent_at.pop(message.properties["correlation_id"]))

        channel.basic_consume(reply_to, no_ack=True, callback=answered)

        def run(for_s: float) -> float:
            started = time.perf_counter()
            while time.perf_counter() - started < for_s:
                while len(sent_at) < concurrency:
                    ask()
                connection.drain_events()
            while sent_at:
                connection.drain_events()
            return time.perf_counter() - started

        run(WARM_UP_S)
        latencies.clear()
        return _summary(latencies, run(seconds))


def _measure(ask: Ask, concurrency: int, seconds: float) -> dict[str, float]:
    """Call from `concurrency` threads (green ones in a patched process) for `seconds`."""
    _call_from_threads(ask, concurrency, WARM_UP_S)
    started = time.perf_counter()
    latencies = _call_from_threads(ask, concurrency, seconds)
    return _summary(latencies, time.perf_counter() - started)


def _call_from_threads(ask: Ask, concurrency: int, seconds: float) -> list[float]:
    latencies: list[float] = []
    end_at = time.perf_counter() + seconds

    def work() -> None:
        while (started := time.perf_counter()) < end_at:
            ask()
            latencies.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies


def _summary(latencies: list[float], elapsed_s: float) -> dict[str, float]:
    return {"per_second": len(latencies) / elapsed_s, "p50_ms": statistics.median(latencies) * 1000}


SERVERS = {"chassis": serve_chassis, "stock": serve_stock, "bare": serve_bare}
CLIENTS = {
    "chassis-threads": call_chassis_threads,
    "chassis-greenlets": call_chassis_greenlets,
    "stock-in-service": call_stock_in_service,
    "stock-standalone": call_stock_standalone,
    "bare": call_bare,
}


def main(arguments: list[str]) -> None:
    """Be one of the contenders."""
    match arguments:
        case ["serve", name, url]:
            SERVERS[name](url)
        case ["call", name, url, concurrency, seconds]:
            print(json.dumps(CLIENTS[name](url, int(concurrency), float(seconds))), flush=True)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
