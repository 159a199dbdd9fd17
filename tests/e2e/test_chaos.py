"""Customers pay while the portal falls apart: afterwards every cent is where it belongs, and nobody was told otherwise.

Short storms run with the others. `CHAOS_SEEDS=20` runs storms of twenty seeds after them, longer ones, and
`CHAOS_SEEDS=7,12` those two (tests/README.md): a storm that ended badly prints its seed, and what happened in it.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from porchlight.connection import Services
from porchlight.local_stack import LocalStack
from tests.support.chaos.storm import Storm
from tests.support.chaos.troubles import SERVICES, Kinds, Troubles
from tests.support.embedded_house import HOUSE, house

CUSTOMERS = 2
INVOICES = 8
SHORT = pytest.param(4, 6, 2.5, id="short")
SHORT_EMBEDDED = pytest.param(174, 4, 2.5, id="short")
"""Its seed has it killed, stopped, and killed while it starts."""

DOUBLED = ("billing", "payments", "notify")


def storms(short: ParameterSet) -> list[ParameterSet]:
    """Seed, number of troubles, longest delay in seconds, of each storm."""
    return [short, *(pytest.param(seed, 14, 9.0, id=f"long-{seed}") for seed in _seeds())]


def storms_over_the_stack() -> list[ParameterSet]:
    """The same, with the services that run twice; none in the short one."""
    twice = [pytest.param(*each.values, DOUBLED, id=f"{each.id}-copies") for each in storms(SHORT)[1:]]
    return [*(pytest.param(*each.values, (), id=each.id) for each in storms(SHORT)), *twice]


def _seeds() -> Sequence[int]:
    wanted = os.environ.get("CHAOS_SEEDS", "")
    return [int(each) for each in wanted.split(",") if each] if "," in wanted else range(1, int(wanted or 0) + 1)


def weather(storm: Storm, kinds: Callable[[Troubles], Kinds], troubles: int, longest_delay_s: float) -> None:
    """Blow, calm down, and look what is left."""
    try:
        storm.blow(kinds, troubles, longest_delay_s=longest_delay_s)
        storm.calm_down()
        problems = storm.problems()
    finally:
        print(f"seed {storm.seed}", storm.diary, sep="\n")
    assert not problems, "\n".join([f"the storm of seed {storm.seed} left this behind:", *problems])


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seed", "troubles", "longest_delay_s", "doubled"), storms_over_the_stack())
def test_a_storm_leaves_the_books_right(
    stack: LocalStack,
    services: Services,
    seed: int,
    troubles: int,
    longest_delay_s: float,
    doubled: Sequence[str],
) -> None:
    copies = [stack.copy_of(name) for name in doubled]
    stack.start(*copies)
    try:
        storm = Storm(
            stack,
            services,
            seed,
            processes=(*SERVICES, *copies),
            payments=["payments", *(each for each in copies if each == "payments-2")],
            customers=CUSTOMERS,
            invoices=INVOICES,
        )
        weather(storm, lambda makes: makes.of_stack(stack, copies), troubles, longest_delay_s)
    finally:
        stack.stop(*copies)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seed", "troubles", "longest_delay_s"), storms(SHORT_EMBEDDED))
def test_a_storm_over_the_embedded_portal_leaves_the_books_right(
    tmp_path: Path, seed: int, troubles: int, longest_delay_s: float
) -> None:
    with house(tmp_path) as running:
        storm = Storm(
            running,
            running.services,
            seed,
            processes=[HOUSE],
            payments=[HOUSE],
            customers=CUSTOMERS,
            invoices=INVOICES,
        )
        weather(storm, lambda makes: makes.of_house(running), troubles, longest_delay_s)
