"""Ids sort by age."""

import uuid

from chassis.ids import new_id


def test_ids_of_one_process_sort_in_the_order_they_were_made():
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert uuid.UUID(ids[0]).version == 7
