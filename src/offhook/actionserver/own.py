"""This host's own addresses, which no customer's URL may reach. Linux: read from the kernel's tables."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_IPV4_TABLE = Path("/proc/net/fib_trie")
_IPV6_TABLE = Path("/proc/net/if_inet6")
_LOCAL = re.compile(r"\|-- (?P<address>[0-9.]+)\n\s+/32 host LOCAL")


def own_addresses(ipv4: Path = _IPV4_TABLE, ipv6: Path = _IPV6_TABLE) -> frozenset[IPv4Address | IPv6Address]:
    """Return every address of every interface; a table that the kernel does not offer counts as empty."""
    found: set[IPv4Address | IPv6Address] = set()
    if ipv4.exists():
        found.update(ip_address(match["address"]) for match in _LOCAL.finditer(ipv4.read_text()))
    if ipv6.exists():
        found.update(IPv6Address(bytes.fromhex(line[:32])) for line in ipv6.read_text().splitlines())
    return frozenset(found)
