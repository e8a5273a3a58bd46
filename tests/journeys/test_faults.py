"""A caller is never dropped silently, whatever the customer's servers do; and the timeline says what it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

import ear
from action_server import ActionServer
from certificates import web_server
from free_ports import tcp_port
from phone import phone
from rawserver import Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform
from subscription import Subscription
from tones import mp3_of, tone

pytestmark = pytest.mark.peers

GIGABYTE = 1 << 30


async def _sorry(platform: RunningPlatform, caller: str) -> tuple[str, str]:
    """Call, hear the announcement begin and hang up; return how the call was recorded."""
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear_something()
        customer.hang_up()
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    return call["status"], call["reason"]


async def _slow(_request: Request, reply: Reply) -> None:
    await reply.hang()


async def _redirect_for_ever(request: Request, reply: Reply) -> None:
    reply.respond(status=302, Location=request.target)


async def _gigabyte(_request: Request, reply: Reply) -> None:
    reply.send(f"HTTP/1.1 200 OK\r\nContent-Length: {GIGABYTE}\r\n\r\n".encode())
    for _ in range(64):
        reply.send(b"#" * 65_536)


async def _page(_request: Request, reply: Reply) -> None:
    reply.respond(b"<!DOCTYPE html><html><body>It works!</body></html>")


async def _broken(_request: Request, reply: Reply) -> None:
    reply.respond(b"Traceback", status=500)


async def _nothing(_request: Request, reply: Reply) -> None:
    reply.respond(b"")


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (_slow, "timeout"),
        (_redirect_for_ever, "too-many-redirects"),
        (_gigabyte, "too-long"),
        (_page, "looks-like-html"),
        (_broken, "http-status"),
        (_nothing, "empty-answer"),
    ],
)
async def test_a_caller_hears_an_announcement_when_the_action_server_fails(
    platform: RunningPlatform,
    subscription: Subscription,
    caller: str,
    behaviour: Callable[[Request, Reply], Awaitable[None]],
    code: str,
) -> None:
    async with raw_server(behaviour) as server:
        subscription.set(action_url=server.url("/"))
        assert await _sorry(platform, caller) == ("failed", code)


async def test_a_caller_hears_an_announcement_when_the_action_server_is_down(
    platform: RunningPlatform, subscription: Subscription, caller: str
) -> None:
    subscription.set(action_url=f"http://127.0.0.1:{tcp_port()}/")
    assert await _sorry(platform, caller) == ("failed", "connect-failed")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://169.254.169.254/latest/meta-data/", "address-refused"),
        # No name server needs to be asked: a label has at most 63 letters (RFC 1035 section 2.3.4).
        (f"http://{'a' * 64}.example/", "dns-failed"),
        ("", "action-url-not-set"),
    ],
)
async def test_a_caller_hears_an_announcement_when_nobody_can_be_asked(
    platform: RunningPlatform, subscription: Subscription, caller: str, url: str, code: str
) -> None:
    subscription.set(action_url=url)
    assert await _sorry(platform, caller) == ("failed", code)


async def test_a_server_whose_certificate_names_another_is_not_asked(
    platform: RunningPlatform, subscription: Subscription, caller: str
) -> None:
    async with raw_server(_nothing, web_server("elsewhere.example")) as server:
        subscription.set(action_url=server.url())
        assert await _sorry(platform, caller) == ("failed", "tls-failed")
    assert server.requests == []


async def test_the_fallback_url_is_asked_with_the_reason(
    platform: RunningPlatform, actions: ActionServer, subscription: Subscription, caller: str
) -> None:
    actions.says("reject declined")
    subscription.set(action_url=f"http://127.0.0.1:{tcp_port()}/", fallback_url=actions.url)
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 603
    (question,) = actions.questions
    assert (question.parameters["event"], question.parameters["reason"]) == ("fallback", "connect-failed")


async def test_the_default_action_is_done_when_nobody_answers(
    platform: RunningPlatform, actions: ActionServer, subscription: Subscription, caller: str
) -> None:
    down = f"http://127.0.0.1:{tcp_port()}/"
    sound = actions.serves("default.mp3", mp3_of(tone(900, 1)))
    subscription.set(action_url=down, fallback_url=down, default_action=f"playback {sound}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.has_tone(heard, 900)


async def _endless(_request: Request, reply: Reply) -> None:
    reply.send(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n")
    while not reply.over.is_set():
        reply.send(bytes(65_536))
        await asyncio.sleep(0.01)


async def _announces_a_gigabyte(_request: Request, reply: Reply) -> None:
    reply.send(f"HTTP/1.1 200 OK\r\nContent-Length: {GIGABYTE}\r\n\r\n".encode())
    await reply.hang()


async def _trickle(_request: Request, reply: Reply) -> None:
    reply.send(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n")
    while not reply.over.is_set():
        reply.send(b"\xff")
        await asyncio.sleep(0.1)


@asynccontextmanager
async def _sounds(behaviour: Callable[[Request, Reply], Awaitable[None]]) -> AsyncIterator[str]:
    async with raw_server(behaviour) as server:
        yield server.url("/sound.mp3")


@pytest.mark.parametrize(
    ("behaviour", "codes"),
    [
        (_page, {"sound-not-audio"}),
        (_broken, {"sound-not-found", "http-status"}),
        (_nothing, {"sound-not-audio"}),
        (_slow, {"sound-timeout", "timeout"}),
        (_endless, {"sound-too-long", "sound-timeout", "sound-not-audio"}),
        (_announces_a_gigabyte, {"sound-too-long"}),
        (_trickle, {"sound-timeout"}),
    ],
)
async def test_a_sound_that_cannot_be_played_ends_the_call_politely(
    platform: RunningPlatform,
    actions: ActionServer,
    caller: str,
    behaviour: Callable[[Request, Reply], Awaitable[None]],
    codes: set[str],
) -> None:
    async with _sounds(behaviour) as url:
        actions.says(f"playback {url}")
        status, reason = await _sorry(platform, caller)
    assert status == "failed"
    assert reason in codes


@pytest.mark.parametrize("line", ['say ko "여보세요"', 'say ja "もしもし" voice=pico'])
async def test_a_language_or_a_voice_that_is_not_installed_ends_the_call_politely(
    platform: RunningPlatform, actions: ActionServer, caller: str, line: str
) -> None:
    actions.says(line)
    assert await _sorry(platform, caller) == ("failed", "language-not-installed")


async def test_a_sound_that_is_missing_after_the_answer_ends_the_call_politely(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 1", f"playback {actions.origin}/no-such.mp3")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("failed", "sound-not-found")
    assert ear.recognise(heard)


async def test_a_server_that_is_down_again_and_again_is_left_alone_and_its_calls_go_on_at_once(
    platform: RunningPlatform, subscription: Subscription, caller: str
) -> None:
    async def broken(_request: Request, reply: Reply) -> None:
        reply.respond(status=500)

    async def standing_in(_request: Request, reply: Reply) -> None:
        reply.respond(b"reject busy")

    async with raw_server(broken) as server, raw_server(standing_in) as fallback:
        await asyncio.to_thread(subscription.set, action_url=server.url(), fallback_url=fallback.url())
        for _ in range(6):
            async with phone() as customer:
                assert await customer.call(NUMBER, platform.sip, caller=caller) == 486
        calls = await asyncio.to_thread(platform.ended_calls, caller)
    assert len(server.requests) == 5
    reasons = [request.parameters["reason"] for request in fallback.requests]
    assert reasons == ["http-status"] * 5 + ["breaker-open"]
    timelines = [await asyncio.to_thread(platform.timeline, call["call_id"]) for call in calls]
    [told] = [event for timeline in timelines for event in timeline if event["code"] == "breaker-open"]
    assert "the last time with http-status" in told["text"]
    origin = server.url("")
    assert platform.metric("offhook_action_breakers", state="open") >= 1

    def shown() -> dict[str, str] | None:
        found = [one for one in platform.api("GET", "/account/breakers/") if one["origin"] == origin]
        return found[0] if found else None

    left_alone = await asyncio.to_thread(platform.wait_until, shown, within_s=10, what="the breaker to be shown")
    assert (left_alone["state"], left_alone["code"]) == ("open", "http-status")
