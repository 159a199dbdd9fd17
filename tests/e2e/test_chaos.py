"""Customers pay while the portal falls apart: afterwards every cent is where it belongs, and nobody was told otherwise.

One short storm runs with the others. `CHAOS_SEEDS=20` runs storms of twenty seeds after it, longer ones, and
`CHAOS_SEEDS=7,12` those two (tests/README.md): a storm that ended badly prints its seed, and what happened in it.
"""

import os

import pytest
from _pytest.mark.structures import ParameterSet

from porchlight.connection import Services
from porchlight.local_stack import LocalStack
from tests.support.chaos.storm import Storm

SHORT = pytest.param(4, 6, 2.5, id="short")


def storms() -> list[ParameterSet]:
    """Seed, number of troubles, longest delay in seconds, of each storm."""
    wanted = os.environ.get("CHAOS_SEEDS", "")
    seeds = [int(each) for each in wanted.split(",") if each] if "," in wanted else range(1, int(wanted or 0) + 1)
    return [SHORT, *(pytest.param(seed, 14, 9.0, id=f"long-{seed}") for seed in seeds)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seed", "troubles", "longest_delay_s"), storms())
def test_a_storm_leaves_the_books_right(
    stack: LocalStack, services: Services, seed: int, troubles: int, longest_delay_s: float
) -> None:
    storm = Storm(stack, services, seed, customers=2, invoices=8)
    try:
        storm.blow(troubles, longest_delay_s=longest_delay_s)
        storm.calm_down()
        problems = storm.problems()
    finally:
        print(f"seed {seed}", storm.diary, sep="\n")
    assert not problems, "\n".join([f"the storm of seed {seed} left this behind:", *problems])
