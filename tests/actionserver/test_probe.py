"""The way to a server, stage by stage: at real servers on loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_network

import trustme

from certificates import AUTHORITY, web_server
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.probe import reach
from offhook.actionserver.resolver import AddressInfo, Resolver
from offhook.domain.diagnosis.servers import Reach
from rawserver import RawServer, Reply, Request, raw_server

OPEN = Guard([ip_network("127.0.0.0/8")])
LIMITS = Limits(connect_s=10)
"""On a busy machine even a thread that only looks a name up takes its time."""


def trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def lookup_of(*addresses: str) -> Resolver:
    def look(host: str, port: int) -> Sequence[AddressInfo]:
        if not addresses:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return Resolver(LIMITS, look)


async def go(url: str, *addresses: str, guard: Guard = OPEN, limits: Limits = LIMITS) -> Reach:
    resolver = lookup_of(*addresses)
    try:
        return await reach(url, guard, limits, trust(), resolver)
    finally:
        await resolver.close()


@asynccontextmanager
async def quiet(name: str | None = None) -> AsyncIterator[RawServer]:
    async def behave(request: Request, reply: Reply) -> None:
        reply.respond(b"hangup", Date="Fri, 27 Nov 2026 12:00:00 GMT")

    async with raw_server(behave, web_server(name) if name else None) as server:
        yield server


async def test_a_server_is_found_allowed_and_connected_to_and_nothing_is_sent() -> None:
    async with quiet() as server:
        found = await go(server.url(host="a.example"), "127.0.0.1")
    assert (found.host, found.addresses, found.trouble) == ("a.example", ("127.0.0.1",), None)
    assert found.dns_ms is not None
    [knock] = found.knocks
    assert knock.connect_ms is not None
    assert (knock.tls_ms, knock.trouble) == (None, None)
    assert server.requests == []


async def test_an_address_needs_no_name_server() -> None:
    async with quiet() as server:
        found = await go(server.url())
    assert found.dns_ms is None
    assert [knock.trouble for knock in found.knocks] == [None]


async def test_tls_is_agreed_on_and_tells_when_the_certificate_ends() -> None:
    async with quiet("a.example") as server:
        found = await go(server.url(host="a.example"), "127.0.0.1")
    [knock] = found.knocks
    assert knock.tls_ms is not None
    assert found.certificate_until is not None
    assert found.certificate_until > datetime.now(UTC)


async def test_a_certificate_for_another_host_fails_at_tls_and_not_before() -> None:
    async with quiet("b.example") as server:
        found = await go(server.url(host="a.example"), "127.0.0.1")
    [knock] = found.knocks
    assert knock.connect_ms is not None
    assert knock.trouble is not None
    assert knock.trouble.code == "tls-failed"
    assert "mismatch" in knock.trouble.text


async def test_a_certificate_that_has_ended_is_named() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("a.example", not_after=datetime(2026, 1, 1, tzinfo=UTC)).configure_cert(context)
    async with raw_server(_never, context) as server:
        found = await go(server.url(host="a.example"), "127.0.0.1")
    assert found.knocks[0].trouble is not None
    assert "expired" in found.knocks[0].trouble.text


async def test_an_authority_that_nobody_trusts_fails() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("a.example").configure_cert(context)
    async with raw_server(_never, context) as server:
        found = await go(server.url(host="a.example"), "127.0.0.1")
    assert found.knocks[0].trouble is not None
    assert found.knocks[0].trouble.code == "tls-failed"


async def test_a_port_without_tls_breaks_the_handshake() -> None:
    listener = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    try:
        found = await go(f"https://a.example:{port}/", "127.0.0.1")
    finally:
        listener.close()
    assert found.knocks[0].trouble is not None
    assert found.knocks[0].trouble.code == "tls-failed"
    assert "http://" in found.knocks[0].trouble.hint


async def test_a_server_that_never_shakes_hands_is_given_up() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with silent:
        found = await go(f"https://127.0.0.1:{silent.getsockname()[1]}/", limits=Limits(connect_s=0.5))
    assert found.knocks[0].trouble is not None
    assert found.knocks[0].trouble.code == "timeout"
    assert "handshake" in found.knocks[0].trouble.text


async def test_a_port_that_nobody_has_is_refused_at_one_address_and_open_at_another() -> None:
    async with quiet() as server:
        found = await go(server.url(host="a.example"), "127.0.0.1", "127.0.0.2")
    first, second = found.knocks
    assert first.trouble is None
    assert second.trouble is not None
    assert second.trouble.code == "connect-failed"
    assert second.trouble.text.endswith(" took no connection: Connection refused.")


async def test_a_name_that_is_none_is_told_with_its_time() -> None:
    found = await go("http://nowhere.example/")
    assert found.trouble is not None
    assert found.trouble.code == "dns-failed"
    assert "Name or service not known" in found.trouble.text
    assert found.knocks == ()


async def test_name_servers_that_do_not_answer_are_given_up() -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look(host: str, port: int) -> Sequence[AddressInfo]:
        asyncio.run_coroutine_threadsafe(over.wait(), loop).result(30)
        return []

    resolver = Resolver(LIMITS, look)
    found = await reach("http://slow.example/", OPEN, Limits(connect_s=0.05), trust(), resolver)
    over.set()
    await resolver.close()
    assert found.trouble is not None
    assert "do not answer" in found.trouble.text


async def test_the_guard_keeps_us_from_connecting() -> None:
    async with quiet() as server:
        found = await go(server.url(host="a.example"), "127.0.0.1", guard=Guard())
    assert [one.code for one in found.refused] == ["address-refused"]
    assert found.knocks == ()
    assert server.connections == 0


async def test_a_url_that_cannot_be_asked_leads_nowhere() -> None:
    found = await go("http://a.example:99999/")
    assert found.trouble is not None
    assert found.trouble.code == "bad-url"


async def _never(request: Request, reply: Reply) -> None:
    raise AssertionError("nothing is sent")
