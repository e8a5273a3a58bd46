"""One socket for SIP that nothing from outside can close."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from offhook.engine.net.log import Throttled
from offhook.engine.net.udp import UdpSocket
from offhook.errors import SetupError

WAIT_S = 5.0


class End:
    """A socket and what came to it."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._loop = asyncio.get_running_loop()
        self.came: list[tuple[bytes, str, int]] = []
        self._changed = asyncio.Event()
        self.trips = False
        self.socket = UdpSocket(host, port, self._receive, Throttled(self._loop.time))

    def _receive(self, data: bytes, host: str, port: int) -> None:
        self.came.append((data, host, port))
        self._changed.set()
        if self.trips:
            raise KeyError("a defect")

    async def gets(self, count: int = 1) -> list[bytes]:
        """Wait until so many datagrams have come."""
        async with asyncio.timeout(WAIT_S):
            while len(self.came) < count:
                self._changed.clear()
                await self._changed.wait()
        return [data for data, _, _ in self.came]


@pytest.fixture
async def us() -> AsyncIterator[End]:
    end = End()
    yield end
    end.socket.close()


@pytest.fixture
async def them() -> AsyncIterator[End]:
    end = End()
    yield end
    end.socket.close()


async def test_datagrams_come_and_go_with_their_source(us: End, them: End) -> None:
    us.socket.send(b"hello", "127.0.0.1", them.socket.port)
    await them.gets()
    assert them.came == [(b"hello", "127.0.0.1", us.socket.port)]


async def test_many_datagrams_are_read_in_their_order(us: End, them: End) -> None:
    wanted = [str(number).encode() for number in range(200)]
    for data in wanted:
        us.socket.send(data, "127.0.0.1", them.socket.port)
    assert await them.gets(200) == wanted


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("127.0.0.1", 99_999),
        ("127.0.0.1", 65_536),
        ("127.0.0.1", 0),
        ("127.0.0.1", -1),
        ("0.0.0.0", 5060),
        ("255.255.255.255", 5060),
        ("127.255.255.255", 5060),
        ("224.0.0.1", 5060),
        ("::1", 5060),
        ("::ffff:224.0.0.1", 5060),
    ],
)
async def test_a_bad_destination_hurts_nobody(us: End, them: End, host: str, port: int) -> None:
    with capture_logs() as lines:
        us.socket.send(b"lost", host, port)
    assert [line["event"] for line in lines] in (["sip destination refused"], ["sip datagram not sent"])
    us.socket.send(b"hello", "127.0.0.1", them.socket.port)
    assert await them.gets() == [b"hello"]
    them.socket.send(b"and back", "127.0.0.1", us.socket.port)
    assert await us.gets() == [b"and back"]


async def test_a_datagram_that_is_too_large_hurts_nobody(us: End, them: End) -> None:
    with capture_logs() as lines:
        us.socket.send(bytes(70_000), "127.0.0.1", them.socket.port)
    assert lines[0]["event"] == "sip datagram not sent"
    us.socket.send(b"hello", "127.0.0.1", them.socket.port)
    assert await them.gets() == [b"hello"]


async def test_nobody_at_the_other_end_hurts_nobody(us: End, them: End) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    for _ in range(3):
        us.socket.send(b"anybody?", "127.0.0.1", port)
    them.socket.send(b"yes", "127.0.0.1", us.socket.port)
    assert await us.gets() == [b"yes"]


async def test_a_defect_with_one_datagram_does_not_stop_the_next(us: End, them: End) -> None:
    found: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context["exception"]))
    us.trips = True
    for data in (b"one", b"two"):
        them.socket.send(data, "127.0.0.1", us.socket.port)
    assert await us.gets(2) == [b"one", b"two"]
    assert [type(error) for error in found] == [KeyError, KeyError]


async def test_a_port_that_is_taken_is_told_with_what_to_do(us: End) -> None:
    with pytest.raises(SetupError, match=f"UDP port {us.socket.port}") as caught:
        End(port=us.socket.port)
    assert "--sip" in caught.value.hint


async def test_a_socket_for_all_addresses_speaks_both_families() -> None:
    both, old = End("::"), End()
    try:
        old.socket.send(b"hello", "127.0.0.1", both.socket.port)
        assert await both.gets() == [b"hello"]
        _, host, port = both.came[0]
        assert host == "::ffff:127.0.0.1"
        both.socket.send(b"by the plain address", "127.0.0.1", port)
        both.socket.send(b"by the mapped one", host, port)
        assert await old.gets(2) == [b"by the plain address", b"by the mapped one"]
        both.socket.send(b"to itself", "::1", both.socket.port)
        assert (await both.gets(2))[1] == b"to itself"
    finally:
        both.socket.close()
        old.socket.close()
