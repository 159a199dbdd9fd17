from datetime import timedelta

import pytest

from services.identity.domain.throttling import ACCOUNT, IP_ADDRESS, Policy, network_of


def test_the_first_tries_are_free_then_the_wait_doubles_up_to_a_limit():
    policy = Policy(free_tries=3, first_wait=timedelta(seconds=10), longest_wait=timedelta(seconds=60))
    assert [policy.wait_after(failures).total_seconds() for failures in range(1, 8)] == [0, 0, 10, 20, 40, 60, 60]


@pytest.mark.parametrize("policy", [ACCOUNT, IP_ADDRESS])
def test_any_number_of_failures_has_a_wait(policy):
    assert policy.wait_after(10**9) == policy.longest_wait


def test_an_ipv6_site_counts_as_one():
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")


def test_an_ipv4_address_counts_for_itself_however_it_is_written():
    assert network_of("::ffff:192.0.2.7") == network_of(" 192.0.2.7 ") == "192.0.2.7"


@pytest.mark.parametrize("text", ["", "unknown", "192.0.2", "192.0.2.7, 10.0.0.1"])
def test_what_is_no_ip_address_is_counted_nowhere(text):
    assert network_of(text) is None
