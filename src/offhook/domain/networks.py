"""Networks in CIDR notation, and whether an address is inside one."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from offhook.errors import InputError

MOST_NETWORKS = 64


def check_networks(field: str, networks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the networks in their one normal form, each once; raises InputError (`field`).

    A network with host bits set is refused rather than widened: an operator who writes
    192.0.2.7/24 meant one of two very different things.
    """
    if len(networks) > MOST_NETWORKS:
        raise InputError(field, f"there are at most {MOST_NETWORKS} networks")
    return tuple(dict.fromkeys(_check(field, network) for network in networks))


def is_inside(address: str, networks: tuple[str, ...]) -> bool:
    """Tell whether an address is in one of the networks; what is no address is in none.

    A socket for both families shows IPv4 peers as ::ffff:192.0.2.7 (RFC 4291 section 2.5.5.2). They are
    IPv4 here, and networks of such addresses too, so that ::/0 is all of IPv6 and nothing else.
    """
    try:
        visitor = _unmap(ip_address(address))
    except ValueError:
        return False
    return any(visitor in _unmap_network(ip_network(network)) for network in networks)


def those_inside(addresses: Iterable[str], networks: Iterable[str]) -> set[str]:
    """Return the addresses that `is_inside` would find; each network is read once, however many addresses there are."""
    lengths: dict[tuple[int, int], set[int]] = {}
    for network in networks:
        known = _unmap_network(ip_network(network))
        below = known.max_prefixlen - known.prefixlen
        lengths.setdefault((known.version, below), set()).add(int(known.network_address) >> below)

    def is_held(address: str) -> bool:
        visitor = _unmap(ip_address(address))
        return any(
            version == visitor.version and int(visitor) >> below in firsts
            for (version, below), firsts in lengths.items()
        )

    return {address for address in addresses if is_held(address)}


def read_network(text: str) -> IPv4Network | IPv6Network:
    """Read a network such as 10.0.0.0/8; raises ValueError, which names the network that an address may mean."""
    try:
        return ip_network(text)
    except ValueError as error:
        try:
            meant = ip_network(text, strict=False)
        except ValueError:
            raise error from None
        raise ValueError(f"{error}; did you mean {meant}?") from None


def _check(field: str, network: str) -> str:
    try:
        return str(read_network(network.strip()))
    except ValueError as error:
        raise InputError(field, f"{network[:80]!r} is not a network like 192.0.2.0/24: {error}") from None


def _unmap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def _unmap_network(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    first = _unmap(network.network_address)
    if isinstance(first, IPv4Address) and isinstance(network, IPv6Network):
        # Its prefix covers the 96 bits of the mapping, or its first address would not be mapped.
        return IPv4Network((first, network.prefixlen - 96))
    return network
