"""Calls by TCP and TLS between two endpoints, and what strangers and broken peers cannot do."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from certificates import tls_files
from free_ports import tcp_port
from offhook.engine.net import connection, streams
from offhook.engine.net.endpoint import Wires
from offhook.engine.net.tls import TlsFiles
from offhook.engine.sip.framing import PING, PONG
from offhook.engine.sip.outputs import Answered, Confirmed, Declined, Destination, HungUp, Invited, Transport
from offhook.errors import SetupError
from sip_end import HOST, WAIT_S, End
from sip_peer import SDP

Logs = list[MutableMapping[str, Any]]


@asynccontextmanager
async def two(wires: Wires, theirs: Wires | None = None) -> AsyncIterator[tuple[End, End]]:
    us, them = End(wires), End(theirs or wires)
    try:
        yield us, them
    finally:
        us.endpoint.close()
        them.endpoint.close()
        # What was broken off is told in the loop's next turns.
        await asyncio.sleep(0.01)


@pytest.fixture
def secure(tmp_path: Path) -> Wires:
    return Wires(tls=tls_files(tmp_path, HOST), tls_port=0)


@pytest.fixture
def logs() -> Iterator[Logs]:
    with capture_logs() as lines:
        yield lines


async def answered(us: End, them: End, transport: Transport) -> tuple[str, Invited]:
    leg = us.call(them.at(transport))
    await them.hears(Invited)
    [came] = invited(them)
    them.endpoint.do(them.endpoint.agent.answer(came.leg, SDP, them.endpoint.now()))
    await us.hears(Answered)
    await them.hears(Confirmed)
    return leg, came


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect as somebody who may say anything."""
    ours = socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ours.connect((HOST, port))
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection on which nothing is said."""
    try:
        return await asyncio.wait_for(reader.read(), WAIT_S) == b""
    except ConnectionResetError:
        return True


async def becomes(is_so: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(WAIT_S):
        while not is_so():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)


def invited(end: End) -> list[Invited]:
    return [news for news in end.news if isinstance(news, Invited)]


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
@pytest.mark.parametrize("who", ["caller", "called"])
async def test_a_call_goes_by_one_connection_and_either_side_ends_it(
    secure: Wires, transport: Transport, who: str
) -> None:
    async with two(secure) as (us, them):
        leg, their = await answered(us, them, transport)
        assert (their.source.transport, their.source.host) == (transport, HOST)
        assert their.source.connection > 0
        assert f"SIP/2.0/{transport} {HOST}:" in their.request.first("Via")
        assert f";transport={transport.lower()}" in their.request.first("Contact")
        ending, other, name = (us, them, leg) if who == "caller" else (them, us, their.leg)
        ending.endpoint.do(ending.endpoint.agent.hang_up(name, ending.endpoint.now()))
        await other.hears(HungUp)
        await ending.endpoint.forgets([name])
        assert not ending.endpoint.agent.has(name)
        assert (len(us.endpoint.streams), len(them.endpoint.streams)) == (1, 1)


async def test_a_second_call_uses_the_connection_of_the_first(secure: Wires) -> None:
    async with two(secure) as (us, them):
        await answered(us, them, Transport.TLS)
        us.call(them.at(Transport.TLS))
        await becomes(lambda: len(invited(them)) == 2)
        assert len(them.endpoint.streams) == 1


async def test_what_was_said_while_a_connection_is_made_comes_in_order(secure: Wires) -> None:
    async with two(secure) as (us, them):
        for _ in range(5):
            us.call(them.at(Transport.TCP))
        await becomes(lambda: len(invited(them)) == 5)
        assert len({news.request.first("Call-ID") for news in invited(them)}) == 5
        assert len(them.endpoint.streams) == 1


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
async def test_who_does_not_listen_is_told_at_once(secure: Wires, transport: Transport) -> None:
    async with two(secure) as (us, _):
        us.call(Destination(HOST, tcp_port(), transport))
        declined = await us.hears(Declined)
        assert isinstance(declined, Declined)
        assert declined.status == 503
        assert f"by {transport}" in declined.reason


async def test_a_peer_that_cannot_prove_its_name_gets_nothing(tmp_path: Path, logs: Logs) -> None:
    ours = Wires(tls=tls_files(tmp_path / "ours", HOST), tls_port=0)
    wrong = Wires(tls=tls_files(tmp_path / "wrong", "gateway.example"), tls_port=0)
    stranger = Wires(tls=tls_files(tmp_path / "stranger", HOST, authority=trustme.CA()), tls_port=0)
    for theirs in (wrong, stranger):
        async with two(ours, theirs) as (us, them):
            us.call(them.at(Transport.TLS))
            await us.hears(Declined)
            assert them.news == []
    assert [line["event"] for line in logs].count("sip connection not made") == 2


async def test_a_peer_proves_the_name_by_which_it_was_looked_up(tmp_path: Path) -> None:
    ours = Wires(tls=tls_files(tmp_path / "ours", HOST), tls_port=0)
    named = Wires(tls=tls_files(tmp_path / "named", "gateway.example"), tls_port=0)
    async with two(ours, named) as (us, them):
        us.endpoint.know_as(HOST, "gateway.example")
        await answered(us, them, Transport.TLS)


async def test_a_stranger_is_let_go_before_a_handshake(secure: Wires) -> None:
    async with two(secure) as (_, them):
        them.permits = False
        for transport in (Transport.TCP, Transport.TLS):
            async with wire(them.at(transport).port) as (reader, writer):
                writer.write(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
                assert await ended(reader)
        assert len(them.endpoint.streams) == 0


async def test_a_ping_is_answered_and_ours_are_sent(secure: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PING_EVERY_S", 0.05)
    async with two(secure) as (us, _):
        async with wire(us.endpoint.port) as (reader, writer):
            writer.write(PING)
            assert await asyncio.wait_for(reader.readexactly(2), WAIT_S) == PONG
        pinged = asyncio.Event()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n" + SDP)
            if await reader.readexactly(4) == PING:
                pinged.set()
            writer.close()

        async with await asyncio.start_server(listen, HOST, 0) as server:
            us.call(Destination(HOST, server.sockets[0].getsockname()[1], Transport.TCP))
            await asyncio.wait_for(pinged.wait(), WAIT_S)


async def test_a_stream_that_cannot_be_cut_is_broken_off(secure: Wires, logs: Logs) -> None:
    async with two(secure) as (us, them):
        async with wire(us.endpoint.port) as (reader, writer):
            writer.write(b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 3\r\nl: 4\r\n\r\nabcd")
            assert await ended(reader)
        await answered(them, us, Transport.TCP)
    assert any(line["event"] == "sip connection broken off" for line in logs)


async def test_a_peer_that_reads_nothing_is_let_go(secure: Wires, monkeypatch: pytest.MonkeyPatch, logs: Logs) -> None:
    monkeypatch.setattr(connection, "UNREAD_LIMIT", 1000)
    async with two(secure) as (us, _):
        options = (
            b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK%d\r\nFrom: <sip:a@b>;tag=1\r\n"
            b"To: <sip:a@b>\r\nCall-ID: %d\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        async with wire(us.endpoint.port) as (_, writer):
            writer.write(b"".join(options % (number, number) for number in range(20_000)))
            await becomes(lambda: any("reads nothing" in str(line["event"]) for line in logs))
            assert len(us.endpoint.streams) == 0


async def test_one_host_has_only_so_many_connections(secure: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_CONNECTIONS_OF_A_HOST", 3)
    async with two(secure) as (us, _):
        async with AsyncExitStack() as stack:
            for _ in range(3):
                await stack.enter_async_context(wire(us.endpoint.port))
            await becomes(lambda: len(us.endpoint.streams) == 3)
            reader, _ = await stack.enter_async_context(wire(us.endpoint.port))
            assert await ended(reader)
        await becomes(lambda: len(us.endpoint.streams) == 0)


async def test_a_request_too_large_for_a_datagram_goes_by_tcp(secure: Wires) -> None:
    async with two(secure) as (us, them):
        us.call(them.at(Transport.UDP), [("Subject", "x" * 1300)])
        await them.hears(Invited)
        [came] = invited(them)
        assert came.source.transport is Transport.TCP


async def test_who_has_no_tcp_gets_it_by_udp_after_all() -> None:
    async with two(Wires(), Wires(serves_tcp=False)) as (us, them):
        for times in (1, 2):
            us.call(them.at(Transport.UDP), [("Subject", "x" * 1300)])
            await becomes(lambda times=times: len(invited(them)) == times)  # type: ignore[misc]
        assert [news.source.transport for news in invited(them)] == [Transport.UDP] * 2
        # The second was not tried by TCP.
        assert len(us.endpoint.streams) == 0


async def test_an_answer_whose_connection_broke_comes_by_a_new_one(secure: Wires) -> None:
    async with two(secure) as (us, them):
        leg = us.call(them.at(Transport.TCP))
        await them.hears(Invited)
        [came] = invited(them)
        us.endpoint.streams.drop_all()
        await becomes(lambda: len(them.endpoint.streams) == 0)
        them.endpoint.do(them.endpoint.agent.answer(came.leg, SDP, them.endpoint.now()))
        await us.hears(Answered)
        us.endpoint.do(us.endpoint.agent.hang_up(leg, us.endpoint.now()))
        await them.hears(HungUp)


def test_files_that_are_no_certificates_are_told(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    with pytest.raises(SetupError, match="certificate"):
        TlsFiles(nothing).serving()
    with pytest.raises(SetupError, match="authorities"):
        TlsFiles(authorities=nothing).calling()
    assert TlsFiles().serving() is None
