"""Since when a certificate has been out of date: read from real ones, and from servers that show them."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from certificates import AUTHORITY, web_server
from free_ports import tcp_port
from guarded import LOOPBACK, guarded
from offhook.actionserver.client import ActionServers
from offhook.actionserver.expiry import expired_at, not_after
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import Resolver
from offhook.actionserver.sessions import guarded_sockets
from offhook.domain.questions import Failure, Question
from rawserver import RawServer, Reply, Request, raw_server

LONG_AGO = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)


def der(ended: datetime) -> bytes:
    issued = AUTHORITY.issue_cert("shop.example", not_before=ended - timedelta(days=9), not_after=ended)
    return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())


@pytest.mark.parametrize(
    "ended", [LONG_AGO, datetime(1999, 12, 31, tzinfo=UTC), datetime(2126, 1, 2, 3, 4, 5, tzinfo=UTC)]
)
def test_the_end_of_a_certificate_is_read_in_both_of_its_forms(ended: datetime) -> None:
    assert not_after(der(ended)) == ended


def test_a_certificate_that_breaks_off_has_no_end() -> None:
    whole = der(LONG_AGO)
    assert {not_after(whole[:length]) for length in range(len(whole))} == {None}


def test_a_certificate_that_is_damaged_anywhere_raises_nothing() -> None:
    whole = bytearray(der(LONG_AGO))
    for at in range(len(whole)):
        for value in (0x00, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[at] = value
            found = not_after(bytes(damaged))
            assert found is None or isinstance(found, datetime)


@asynccontextmanager
async def out_of_date() -> AsyncIterator[RawServer]:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(b"hangup")

    async with raw_server(answer, web_server("127.0.0.1", expired_at=LONG_AGO)) as server:
        yield server


async def look(port: int, *allowed: str, within_s: float = 10.0) -> datetime | None:
    limits = Limits()
    sockets = guarded_sockets(Guard([ip_network(network) for network in allowed]))
    names = Resolver(limits)
    try:
        return await expired_at("127.0.0.1", port, names, sockets, within_s=within_s)
    finally:
        await names.close()


async def test_a_server_is_looked_at_and_asked_nothing() -> None:
    async with out_of_date() as server:
        assert await look(server.port, "127.0.0.0/8") == LONG_AGO
        assert server.requests == []


async def test_an_address_that_the_guard_refuses_is_not_looked_at() -> None:
    async with out_of_date() as server:
        assert await look(server.port) is None
        assert server.connections == 0


async def test_where_nobody_listens_nothing_is_seen() -> None:
    assert await look(tcp_port(), "127.0.0.0/8") is None


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert await look(mute.getsockname()[1], "127.0.0.0/8", within_s=0.05) is None


async def test_an_action_server_with_such_a_certificate_is_told_since_when() -> None:
    trust = ssl.create_default_context()
    AUTHORITY.configure_trust(trust)
    async with out_of_date() as server, guarded(Limits(), allowed=LOOPBACK, tls=trust) as session:
        failure = await ActionServers(session, Limits()).ask(Question(server.url(), ()))
    assert isinstance(failure, Failure)
    assert failure.code == "tls-failed"
    assert "certificate has expired on 2024-02-29 at 23:59 UTC. Renew the certificate" in failure.text
    assert server.requests == []
