"""When no answer comes, the error says why, for both clients."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine

import httpx2
import pytest

from api_house import House
from canned import says
from certificates import web_server
from free_ports import tcp_port
from offhook_client import (
    NO_RETRIES,
    AsyncClient,
    Client,
    ConnectionBroken,
    ConnectionRefused,
    HostNotFound,
    NetworkError,
    OffhookError,
    TimedOut,
    TlsFailed,
)
from rawserver import Reply, Request, raw_server

Asking = Callable[..., Coroutine[object, object, OffhookError]]


async def _ask(url: str, timeout_s: float = 10) -> OffhookError:
    def ask() -> OffhookError:
        with (
            Client(url, "sid", "token", timeout_s, retries=NO_RETRIES) as client,
            pytest.raises(OffhookError) as caught,
        ):
            client.get_account()
        return caught.value

    return await asyncio.to_thread(ask)


async def _ask_async(url: str, timeout_s: float = 10) -> OffhookError:
    async with AsyncClient(url, "sid", "token", timeout_s, retries=NO_RETRIES) as client:
        with pytest.raises(OffhookError) as caught:
            await client.get_account()
    return caught.value


@pytest.fixture(params=[_ask, _ask_async], ids=["waiting", "async"])
def ask(request: pytest.FixtureRequest) -> Asking:
    asking: Asking = request.param
    return asking


async def test_a_port_where_nobody_listens(ask: Asking) -> None:
    port = tcp_port()
    error = await ask(f"http://127.0.0.1:{port}")
    assert type(error) is ConnectionRefused
    assert str(error) == (
        f"GET http://127.0.0.1:{port}/account/: the connection was refused. "
        "Check the port in base_url, and that the platform runs."
    )


async def test_a_host_that_there_is_not(ask: Asking) -> None:
    error = await ask("http://offhook.invalid")
    assert type(error) is HostNotFound
    assert "the host was not found" in str(error)


async def test_a_server_that_says_nothing(ask: Asking) -> None:
    async def silent(request: Request, reply: Reply) -> None:
        await reply.hang()

    async with raw_server(silent) as server:
        error = await ask(server.url(""), 0.3)
    assert type(error) is TimedOut


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"SSH-2.0-OpenSSH\r\n"])
async def test_a_connection_that_breaks_off(ask: Asking, sent: bytes) -> None:
    async def broken(request: Request, reply: Reply) -> None:
        reply.send(sent)
        reply.close()

    async with raw_server(broken) as server:
        error = await ask(server.url(""))
    assert type(error) is ConnectionBroken


async def test_a_certificate_that_nobody_trusts(ask: Asking) -> None:
    async def fine(request: Request, reply: Reply) -> None:
        reply.respond(b"{}")

    context = web_server("127.0.0.1")
    async with raw_server(fine, context) as server:
        error = await ask(server.url(""))
    assert type(error) is TlsFailed


async def test_tls_where_none_is_spoken(ask: Asking, house: House) -> None:
    assert type(await ask(house.url.replace("http:", "https:"))) is TlsFailed


async def test_a_port_where_something_else_listens_says_what_came(ask: Asking) -> None:
    async def other(request: Request, reply: Reply) -> None:
        reply.send(b"SSH-2.0-OpenSSH\r\n\r\n")
        reply.close()

    async with raw_server(other) as server:
        assert "SSH-2.0-OpenSSH" in str(await ask(server.url("")))


@pytest.mark.parametrize(
    ("raised", "leaf"),
    [
        (httpx2.ConnectError("no route"), NetworkError),
        (httpx2.ProxyError("407"), NetworkError),
        (httpx2.PoolTimeout("full"), TimedOut),
        (httpx2.WriteError(""), ConnectionBroken),
    ],
)
def test_what_else_may_happen(raised: httpx2.TransportError, leaf: type[NetworkError]) -> None:
    with pytest.raises(NetworkError) as caught:
        says(raised).client(NO_RETRIES).get_account()
    assert type(caught.value) is leaf


def test_a_reason_below_the_exception_is_found() -> None:
    raised = httpx2.ConnectError("TLS")
    raised.__cause__ = ExceptionGroup("all", [OSError("one"), ssl.SSLError("two")])
    with pytest.raises(TlsFailed):
        says(raised).client(NO_RETRIES).get_account()
