"""How far the way to a server goes: its name, the guard, TCP and TLS, each with its time. Nothing is sent there.

The same resolver, guard and trust as for real requests. What a request then does is told by its own `Try`.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from time import monotonic

from offhook.actionserver.errors import AddressRefused, BadUrl, ConnectFailed, ConnectTimedOut, NameNotFound, TlsFailed
from offhook.actionserver.failures import unconnected
from offhook.actionserver.guard import Guard
from offhook.actionserver.handshakes import BROKEN_OFF, trouble
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import Resolver
from offhook.actionserver.targets import parsed, sendable
from offhook.domain.diagnosis.servers import Knock, Reach, Trouble

_CHECK_NAME = "Check the spelling of the host and its DNS records."
_CHECK_FIREWALL = "Check its port and its firewall."


@dataclass(frozen=True, slots=True)
class _Server:
    """Where to knock: `tls` is None for http."""

    name: str
    port: int
    tls: ssl.SSLContext | None
    limit_s: float


async def reach(url: str, guard: Guard, limits: Limits, tls: ssl.SSLContext, resolver: Resolver) -> Reach:
    """Go as far towards a URL's server as it lets us, to each of its addresses at once; never raises for a server."""
    try:
        target = parsed(sendable(url))
    except BadUrl as error:
        return Reach(url, trouble=Trouble(error.code, error.sentence, error.hint))
    assert target.host is not None, "what is parsed has a host"
    assert target.port is not None, "and a port"
    server = _Server(target.host, target.port, tls if target.scheme == "https" else None, limits.connect_s)
    began = monotonic()
    try:
        async with asyncio.timeout(limits.connect_s):
            addresses, dns_ms = await _addresses(server, resolver, began)
    except TimeoutError:
        said = f"{server.name} was not resolved within {limits.connect_s:g} s: its name servers do not answer."
        return Reach(server.name, trouble=Trouble(NameNotFound.code, said, _CHECK_NAME))
    except OSError as error:
        said = f"{server.name} could not be resolved: {error.strerror or error}."
        return Reach(server.name, _ms(began), trouble=Trouble(NameNotFound.code, said, _CHECK_NAME))
    passed, refused = _judged(addresses, guard)
    found = await asyncio.gather(*(_knock(server, address) for address in passed))
    ends = [until for _, until in found if until is not None]
    return Reach(
        host=server.name,
        dns_ms=dns_ms,
        addresses=tuple(addresses),
        refused=tuple(refused),
        knocks=tuple(knock for knock, _ in found),
        certificate_until=min(ends, default=None),
    )


async def _addresses(server: _Server, resolver: Resolver, began: float) -> tuple[list[str], float | None]:
    """Return a host's addresses, and how long it took to find them; a literal address needs no finding."""
    try:
        return [str(ip_address(server.name))], None
    except ValueError:
        found = await resolver.resolve(server.name, server.port)
    return list(dict.fromkeys(one["host"] for one in found)), _ms(began)


def _judged(addresses: Sequence[str], guard: Guard) -> tuple[list[str], list[Trouble]]:
    passed, refused = [], []
    for address in addresses:
        try:
            guard.judge(address)
        except AddressRefused as error:
            refused.append(Trouble(error.code, error.sentence, error.hint))
        else:
            passed.append(address)
    return passed, refused


async def _knock(server: _Server, address: str) -> tuple[Knock, datetime | None]:
    """Connect to one address; return what came of it, and when the certificate that it showed ends."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connect_ms = None
    began = monotonic()
    try:
        with closing(socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)) as plain:
            async with asyncio.timeout(server.limit_s):
                await loop.sock_connect(plain, (address, server.port))
                connect_ms = _ms(began)
                if server.tls is None:
                    return Knock(address, connect_ms), None
                began = monotonic()
                tls_ms, until = await _shake_hands(server, plain, began)
    except TimeoutError:
        stage = "took no connection" if connect_ms is None else "did not finish the handshake of TLS"
        said = f"{address} port {server.port} {stage} within {server.limit_s:g} s."
        return Knock(address, connect_ms, trouble=Trouble(ConnectTimedOut.code, said, _CHECK_FIREWALL)), None
    except ssl.SSLError as error:
        why, hint = trouble(error)
        said = f"TLS with {server.name} at {address} port {server.port} failed: {why}."
        return Knock(address, connect_ms, trouble=Trouble(TlsFailed.code, said, hint)), None
    except OSError as error:
        if connect_ms is not None:
            why, hint = BROKEN_OFF
            said = f"TLS with {server.name} at {address} port {server.port} failed: {why}."
            return Knock(address, connect_ms, trouble=Trouble(TlsFailed.code, said, hint)), None
        why, hint = unconnected(error)
        said = f"{address} port {server.port} took no connection: {why}."
        return Knock(address, trouble=Trouble(ConnectFailed.code, said, hint)), None
    return Knock(address, connect_ms, tls_ms), until


async def _shake_hands(server: _Server, plain: socket.socket, began: float) -> tuple[float, datetime | None]:
    loop = asyncio.get_running_loop()
    # The transport owns its socket, so it is given one of its own.
    transport, _ = await loop.create_connection(
        asyncio.Protocol, sock=plain.dup(), ssl=server.tls, server_hostname=server.name
    )
    tls_ms = _ms(began)
    certificate = transport.get_extra_info("peercert") or {}
    transport.abort()
    ends = certificate.get("notAfter")
    return tls_ms, None if ends is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)


def _ms(began: float) -> float:
    return round((monotonic() - began) * 1000, 1)
