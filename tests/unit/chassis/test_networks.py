import pytest

from chassis.networks import network_of


def test_an_ipv6_site_counts_as_one():
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")


def test_an_ipv4_address_counts_for_itself_however_it_is_written():
    assert network_of("::ffff:192.0.2.7") == network_of(" 192.0.2.7 ") == "192.0.2.7"


@pytest.mark.parametrize("text", ["", "unknown", "192.0.2", "192.0.2.7, 10.0.0.1"])
def test_what_is_no_ip_address_is_counted_nowhere(text):
    assert network_of(text) is None
