"""Whatever a server does to a connection, both clients end in time with one error of ours, and tell nobody else."""

import asyncio
import gzip
import json
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from canned import WHOLE
from certificates import AUTHORITY, web_server
from offhook_client import (
    NO_RETRIES,
    AsyncClient,
    BadRequest,
    BadValue,
    Client,
    ConnectionBroken,
    NotFound,
    OffhookError,
    Retries,
    Throttled,
    TimedOut,
    TlsFailed,
    UnexpectedAnswer,
    paging,
)
from offhook_client.errors import LEAVES, ApiError
from rawserver import Reply, Request, raw_server

SID, TOKEN = "shop", "very-secret-token"
TIMEOUT_S = 0.4
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

Behaviour = Callable[[Request, Reply], Awaitable[None]]
Ask = Callable[..., Awaitable[Any]]


async def _waiting(url: str, method: str = "get_account", *given: Any, tries: Retries = NO_RETRIES, **more: Any) -> Any:
    def ask() -> Any:
        with Client(url, SID, TOKEN, more.pop("timeout_s", 10), retries=tries) as client:
            answer = getattr(client, method)(*given, **more)
            return list(answer) if method == "get_din_list" else answer

    return await asyncio.to_thread(ask)


async def _async(url: str, method: str = "get_account", *given: Any, tries: Retries = NO_RETRIES, **more: Any) -> Any:
    async with AsyncClient(url, SID, TOKEN, more.pop("timeout_s", 10), retries=tries) as client:
        answer = getattr(client, method)(*given, **more)
        return [one async for one in answer] if method == "get_din_list" else await answer


