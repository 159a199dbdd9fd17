"""The dashboard of a customer who is logged in: the real one, one made from one call, one made in one process."""

import os
import statistics
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import programs
from benchmarks.bench import Bench
from benchmarks.http_load import Job
from benchmarks.portal import Account, Portal, tag
from benchmarks.report import Target, median_ratio, table, targets_table
from porchlight.private_servers.processes import free_port, start, stop, wait_until

ROUNDS = 5
SECONDS = 1.5
SAYS = "Statement"
OWNERS = ("notify", "payments", "identity", "billing", "balance", "gateway")
"""Whose settings a process needs that does everything; the gateway's view of Stripe counts."""

REAL, ONE_CALL, ONE_PROCESS = "five services, four calls at once", "one service, one call", "one process, no call"
CONTENDERS = (REAL, ONE_CALL, ONE_PROCESS)


def measure(bench: Bench) -> str:
    """Measure in turns; return the tables."""
    portal = bench.portal
    bench.progress("dashboard: an account with two seasons of invoices")
    name = f"D{tag()}"
    email = f"{name.lower()}@customers.example"
    portal.load([Account(reference=name, paid=18, open=4, email=email)])
    cookie = portal.log_in(email)
    samples: dict[tuple[str, int], list[dict[str, float]]] = {}
    with _addresses(portal) as addresses:
        for number in range(1, ROUNDS + 1):
            for concurrency in (1, 10):
                for contender in CONTENDERS:
                    bench.progress(f"dashboard, round {number} of {ROUNDS}: {contender}, {concurrency} at a time")
                    sample = get(addresses[contender], ["/"], cookie, SAYS, concurrency=concurrency, seconds=SECONDS)
                    samples.setdefault((contender, concurrency), []).append(sample)
    return f"{_figures(samples)}\n\n{targets_table(_targets(samples))}"


def get(
    address: str, paths: list[str], cookie: str, says: str, *, concurrency: int, seconds: float
) -> dict[str, float]:
    """Have a client of its own ask for pages; returns `per_second` and `p50_ms`."""
    job = Job(address=address, paths=paths, cookie=cookie, says=says, concurrency=concurrency, seconds=seconds)
    sample: dict[str, float] = programs.run("benchmarks.http_load", job=asdict(job), timeout_s=seconds + 60)
    return sample


def address_of(url: str) -> str:
    """The host and port of a URL."""
    return url.removeprefix("http://")


@contextmanager
def _addresses(portal: Portal) -> Iterator[dict[str, str]]:
    environment = portal.environment(*OWNERS)
    with ExitStack() as running:
        running.enter_context(
            programs.running("benchmarks.one_stop_server", environment={**environment, "PORCHLIGHT_HEALTH_PORT": "0"})
        )
        yield {
            REAL: address_of(portal.stack.url("gateway")),
            ONE_CALL: running.enter_context(_gateway(portal, environment, "one_call")),
            ONE_PROCESS: running.enter_context(_gateway(portal, environment, "one_process")),
        }


@contextmanager
def _gateway(portal: Portal, environment: dict[str, str], backend: str) -> Iterator[str]:
    """The gateway's own server settings, workers and threads, with another backend."""
    address = f"127.0.0.1:{free_port()}"
    own = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        **environment,
        "PORCHLIGHT_GATEWAY_BIND": address,
        "PORCHLIGHT_PORTAL_URL": f"http://{address}",
    }
    log = portal.stack.folder / f"{backend}.log"
    command: list[Any] = [Path(sys.executable).with_name("gunicorn"), "--config", "gateway/gunicorn.conf.py"]
    command.append(f"benchmarks.page_backends:{backend}()")
    process = start(command, log=log, env=own, folder=portal.stack.composition.folder)
    try:
        wait_until(lambda: _answers(address), process=process, name=backend, log=log, timeout_s=60)
        yield address
    finally:
        stop(process)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/livez", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _figures(samples: dict[tuple[str, int], list[dict[str, float]]]) -> str:
    rows = []
    for contender in CONTENDERS:
        alone, together = samples[contender, 1], samples[contender, 10]
        rows.append(
            [
                contender,
                f"{statistics.median(sample['p50_ms'] for sample in alone):.1f} ms",
                f"{statistics.median(sample['p50_ms'] for sample in together):.1f} ms",
                f"{statistics.median(sample['per_second'] for sample in together):.0f}/s",
            ]
        )
    return table(["whole page, logged in", "p50, 1 at a time", "p50, 10 at a time", "pages, 10 at a time"], rows)


def _targets(samples: dict[tuple[str, int], list[dict[str, float]]]) -> list[Target]:
    def column(contender: str, concurrency: int, name: str) -> list[float]:
        return [sample[name] for sample in samples[contender, concurrency]]

    return [
        Target(
            what="p50 alone, over the page from one call",
            value=median_ratio(column(REAL, 1, "p50_ms"), column(ONE_CALL, 1, "p50_ms")),
            bound=2.0,
            at_most=True,
        ),
        Target(
            what="pages a second, of the one process's",
            value=100 * median_ratio(column(REAL, 10, "per_second"), column(ONE_PROCESS, 10, "per_second")),
            bound=25,
            unit="%",
            digits=0,
        ),
    ]
