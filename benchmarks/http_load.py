"""The client that asks for a page again and again: threads with kept-alive connections, in a process of its own.

python -m benchmarks.http_load  < {"address": "127.0.0.1:8000", "paths": [...], "cookie": ..., "says": ...,
                                   "concurrency": 10, "seconds": 2.0}
"""

import http.client
import json
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 30.0
WARM_UP_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to ask for. Paths take turns; a page that does not say `says` is a failure, not a fast answer."""

    address: str
    paths: list[str]
    cookie: str
    says: str
    concurrency: int
    seconds: float


@dataclass
class Sample:
    """Seconds that each answer took."""

    latencies: list[float] = field(default_factory=list)
    failure: str = ""


def measure(job: Job) -> dict[str, Any]:
    """Ask for `seconds`; return requests a second and the median in milliseconds. Raises RuntimeError on a failure."""
    _ask(job, WARM_UP_S)
    started = time.perf_counter()
    samples = _ask(job, job.seconds)
    elapsed_s = time.perf_counter() - started
    latencies = [latency for sample in samples for latency in sample.latencies]
    return {"per_second": len(latencies) / elapsed_s, "p50_ms": statistics.median(latencies) * 1000}


def _ask(job: Job, seconds: float) -> list[Sample]:
    end_at = time.perf_counter() + seconds
    samples = [Sample() for _ in range(job.concurrency)]
    threads = [threading.Thread(target=_work, args=(job, end_at, sample)) for sample in samples]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures := [sample.failure for sample in samples if sample.failure]:
        raise RuntimeError(failures[0])
    return samples


def _work(job: Job, end_at: float, sample: Sample) -> None:
    connection = http.client.HTTPConnection(job.address, timeout=TIMEOUT_S)
    wanted = job.says.encode()
    number = 0
    try:
        while (started := time.perf_counter()) < end_at or not sample.latencies:
            connection.request("GET", job.paths[number % len(job.paths)], headers={"Cookie": job.cookie})
            answer = connection.getresponse()
            body = answer.read()
            sample.latencies.append(time.perf_counter() - started)
            if answer.status != 200 or wanted not in body:
                sample.failure = f"{job.paths[number % len(job.paths)]} answered {answer.status}: {body[:2000]!r}"
                return
            number += 1
    except (OSError, http.client.HTTPException) as error:
        sample.failure = f"{type(error).__name__}: {error}"
    finally:
        connection.close()


if __name__ == "__main__":
    print(json.dumps(measure(Job(**json.load(sys.stdin)))), flush=True)
