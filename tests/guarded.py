"""Sessions for tests of what leaves the house: the platform's own, with its guard opened for 127.0.0.0/8."""

import socket
import ssl
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_network
from pathlib import Path

from aiohttp import ClientSession

from offhook.actionserver.guard import Guard, Network
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import AddressInfo, Lookup, Resolver, system_lookup
from offhook.actionserver.sessions import open_session

LOOPBACK = (ip_network("127.0.0.0/8"),)

# A certificate of its own making, with its key, for `localhost` and 127.0.0.1 until the year 2126.
CERTIFICATE = Path(__file__).parent / "actionserver" / "localhost.pem"


def guarded(
    limits: Limits,
    *,
    allowed: Sequence[Network] = LOOPBACK,
    lookup: Lookup = system_lookup,
    tls: ssl.SSLContext | None = None,
) -> AbstractAsyncContextManager[ClientSession]:
    """Open a session with these limits, addresses and names."""
    return open_session(Guard(allowed), limits, resolver=Resolver(limits, lookup), tls=tls)


def found(*addresses: str) -> list[AddressInfo]:
    """Write what a name server found, best first."""
    return [
        (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 0, 0, 0))
        if ":" in address
        else (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 0))
        for address in addresses
    ]
