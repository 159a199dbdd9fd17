"""What each process holds and does while nobody asks for anything. It has worked before: earlier sections ran on it."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.portal import Account, Portal, tag
from benchmarks.report import Target, table, targets_table

SECONDS = 15.0
MIB = 1024
PRODUCT = ("identity", "billing", "balance", "payments", "notify", "gateway")


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """A process: memory in KiB, and the share of one core that it used, in per cent."""

    name: str
    rss_kib: int
    pss_kib: int
    cpu_percent: float


def measure(bench: Bench) -> str:
    """Measure every process of the stack; return the tables."""
    portal = bench.portal
    _use_it(portal)
    bench.progress(f"footprint: every process left alone for {SECONDS:.0f} s")
    portal.settle()
    found = _measured(_processes(portal))
    rows = [
        [each.name, f"{each.rss_kib / MIB:.0f} MB", f"{each.pss_kib / MIB:.0f} MB", f"{each.cpu_percent:.2f} %"]
        for each in found
    ]
    total = sum(each.pss_kib for each in found)
    rows.append(["together", "", f"{total / MIB:.0f} MB", f"{sum(each.cpu_percent for each in found):.2f} %"])
    own = [each for each in found if each.name.partition(" ")[0] in PRODUCT]
    targets = [
        Target(
            what="the largest process of the product (RSS)",
            value=max(each.rss_kib for each in own) / MIB,
            bound=90,
            at_most=True,
            unit="MB",
            digits=0,
        ),
        Target(
            what="the busiest idle process of the product",
            value=max(each.cpu_percent for each in own),
            bound=1,
            at_most=True,
            unit="%",
        ),
    ]
    return f"{table(['process', 'RSS', 'PSS', 'of a core, idle'], rows)}\n\n{targets_table(targets)}"


def _use_it(portal: Portal) -> None:
    """Let every service do some of its work, so that nothing is measured that has only just started."""
    name = f"M{tag()}"
    email = f"{name.lower()}@customers.example"
    portal.load([Account(reference=name, paid=20, open=2, email=email)])
    portal.log_in(email)


def _processes(portal: Portal) -> dict[int, str]:
    """Process ids with names; what a service starts is one of its own (gunicorn's workers)."""
    children = _children()
    found: dict[int, str] = {}
    for name in portal.stack.running:
        first = portal.stack.pid(name)
        found[first] = name
        for number, child in enumerate(sorted(children.get(first, ())), start=1):
            found[child] = f"{name} worker {number}"
    return found


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(folder.name))
    return children


def _measured(processes: dict[int, str]) -> list[Footprint]:
    before = {pid: _cpu_s(pid) for pid in processes}
    started = time.monotonic()
    time.sleep(SECONDS)
    elapsed_s = time.monotonic() - started
    return [
        Footprint(
            name=name,
            rss_kib=_memory(pid, "Rss"),
            pss_kib=_memory(pid, "Pss"),
            cpu_percent=100 * (_cpu_s(pid) - before[pid]) / elapsed_s,
        )
        for pid, name in processes.items()
    ]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    # utime and stime: fields 14 and 15 of the line (man 5 proc).
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int, name: str) -> int:
    """KiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise RuntimeError(f"the kernel says nothing of {name}")
