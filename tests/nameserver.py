"""A name server of the tests' own on loopback: it answers what it is told, and else that there is nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class NameServer:
    """`records` maps a name and a type to lines of a zone file; `asked` are the questions that came."""

    records: dict[tuple[str, str], list[str]]
    address: tuple[str, int] = ("", 0)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, data: bytes) -> bytes:
        """Return the answer to a query."""
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype.name
        self.asked.append((name, kind))
        lines = self.records.get((name, kind))
        if lines:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *lines))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._wire.sendto(self._server.answer(data), addr)


@asynccontextmanager
async def name_server(records: dict[tuple[str, str], list[str]]) -> AsyncIterator[NameServer]:
    """Answer queries for as long as the context lasts."""
    server = NameServer(records)
    wire, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Protocol(server), local_addr=("127.0.0.1", 0)
    )
    server.address = wire.get_extra_info("sockname")[:2]
    try:
        yield server
    finally:
        wire.close()
