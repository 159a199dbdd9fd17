"""Networks, for counting who knocks: what one household or attacker holds is one."""

import ipaddress

_IPV6_SITE_BITS = 64


def network_of(ip_address: str) -> str | None:
    """Return what one household or attacker holds: the IPv4 address, or the /64 of an IPv6 one. None if neither."""
    try:
        address = ipaddress.ip_address(ip_address.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address.packed, _IPV6_SITE_BITS), strict=False))
    return str(address)
