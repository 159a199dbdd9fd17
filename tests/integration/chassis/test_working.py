"""Work is begun when a transaction that made some is committed, not at the next look."""

import pytest

from chassis import outbox
from tests.integration.chassis.toy import database as toy_database
from tests.integration.chassis.toy.shop import Opened
from tests.support.waiting import eventually


@pytest.fixture
def databases(tmp_path):
    return {name: toy_database.create(f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("mill", "mill shop")}


def test_work_is_done_until_there_is_none_and_again_after_a_failure(databases, start_toys, tmp_path):
    toys = start_toys("inprocess://", databases)
    # Only once it runs: it looks by itself when it starts and an hour later.
    eventually(lambda: "started" in toys.output)
    with databases["mill shop"].transaction() as session:
        for hour in (7, 13, 19):
            event = Opened(at_hour=hour)
            outbox.record(session, event, aggregate_id="mill", aggregate_version=1, ordering_key="mill")
    eventually(lambda: toy_database.numbers(databases["mill"]) == [1007, 1013, 1019])
    assert (tmp_path / "jammed").exists()
    assert toys.stop() == 0
