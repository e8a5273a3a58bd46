"""Downloads: piece by piece, with their own limits, through the same guard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import pytest

from guarded import guarded
from offhook.actionserver.fetch import Fetcher
from offhook.actionserver.limits import Limits
from offhook.errors import ActionServerError
from rawserver import Behaviour, Reply, Request, raw_server

LIMITS = Limits()


class DownloadWanted(Protocol):
    """What a room that plays sounds asks of a download."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def chunks(self) -> AsyncIterator[bytes]: ...


class FetcherWanted(Protocol):
    def fetch(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[DownloadWanted]: ...


async def fetched(
    behaviour: Behaviour, limits: Limits = LIMITS, path: str = "/"
) -> tuple[int, Mapping[str, str], bytes]:
    async with raw_server(behaviour) as server, guarded(limits) as session:
        fetcher: FetcherWanted = Fetcher(session, limits)
        async with fetcher.fetch(server.url(path), headers={}) as download:
            return download.status, download.headers, b"".join([chunk async for chunk in download.chunks()])


async def code_of(behaviour: Behaviour, limits: Limits = LIMITS) -> str:
    with pytest.raises(ActionServerError) as error:
        await fetched(behaviour, limits)
    return error.value.code


async def test_a_file_comes_with_its_status_and_the_headers_that_a_cache_needs() -> None:
    async def sound(request: Request, reply: Reply) -> None:
        reply.respond(b"ID3" * 100_000, ETag='"1"', Cache_Control="max-age=60", Content_Type="audio/mpeg", X_Other="x")

    status, headers, body = await fetched(sound)
    assert (status, body) == (200, b"ID3" * 100_000)
    assert headers == {
        "etag": '"1"',
        "cache-control": "max-age=60",
        "content-type": "audio/mpeg",
        "content-length": "300000",
    }


async def test_headers_of_ours_are_sent_and_no_encoding_is_accepted() -> None:
    async def unchanged(request: Request, reply: Reply) -> None:
        reply.send(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')

    async with (
        raw_server(unchanged) as server,
        guarded(LIMITS) as session,
        Fetcher(session, LIMITS).fetch(server.url("/a.mp3?x=%7e"), {"If-None-Match": '"1"'}) as download,
    ):
        assert (download.status, download.headers) == (304, {"etag": '"1"'})
        assert [chunk async for chunk in download.chunks()] == []
    (request,) = server.requests
    assert request.target == "/a.mp3?x=%7e"
    assert request.headers["if-none-match"] == '"1"'
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [404, 410, 500])
async def test_other_statuses_are_told_and_not_raised(status: int) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(b"gone", status=status)

    assert (await fetched(answer))[0] == status


async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    async def count_down(request: Request, reply: Reply) -> None:
        left = int(request.target[1])
        if left:
            reply.respond(status=302, Location=f"/{left - 1}")
        else:
            reply.respond(b"ID3")

    assert (await fetched(count_down, path="/3"))[2] == b"ID3"
    with pytest.raises(ActionServerError) as error:
        await fetched(count_down, path="/4")
    assert error.value.code == "too-many-redirects"


async def test_a_redirect_to_a_refused_address_is_refused() -> None:
    async def inside(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location="http://10.0.0.1/a.mp3")

    assert await code_of(inside) == "address-refused"


async def test_a_redirect_to_another_scheme_is_refused() -> None:
    async def scheme(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location="file:///etc/passwd")

    assert await code_of(scheme) == "http-status"


async def test_a_file_that_says_it_is_too_long_is_not_read() -> None:
    async def honest(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
        await reply.hang()

    assert await code_of(honest, Limits(sound_bytes=1000)) == "too-long"


async def test_an_endless_file_is_cut_at_the_limit() -> None:
    async def endless(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            reply.send(bytes(10_000))
            await reply.writer.drain()

    assert await code_of(endless, Limits(sound_bytes=100_000)) == "too-long"


async def test_silence_in_the_middle_of_a_file_times_out() -> None:
    async def stalls(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nID3")
        await reply.hang()

    assert await code_of(stalls, Limits(sound_idle_s=0.05)) == "timeout"


async def test_a_file_that_drips_ends_with_the_total_time() -> None:
    async def drip(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not reply.over.is_set():
            reply.send(b"#")
            await asyncio.sleep(0.01)

    assert await code_of(drip, Limits(sound_idle_s=5, sound_total_s=0.1)) == "timeout"


async def test_a_host_that_sends_no_headers_times_out() -> None:
    async def silent(request: Request, reply: Reply) -> None:
        await reply.hang()

    assert await code_of(silent, Limits(response_s=0.05)) == "timeout"


async def test_a_file_that_breaks_off_is_told() -> None:
    async def half(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nID3")
        reply.close()

    assert await code_of(half) == "connect-failed"


async def test_a_compressed_file_is_refused() -> None:
    async def gzip(request: Request, reply: Reply) -> None:
        reply.respond(b"\x1f\x8b", Content_Encoding="gzip")

    assert await code_of(gzip) == "http-status"


async def test_a_url_that_cannot_be_asked_is_told() -> None:
    async with guarded(LIMITS) as session:
        with pytest.raises(ActionServerError) as error:
            async with Fetcher(session, LIMITS).fetch("ftp://127.0.0.1/a.mp3", {}):
                pass
    assert error.value.code == "bad-url"


async def test_a_download_that_is_left_early_closes_its_connection() -> None:
    ended = asyncio.Event()

    async def endless(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                reply.send(bytes(10_000))
                await reply.writer.drain()
        finally:
            ended.set()

    async with raw_server(endless) as server, guarded(LIMITS) as session:
        async with Fetcher(session, LIMITS).fetch(server.url(), {}) as download:
            await anext(aiter(download.chunks()))
        await asyncio.wait_for(ended.wait(), 5)
