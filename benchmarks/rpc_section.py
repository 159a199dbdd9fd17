"""RPC on a broker of its own, in fewer rounds than `python -m benchmarks.rpc` takes."""

from benchmarks import rpc
from benchmarks.bench import Bench
from benchmarks.machine import rabbitmq_version
from porchlight.private_servers import private_rabbitmq

ROUNDS = 3
SECONDS = 0.8


def measure(bench: Bench) -> str:
    """Measure; return the tables."""
    bench.progress("RPC: starting RabbitMQ")
    with private_rabbitmq() as broker:
        bench.rabbitmq_version = rabbitmq_version(broker.url)
        return rpc.table(rpc.measure(broker.url, rounds=ROUNDS, seconds=SECONDS, progress=bench.progress))
