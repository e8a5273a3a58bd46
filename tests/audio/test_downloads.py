"""Files from the web, within the limits."""

import asyncio
from dataclasses import replace

import pytest

from filehost import File, FileHost
from offhook.audio.downloads import Body, Downloads
from offhook.audio.errors import SoundNotFound, SoundTimeout, SoundTooLong
from offhook.audio.limits import Limits
from offhook.errors import ActionServerError

URL = "http://files.test/hello.mp3"
LIMITS = replace(Limits(), body_bytes=1_000_000, bodies_bytes=1_500_000)


class TooLong(ActionServerError):
    code = "too-long"


async def got(answer: File | ActionServerError, limits: Limits = LIMITS, **conditions: str) -> Body:
    host = FileHost()
    host.put(URL, answer)
    async with Downloads(host, limits).get(URL, conditions) as body:
        return body


async def test_a_file_comes_whole_with_its_headers() -> None:
    body = await got(File(b"x" * 200_000, headers={"etag": '"a"'}))
    assert body == Body(b"x" * 200_000, {"etag": '"a"'})


async def test_an_unchanged_file_has_no_body() -> None:
    assert await got(File(status=304), etag='"a"') == Body(None, {})


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


async def test_all_bodies_together_have_a_limit_and_give_it_back() -> None:
    host = FileHost()
    host.put(URL, File(b"x" * 900_000))
    downloads = Downloads(host, LIMITS)
    async with downloads.get(URL, {}):
        with pytest.raises(SoundTimeout, match="too many files"):
            async with downloads.get(URL, {}):
                pytest.fail("there was no room")
    async with downloads.get(URL, {}) as body:
        assert body.data is not None
