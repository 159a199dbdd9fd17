"""RPC through the chassis against stock nameko 2.14.1 and against bare py-amqp, 1 and 10 at a time.

`python -m benchmarks.rpc` starts a RabbitMQ of its own and prints the table; `measure` is for `make bench`.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

CONCURRENCIES = (1, 10)
ROUNDS = 5
SECONDS = 1.0
START_TIMEOUT_S = 30

CONTENDERS = {
    "bare": "py-amqp, bare",
    "chassis-threads": "chassis, from threads",
    "stock-standalone": "stock nameko, standalone",
    "chassis-greenlets": "chassis, in a service",
    "stock-in-service": "stock nameko, in a service",
}
TARGETS = (
    # (what, numerator, denominator, at least), all at ten at a time
    ("chassis / stock nameko, both in a service", "chassis-greenlets", "stock-in-service", 1.8),
    ("chassis / stock nameko, both from outside", "chassis-threads", "stock-standalone", 1.8),
    ("chassis, from threads / py-amqp, bare", "chassis-threads", "bare", 0.6),
    ("chassis, in a service / py-amqp, bare", "chassis-greenlets", "bare", 0.6),
)

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What one contender reached with `concurrency` calls under way: medians over the rounds."""

    contender: str
    concurrency: int
    per_second: float
    p50_ms: float


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One contender's rate over another's at ten at a time, the median over the rounds, and what it should be.

    Each round's two are compared with each other: what else the machine did then slowed both.
    """

    what: str
    value: float
    target: float

    @property
    def reached(self) -> bool:
        """Whether the target was reached."""
        return self.value >= self.target


@dataclass(frozen=True, kw_only=True)
class Results:
    """All figures, and the ratios that have targets."""

    figures: list[Figure]
    ratios: list[Ratio]


def measure(
    broker_url: str,
    *,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    progress: Progress = lambda line: None,
) -> Results:
    """Measure all contenders in turn, `rounds` times, on the broker at `broker_url`; about two minutes as it stands.

    Taking turns spreads whatever else the machine does over all of them.
    """
    samples: dict[tuple[str, int], list[dict[str, float]]] = {}
    with ExitStack() as servers:
        for name in ("bare", "chassis", "stock"):
            servers.enter_context(_server(name, broker_url))
        for number in range(1, rounds + 1):
            for concurrency in CONCURRENCIES:
                for contender, title in CONTENDERS.items():
                    progress(f"RPC, round {number} of {rounds}: {title}, {concurrency} at a time")
                    sample = _call(contender, broker_url, concurrency, seconds)
                    samples.setdefault((contender, concurrency), []).append(sample)
    figures = [
        Figure(
            contender=contender,
            concurrency=concurrency,
            per_second=statistics.median(sample["per_second"] for sample in taken),
            p50_ms=statistics.median(sample["p50_ms"] for sample in taken),
        )
        for (contender, concurrency), taken in samples.items()
    ]
    return Results(figures=figures, ratios=_ratios(samples))


def table(results: Results) -> str:
    """Render the results as Markdown."""
    known = {(figure.contender, figure.concurrency): figure for figure in results.figures}
    lines = [
        "| RPC, 500 bytes each way | 1 at a time | median | 10 at a time | median |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for contender, title in CONTENDERS.items():
        reached = [known[contender, concurrency] for concurrency in CONCURRENCIES]
        cells = [f"{figure.per_second:,.0f}/s | {figure.p50_ms:.2f} ms" for figure in reached]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", "| at 10 at a time | ratio | target | |", "| --- | ---: | ---: | --- |"]
    for ratio in results.ratios:
        verdict = "reached" if ratio.reached else "missed"
        lines.append(f"| {ratio.what} | {ratio.value:.2f} | ≥ {ratio.target:.1f} | {verdict} |")
    return "\n".join(lines)


def _ratios(samples: Mapping[tuple[str, int], list[dict[str, float]]]) -> list[Ratio]:
    def rates(contender: str) -> list[float]:
        return [sample["per_second"] for sample in samples[contender, max(CONCURRENCIES)]]

    return [
        Ratio(
            what=what,
            value=statistics.median(
                over / under for over, under in zip(rates(numerator), rates(denominator), strict=True)
            ),
            target=target,
        )
        for what, numerator, denominator, target in TARGETS
    ]


@contextmanager
def _server(name: str, broker_url: str) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.rpc_contenders", "serve", name, broker_url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the server {name} did not start")
        yield
    finally:
        process.kill()
        process.wait(START_TIMEOUT_S)


def _call(contender: str, broker_url: str, concurrency: int, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.rpc_contenders"]
    command += ["call", contender, broker_url, str(concurrency), str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=seconds + START_TIMEOUT_S)
    if done.returncode != 0:
        raise RuntimeError(f"the client {contender} failed")
    sample: dict[str, float] = json.loads(done.stdout)
    return sample


def main() -> None:
    """Measure on a RabbitMQ of our own and print the table."""
    from porchlight.private_servers import private_rabbitmq

    with private_rabbitmq() as broker:
        print(table(measure(broker.url, progress=lambda line: print(line, file=sys.stderr, flush=True))))


if __name__ == "__main__":
    main()
