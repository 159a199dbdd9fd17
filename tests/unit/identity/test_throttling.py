from datetime import timedelta

import pytest

from services.identity.domain.throttling import ACCOUNT, IP_ADDRESS, Policy


def test_the_first_tries_are_free_then_the_wait_doubles_up_to_a_limit():
    policy = Policy(free_tries=3, first_wait=timedelta(seconds=10), longest_wait=timedelta(seconds=60))
    assert [policy.wait_after(failures).total_seconds() for failures in range(1, 8)] == [0, 0, 10, 20, 40, 60, 60]


@pytest.mark.parametrize("policy", [ACCOUNT, IP_ADDRESS])
def test_any_number_of_failures_has_a_wait(policy):
    assert policy.wait_after(10**9) == policy.longest_wait
