"""Files from the web, within the limits."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from filehost import File, FileHost
from offhook.audio.downloads import Downloads
from offhook.audio.errors import SoundNotFound, SoundTimeout, SoundTooLong
from offhook.audio.limits import Limits
from offhook.errors import ActionServerError

URL = "http://files.test/hello.mp3"
LIMITS = replace(Limits(), body_bytes=1_000_000, bodies_bytes=1_500_000)


class TooLong(ActionServerError):
    code = "too-long"


async def got(
    answer: File | ActionServerError, limits: Limits = LIMITS, **conditions: str
) -> tuple[bytes | None, Mapping[str, str]]:
    """Return the whole body, if there is one, and the headers."""
    host = FileHost()
    host.put(URL, answer)
    async with Downloads(host, limits).get(URL, conditions) as file:
        return None if file.body is None else await file.body.wait_until_whole(), file.headers


async def test_a_file_comes_whole_with_its_headers() -> None:
    came = await got(File(b"x" * 200_000, headers={"etag": '"a"'}))
    assert came == (b"x" * 200_000, {"etag": '"a"'})


async def test_an_unchanged_file_has_no_body() -> None:
    assert await got(File(status=304), etag='"a"') == (None, {})


@pytest.mark.parametrize("status", [204, 206, 304, 403, 404, 410, 500])
async def test_any_other_answer_is_no_file(status: int) -> None:
    with pytest.raises(SoundNotFound, match=rf"answered {status} for http"):
        await got(File(b"sorry", status=status))


async def test_a_file_that_announces_too_much_is_refused_before_it_comes() -> None:
    never = asyncio.Event()
    with pytest.raises(SoundTooLong):
        await got(File(headers={"content-length": "1000001"}, release=never))


@pytest.mark.parametrize("announced", ["", "-5", "much", "²", "10"])
async def test_an_endless_file_is_cut_at_the_limit_whatever_it_announces(announced: str) -> None:
    with pytest.raises(SoundTooLong):
        await got(File(b"x" * 10_000, endless=True, headers={"content-length": announced}))


async def test_the_fetchers_own_limit_is_told_with_the_same_code() -> None:
    with pytest.raises(SoundTooLong):
        await got(TooLong("too many bytes"))


async def test_what_keeps_the_fetcher_from_an_answer_passes_through() -> None:
    error = ActionServerError("connection refused")
    with pytest.raises(ActionServerError) as raised:
        await got(error)
    assert raised.value is error


async def test_a_file_that_comes_too_slowly_is_given_up() -> None:
    with pytest.raises(SoundTimeout, match=r"did not come within 0.01 s"):
        await got(File(b"x", release=asyncio.Event()), replace(LIMITS, fetch_s=0.01))


async def test_what_has_come_can_be_used_before_the_rest() -> None:
    host, paces = FileHost(), asyncio.Semaphore(0)
    host.put(URL, File(b"abcdef", paces=paces, piece_bytes=2))
    async with Downloads(host, LIMITS).get(URL, {}) as file:
        assert file.body is not None
        assert not await file.body.is_whole_within(0.0)
        paces.release()
        await file.body.wait_for_more(0)
        assert (bytes(file.body.data), file.body.is_whole) == (b"ab", False)
        paces.release()
        paces.release()
        assert await file.body.wait_until_whole() == b"abcdef"
        assert await file.body.is_whole_within(0.0)
        await file.body.wait_for_more(6)


async def test_a_file_that_is_heard_has_more_time() -> None:
    host = FileHost()
    host.put(URL, File(b"x" * 3, paces=asyncio.Semaphore(1), piece_bytes=1))
    async with Downloads(host, replace(LIMITS, fetch_s=0.2, heard_fetch_s=0.3)).get(URL, {}) as file:
        assert file.body is not None
        await file.body.wait_for_more(0)
        file.hear()
        file.hear()
        with pytest.raises(SoundTimeout, match=r"did not come within 0.3 s"):
            await file.body.wait_for_more(1)
        file.hear()


async def test_a_file_that_breaks_off_says_so_to_whoever_waits_for_it() -> None:
    broken = ActionServerError("broke off")
    host = FileHost()
    host.put(URL, File(b"abc", breaks=broken))
    async with Downloads(host, LIMITS).get(URL, {}) as file:
        assert file.body is not None
        for waiting in (file.body.wait_until_whole(), file.body.wait_for_more(3), file.body.is_whole_within(1.0)):
            with pytest.raises(ActionServerError) as raised:
                await waiting
            assert raised.value is broken
        assert not file.body.is_whole


async def test_all_bodies_together_have_a_limit_and_give_it_back() -> None:
    host = FileHost()
    host.put(URL, File(b"x" * 900_000))
    downloads = Downloads(host, LIMITS)
    async with downloads.get(URL, {}) as file:
        assert file.body is not None
        await file.body.wait_until_whole()
        async with downloads.get(URL, {}) as other:
            assert other.body is not None
            with pytest.raises(SoundTimeout, match="too many files"):
                await other.body.wait_until_whole()
    async with downloads.get(URL, {}) as file:
        assert file.body is not None
        assert await file.body.wait_until_whole()
