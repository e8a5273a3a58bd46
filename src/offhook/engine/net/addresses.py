"""IP addresses of sockets: which of ours a peer can reach, and which of theirs can be sent to."""

import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

MAXIMUM_PORT = 65535
BROADCAST = IPv4Address("255.255.255.255")


@lru_cache(maxsize=4096)
def is_literal(host: str) -> bool:
    """Tell whether a host is an IP address and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def can_be_sent_to(host: str, port: int) -> bool:
    """Tell whether a datagram may be sent there: one host, in whatever form, and a port that exists."""
    if not 0 < port <= MAXIMUM_PORT:
        return False
    address = ip_address(plain(host))
    return not (address.is_multicast or address.is_unspecified or address == BROADCAST)


@lru_cache(maxsize=4096)
def is_elsewhere(host: str) -> bool:
    """Tell whether an address is reached through the internet, and not in a private network or on this machine."""
    return not ip_address(plain(host)).is_private


@lru_cache(maxsize=4096)
def plain(host: str) -> str:
    """Return the address as the rest of the house writes it: an IPv4-mapped one as IPv4, no scope."""
    host = host.partition("%")[0]
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


class LocalAddresses:
    """Which address of this host a peer sees us at, and which one is ours on the way there.

    Bound to one address it is that one; bound to all of them the kernel's routing table decides. Behind a NAT
    peers that are not in our own networks see the public address.
    """

    PEERS_REMEMBERED = 4096

    def __init__(self, bound: str, public: str | None = None) -> None:
        self._bound = None if ip_address(bound).is_unspecified else bound
        self._public = public
        self._known: dict[str, str] = {}

    def seen_by(self, peer: str) -> str:
        """Return the address at which `peer` reaches us. Raises `OSError` when there is no route."""
        own = self.toward(peer)
        if self._public is None or not is_elsewhere(peer) or (":" in own) != (":" in self._public):
            return own
        return self._public

    def toward(self, peer: str) -> str:
        """Return our own address on the way to `peer`. Raises `OSError` when there is no route."""
        if self._bound is not None:
            return self._bound
        if (known := self._known.get(peer)) is not None:
            return known
        family = socket.AF_INET6 if ":" in peer else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Connecting a datagram socket sends nothing; it only asks for the route.
            probe.connect((peer, 9))
            found = plain(probe.getsockname()[0])
        if len(self._known) >= self.PEERS_REMEMBERED:
            self._known.clear()
        self._known[peer] = found
        return found