@pytest.fixture(params=[_waiting, _async], ids=["waiting", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    asking: Ask = request.param
    return asking


def sends(data: bytes, then: str = "close") -> Behaviour:
    async def behave(request: Request, reply: Reply) -> None:
        reply.send(data)
        if then == "reset":
            await reply.writer.drain()
            # What was sent has to leave before the reset takes it back.
            await asyncio.sleep(0.02)
            reply.reset()
        else:
            reply.close()

    return behave


def drips(data: bytes, part: bytes) -> Behaviour:
    async def behave(request: Request, reply: Reply) -> None:
        reply.send(data)
        for _ in range(40):
            reply.send(part)
            await asyncio.sleep(TIMEOUT_S / 5)
        reply.close()

    return behave


def floods(data: bytes, part: bytes) -> Behaviour:
    async def behave(request: Request, reply: Reply) -> None:
        reply.send(data)
        for _ in range(100_000):
            reply.send(part)
            await reply.writer.drain()

    return behave


async def error_of(ask: Ask, behaviour: Behaviour, **more: Any) -> OffhookError:
    async with raw_server(behaviour) as server:
        with pytest.raises(OffhookError) as caught:
            await ask(server.url(""), **more)
    assert server.url("/account/") in str(caught.value)
    assert TOKEN not in str(caught.value)
    return caught.value


BROKEN = {
    "reset at once": (b"", "reset"),
    "reset within the headers": (OK + b"Conte", "reset"),
    "reset within the body": (OK + b"Content-Length: 100\r\n\r\n{", "reset"),
    "reset within a chunk": (CHUNKED + b"5\r\n{", "reset"),
    "closed within the headers": (OK + b"Conte", "close"),
    "closed behind the first line": (OK, "close"),
    "no last chunk": (CHUNKED + b"2\r\n{}\r\n", "close"),
    "a chunk that is no number": (CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", "close"),
    "a length that is no number": (OK + b"Content-Length: two\r\n\r\n{}", "close"),
    "a negative length": (OK + b"Content-Length: -2\r\n\r\n{}", "close"),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", "close"),
    "a protocol that nobody wanted": (b"HTTP/1.1 101 Hello\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "close"),
    "zeros": (b"\0" * 1000, "close"),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_connection_that_breaks_is_one_error(ask: Ask, how: str) -> None:
    assert type(await error_of(ask, sends(*BROKEN[how]))) is ConnectionBroken


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"HTTP/1.1 200 ", b"O"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK + b"X-Long: ", b"x"),
        (OK + b"Content-Length: 1000000\r\n\r\n", b" "),
        (CHUNKED, b"1\r\n \r\n"),
        (CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["status", "interim", "header", "body", "chunks", "trailer"],
)
async def test_a_server_that_drips_is_not_listened_to_for_ever(ask: Ask, data: bytes, part: bytes) -> None:
    assert type(await error_of(ask, drips(data, part), timeout_s=TIMEOUT_S)) is TimedOut


async def test_a_connection_that_is_used_again_has_a_time_of_its_own_for_each_try() -> None:
    async def then_drip(request: Request, reply: Reply) -> None:
        if len(server.requests) < 3:
            # Together longer than one try, so that the time of the first would be over.
            await asyncio.sleep(0.8)
            reply.respond(json.dumps(WHOLE).encode())
        else:
            await drips(OK + b"X-Long: ", b"x")(request, reply)

    def ask(url: str) -> None:
        with Client(url, SID, TOKEN, 1.5, retries=NO_RETRIES) as client:
            assert client.get_account() == client.get_account() == WHOLE
            with pytest.raises(TimedOut):
                client.get_account()

    async with raw_server(then_drip) as server:
        await asyncio.to_thread(ask, server.url(""))
    assert server.connections == 1


async def test_a_recording_may_take_longer(ask: Ask) -> None:
    async def slowly(request: Request, reply: Reply) -> None:
        reply.send(OK + b"Content-Type: audio/wav\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            reply.send(b"R")
            await asyncio.sleep(0.1)

    async with raw_server(slowly) as server:
        assert await ask(server.url(""), "get_recording_audio", "r1", timeout_s=0.7) == b"R" * 8


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (OK + b"X-Long: ", b"x" * 65_536),
        (OK, b"X-Many: x\r\n" * 5_000),
        (CHUNKED + b"2;", b"x" * 65_536),
        (OK + b"\r\n", b" " * 1_000_000),
    ],
    ids=["a header", "headers", "a chunk's line", "a body"],
)
async def test_what_has_no_end_is_cut_off(ask: Ask, data: bytes, part: bytes) -> None:
    error = await error_of(ask, floods(data, part))
    assert type(error) in {ConnectionBroken, UnexpectedAnswer}


@pytest.mark.parametrize("body", [gzip.compress(b"{}"), gzip.compress(b"{}")[:-9], b"no gzip"])
async def test_nothing_is_unpacked(ask: Ask, body: bytes) -> None:
    bomb = gzip.compress(gzip.compress(body * 1_000))
    for encoding, sent in (("gzip", body), ("gzip, gzip", bomb), ("br", b"x")):

        async def pack(request: Request, reply: Reply, encoding: str = encoding, sent: bytes = sent) -> None:
            assert request.headers["accept-encoding"] == "identity"
            reply.respond(sent, Content_Encoding=encoding)

        assert "is compressed, which nobody asked for" in str(await error_of(ask, pack))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_credentials_go_along_with_no_redirect(ask: Ask, status: int) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(json.dumps(WHOLE).encode())

    async with raw_server(answer) as other:

        async def redirect(request: Request, reply: Reply) -> None:
            reply.respond(status=status, Location=other.url("/stolen?token=x"))

        async with raw_server(redirect) as server:
            for given in (("get_account",), ("subscribe_din", "JP1")):
                with pytest.raises(UnexpectedAnswer, match="redirect"):
                    await ask(server.url(""), *given)
        assert other.requests == []
    assert len(server.requests) == 2


async def test_the_next_page_is_asked_for_at_home(ask: Ask) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(b"[]")

    async with raw_server(answer) as other:

        async def first(request: Request, reply: Reply) -> None:
            links: dict[str, Any] = (
                {} if "after" in request.parameters else {"Link": f'<{other.url("/steal?after=1")}>; rel="next"'}
            )
            reply.respond(json.dumps([WHOLE]).encode(), **links)

        async with raw_server(first) as server:
            assert len(await ask(server.url("/base/"), "get_din_list", limit=1)) == 2
        assert other.requests == []
    assert [request.target for request in server.requests] == ["/base/voice/dins/?limit=1", "/base/voice/dins/?after=1"]


async def test_pages_that_go_round_in_a_circle_come_to_an_end(ask: Ask) -> None:
    async def turn(request: Request, reply: Reply) -> None:
        following = "b" if request.parameters.get("after") == "a" else "a"
        reply.respond(b"[]", Link=f"<?after={following}>; rel=next")

    async with raw_server(turn) as server:
        with pytest.raises(UnexpectedAnswer, match="same page again"):
            await ask(server.url(""), "get_din_list")
    assert len(server.requests) == 3


async def test_a_list_without_end_comes_to_an_end(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 5)

    async def more(request: Request, reply: Reply) -> None:
        reply.respond(b"[]", Link=f"<?after={len(server.requests)}>; rel=next")

    async with raw_server(more) as server:
        with pytest.raises(UnexpectedAnswer, match="more than 5 pages"):
            await ask(server.url(""), "get_din_list")
    assert len(server.requests) == 5


NOW = datetime.now(UTC)
WAITS: dict[str, Callable[[float | None], bool]] = {
    "7": lambda wait_s: wait_s == 7,
    "0": lambda wait_s: wait_s == 0,
    "-5": lambda wait_s: wait_s is None,
    "1.5": lambda wait_s: wait_s is None,
    "soon": lambda wait_s: wait_s is None,
    "": lambda wait_s: wait_s is None,
    "3, 4": lambda wait_s: wait_s is None,
    "9" * 400: lambda wait_s: wait_s is not None and wait_s > 1e8,
    format_datetime(NOW + timedelta(hours=1), usegmt=True): lambda wait_s: wait_s is not None and 0 < wait_s < 3601,
    "Mon, 01 Jan 1990 00:00:00 GMT": lambda wait_s: wait_s == 0,
    "Fri, 31 Dec 9999 23:59:59 GMT": lambda wait_s: wait_s is not None and wait_s > 1e8,
    "Mon, 99 Nov 2026 06:00:00 GMT": lambda wait_s: wait_s is None,
}


@pytest.mark.parametrize("said", WAITS)
async def test_when_to_come_back_may_be_said_in_any_way(ask: Ask, said: str) -> None:
    async def throttle(request: Request, reply: Reply) -> None:
        reply.respond(b'{"detail": "Slowly."}', status=429, Retry_After=said)

    error = await error_of(ask, throttle)
    assert isinstance(error, Throttled)
    assert WAITS[said](error.retry_after_s)


async def test_every_status_and_shape_is_one_typed_error(ask: Ask) -> None:
    problem = json.dumps({"detail": "It is so.", "code": "a-code", "help": "https://h.example/a-code"}).encode()

    async def refuse(request: Request, reply: Reply) -> None:
        _, status, shape, *_ = request.target.split("/")
        body = {"problem": problem, "page": b"<html>", "nothing": b"", "text": b"no"}[shape]
        reply.respond(body, status=int(status))

    async with raw_server(refuse) as server:
        for status in (*LEAVES, 405, 500, 599):
            with pytest.raises(ApiError) as caught:
                await ask(server.url(f"/{status}/problem"))
            assert type(caught.value) is LEAVES.get(status, ApiError)
            told = (caught.value.status, caught.value.code, caught.value.help)
            assert told == (status, "a-code", "https://h.example/a-code")
        for odd in ("200/page", "200/nothing", "204/nothing", "409/text", "429/nothing", "500/text", "503/page"):
            with pytest.raises(UnexpectedAnswer) as other:
                await ask(server.url(f"/{odd}"))
            assert str(other.value.status) == odd[:3]


async def test_what_a_server_says_is_plain_before_it_stands_in_a_message(ask: Ask) -> None:
    said = {"detail": "a\x1b[31m\r\n\x07b" + "x" * 20_000, "code": "c\nd" + "y" * 20_000, "help": "h\x00"}

    async def shout(request: Request, reply: Reply) -> None:
        fields = {"f\x1b": ["line\n  ^\x9b"], **{f"f{n}": ["x" * 100] for n in range(1_000)}}
        many = "fields" in request.target
        reply.respond(json.dumps(fields if many else said).encode(), status=400 if many else 404)

    error = await error_of(ask, shout)
    assert isinstance(error, NotFound)
    assert (error.detail[:9], error.code[:4], error.help) == ("a [31m \n b"[:9], "c dy", "h ")
    assert len(str(error)) < 11_000
    assert not {"\x1b", "\r", "\x07", "\0"} & set(str(error))
    async with raw_server(shout) as server:
        with pytest.raises(BadRequest) as caught:
            await ask(server.url("/fields"))
    assert caught.value.fields["f "] == ("line\n  ^ ",)
    assert len(str(caught.value)) < 11_000


async def test_no_argument_leads_elsewhere_or_adds_a_header(ask: Ask) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(json.dumps([WHOLE] if "dins" in request.target else WHOLE).encode())

    async with raw_server(answer) as server:
        url = server.url("/base//")
        await ask(url, "get_call", "a\r\nX-Evil: 1")
        await ask(url, "get_call", "?a=b#c;%2e%2e&é\0\ud800")
        await ask(url, "get_call", "..%2f..")
        await ask(url, "get_din_list", contains="1\r\nX-Evil: 1", **{"a\r\nX-Evil": "é&="})
        for wrong in ("..", ".", "", "a/../../b", "..\\b", None, 7):
            with pytest.raises(BadValue):
                await ask(url, "get_call", wrong)
    assert [request.target for request in server.requests] == [
        "/base/voice/calls/a%0D%0AX-Evil%3A%201/",
        "/base/voice/calls/%3Fa%3Db%23c%3B%252e%252e%26%C3%A9%00%3F/",
        "/base/voice/calls/..%252f../",
        "/base/voice/dins/?contains=1%0D%0AX-Evil%3A+1&a%0D%0AX-Evil=%C3%A9%26%3D",
    ]
    assert not any("x-evil" in request.headers for request in server.requests)


async def test_a_post_that_broke_is_sent_again_with_its_key_and_the_next_has_another(ask: Ask) -> None:
    async def break_off(request: Request, reply: Reply) -> None:
        if len(server.requests) % 2:
            await sends(OK + b"Conte", "reset")(request, reply)
        else:
            reply.respond(json.dumps(WHOLE).encode())

    async with raw_server(break_off) as server:
        for _ in range(2):
            await ask(server.url(""), "subscribe_din", "JP1", tries=Retries(backoff_s=0))
    first, again, second, other = [request.headers["idempotency-key"] for request in server.requests]
    assert first == again != second == other


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    AUTHORITY.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_of_another_host_is_refused_before_anything_is_said(ask: Ask) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(json.dumps(WHOLE).encode())

    async with raw_server(answer, web_server("127.0.0.1")) as right, served_as("other.example", answer) as wrong:
        assert (await ask(right.url("")))["name"] is None
        with pytest.raises(TlsFailed):
            await ask(wrong.url(""))
    assert (len(right.requests), len(wrong.requests)) == (1, 0)


def served_as(name: str, behaviour: Behaviour) -> Any:
    context: ssl.SSLContext = web_server(name)
    return raw_server(behaviour, context)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080", "//offhook.example", "http:offhook.example", "https://a\r\nX: y/", "https:///a"]
)
def test_a_base_url_that_is_none_is_said_at_once(url: str) -> None:
    with pytest.raises(BadValue, match="base_url"):
        Client(url, SID, TOKEN)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x", "http://[::bad"])
def test_a_proxy_that_cannot_be_used_is_said_at_once(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    for kind in (Client, AsyncClient):
        with pytest.raises(BadValue, match="proxy"):
            kind("https://offhook.example", SID, TOKEN)
