"""From the URI of a gateway to the addresses to try, in their order (RFC 3263 section 4, RFC 2782).

A name with a port, or an address, is taken as it is. Else DNS may say by NAPTR and SRV records which transports a
domain has, on which hosts and ports; where it says nothing, the host itself at the usual port is meant.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdatatype import RdataType

from offhook.engine.net.addresses import is_literal, plain
from offhook.engine.sip.dialog import destination_of, transport_of
from offhook.engine.sip.outputs import Destination, Transport
from offhook.engine.sip.replies import default_port
from offhook.engine.sip.uri import Uri
from offhook.errors import SetupError

DNS_TIMEOUT_S = 3.0
MOST_TARGETS = 8
"""More than these are not tried."""
NAMES_REMEMBERED = 1000

_SERVICES = {
    "SIP+D2U": Transport.UDP,
    "SIP+D2T": Transport.TCP,
    "SIPS+D2T": Transport.TLS,
}
_PREFIXES = {Transport.UDP: "_sip._udp.", Transport.TCP: "_sip._tcp.", Transport.TLS: "_sips._tcp."}


@dataclass(frozen=True, slots=True)
class Srv:
    """One SRV record: a lower `priority` is tried first, among equals `weight` is the share of calls."""

    priority: int
    weight: int
    host: str
    port: int


class Resolution:
    """Asks the machine's name servers, or those that are named: address and port of one."""

    def __init__(self, bound: str, server: tuple[str, int] | None = None) -> None:
        self._family = socket.AF_INET6 if ":" in bound else socket.AF_INET
        self._resolver = _resolver(server)
        self._below = SystemRandom().randrange

    async def targets(self, uri: Uri) -> list[Destination]:
        """Return where requests to a URI go, the best first. Raises `SetupError` when it leads nowhere."""
        named = destination_of(uri)
        if is_literal(named.host):
            return [named]
        found: list[Destination] = []
        async for host, port, transport in self._servers(uri):
            for address in await self._addresses(host, port):
                target = Destination(address, port, transport)
                if target not in found:
                    found.append(target)
            if len(found) >= MOST_TARGETS:
                break
        if not found:
            raise SetupError(f"the host {named.host!r} cannot be resolved", hint="look whether DNS knows it")
        return found[:MOST_TARGETS]

    async def _servers(self, uri: Uri) -> AsyncIterator[tuple[str, int, Transport]]:
        named = destination_of(uri)
        if uri.port is not None:
            yield named.host, named.port, named.transport
            return
        is_found = False
        for transport, domain in await self._services(uri, named.host):
            for record in by_weight(await self._srv(domain), self._below):
                is_found = True
                yield record.host, record.port, transport
        if not is_found:
            yield named.host, default_port(named.transport), named.transport

    async def _services(self, uri: Uri, host: str) -> list[tuple[Transport, str]]:
        """Return the SRV domains to ask for, in their order."""
        wanted = transport_of(uri)
        if wanted is not None:
            return [(wanted, _PREFIXES[wanted] + host)]
        told = await self._naptr(host)
        return told or [(transport, _PREFIXES[transport] + host) for transport in (Transport.UDP, Transport.TCP)]

    async def _naptr(self, host: str) -> list[tuple[Transport, str]]:
        records = sorted(
            (
                record.order,
                record.preference,
                record.service.decode("ascii", "replace").upper(),
                str(record.replacement),
            )
            for record in await self._ask(host, RdataType.NAPTR)
            if record.flags.lower() == b"s"
        )
        return [
            (_SERVICES[service], replacement.rstrip("."))
            for _, _, service, replacement in records
            if service in _SERVICES
        ]

    async def _srv(self, domain: str) -> list[Srv]:
        records = await self._ask(domain, RdataType.SRV)
        # A dot is a domain's word for having no such service (RFC 2782).
        return [
            Srv(record.priority, record.weight, str(record.target).rstrip("."), record.port)
            for record in records
            if str(record.target) != "." and record.port
        ]

    async def _ask(self, name: str, kind: RdataType) -> list[Any]:
        if self._resolver is None:
            return []
        try:
            return list(await self._resolver.resolve(name, kind, raise_on_no_answer=False))
        except dns.exception.DNSException:
            # No such name, or nobody answers: then what the host itself says counts.
            return []

    async def _addresses(self, host: str, port: int) -> list[str]:
        if is_literal(host):
            return [host]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, family=self._family, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            return []
        return list(dict.fromkeys(plain(str(address[4][0])) for address in found))


def by_weight(records: Iterable[Srv], below: Callable[[int], int]) -> Iterator[Srv]:
    """Return SRV records in the order in which they are to be tried; `below(n)` is a chance from 0 to n - 1."""
    left = sorted(records, key=lambda record: (record.priority, record.weight))
    while left:
        equals = [record for record in left if record.priority == left[0].priority]
        drawn, chosen = below(sum(record.weight for record in equals) + 1), equals[-1]
        for record in equals:
            drawn -= record.weight
            if drawn <= 0:
                chosen = record
                break
        left.remove(chosen)
        yield chosen


def _resolver(server: tuple[str, int] | None) -> dns.asyncresolver.Resolver | None:
    try:
        resolver = dns.asyncresolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration:
        return None
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    resolver.lifetime = DNS_TIMEOUT_S
    resolver.cache = dns.resolver.LRUCache(NAMES_REMEMBERED)
    return resolver
