"""`make bench`: every measurement side by side on private servers, written to docs/performance.md.

python -m benchmarks                everything, in one run
python -m benchmarks dashboard      one section (or several), printed only
"""

import sys
from pathlib import Path

from benchmarks import dashboard, fan_out, footprint, machine, paying, rpc_section, scale, statement
from benchmarks.bench import Bench
from benchmarks.report import write_into

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
# The order of the run: what leaves the least behind comes first.
SECTIONS = {
    "rpc": rpc_section.measure,
    "dashboard": dashboard.measure,
    "fan-out": fan_out.measure,
    "paying": paying.measure,
    "footprint": footprint.measure,
    "scale": scale.measure,
    "statement": statement.measure,
}


def main(names: list[str]) -> None:
    """Measure these sections, all by default."""
    if unknown := set(names) - set(SECTIONS):
        sys.exit(f"there is no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    written: dict[str, str] = {}
    with Bench() as bench:
        load_before = machine.load()
        for name in names or list(SECTIONS):
            written[name] = SECTIONS[name](bench)
            print(f"\n## {name}\n\n{written[name]}\n", flush=True)
        written["machine"] = machine.description(
            rabbitmq=bench.rabbitmq_version, load_before=load_before, took_s=bench.elapsed_s
        )
    print(written["machine"])
    if not names:
        write_into(DOCUMENT, written)
        print(f"\nwritten to {DOCUMENT.relative_to(DOCUMENT.parent.parent)}")


if __name__ == "__main__":
    main(sys.argv[1:])
