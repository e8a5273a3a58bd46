"""What an answer may be, and what each mistake in it leads to: the caller hears us, its author reads what it was."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

import ear
from action_server import ActionServer
from phone import phone
from rawserver import Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform
from soundfiles import mp3, sine
from stages import call_of
from subscription import Subscription

pytestmark = pytest.mark.peers

MOST_BYTES = 8 * 1024
MOST_LINES = 10
MOST_REQUESTS = 50
AT_ONCE = 8
LOW_HZ, HIGH_HZ = 500, 1300
SOUND = "https://example.com/hello.mp3"
NUMBERS = ",".join(f"8131234567{last}" for last in range(10))

MISTAKES = [
    (b"# nothing is to be done\n", "empty-answer"),
    (b"<html>It works!</html>", "looks-like-html"),
    (b"pause 1\n".ljust(MOST_BYTES + 1, b"#"), "too-long"),
    (b"pause 1\n" * (MOST_LINES + 1), "too-many-lines"),
    ('say ja "もしもし"'.encode("shift_jis"), "not-utf8"),
    (f"playbak {SOUND}".encode(), "unknown-verb"),
    (b"playback", "missing-argument"),
    (b"pause 1 2", "too-many-arguments"),
    (f"transfer {NUMBERS},81312345670".encode(), "too-many-arguments"),
    (b"say en Hello there", "unquoted-text"),
    (b'say en "Hello', "unclosed-quote"),
    (b"playback example.com/hello.mp3", "bad-url"),
    (b"gather next=ftp://example.com/", "bad-url"),
    (b"transfer 03-1234-5678", "bad-number"),
    (b'say english "Hello"', "unknown-language"),
    (b"hangup now=1", "unknown-option"),
    (b"pause 1\nreject busy", "not-first"),
    (b"stream wss://example.com/", "not-available-yet"),
    (b'say en "%s"' % (b"a" * 2001), "text-too-long"),
    (b'say en "<speak>Hello</speak>"', "ssml-not-accepted"),
]
BEYOND = [
    f"playback {SOUND} loop=0",
    f"playback {SOUND} loop=101",
    'say en "Hello" loop=101',
    'say en "Hello" voice=!',
    "pause 0",
    "pause 61",
    f"transfer {NUMBERS} ring=4",
    f"transfer {NUMBERS} ring=121",
    f"transfer {NUMBERS} max=0",
    f"transfer {NUMBERS} max=14401",
    f"transfer {NUMBERS} from=nobody",
    f"transfer {NUMBERS} confirm=2",
    "voicemail max=0",
    "voicemail max=14401",
    "gather digits=0",
    "gather digits=21",
    "gather timeout=0",
    "gather timeout=61",
    "gather finish=##",
    "reject later",
]
WITHIN = [
    'say en "Hello" loop=100 voice=pico',
    "pause 60",
    f"transfer {NUMBERS} ring=120 max=14400 from=caller confirm=1",
    f"transfer {NUMBERS} ring=5 max=1 from=recipient confirm=0",
    "voicemail max=14400",
    "voicemail max=1",
    "gather digits=20 timeout=60 finish=9",
    "gather digits=1 timeout=1 finish=*",
]
DEFAULTS = {"digits=20", "from=recipient", "confirm=0"}
"""What a timeline leaves out of a script because it goes without saying."""


async def test_an_answer_may_be_written_in_every_way_that_is_allowed(
    platform: RunningPlatform, actions: ActionServer, subscription: Subscription, caller: str
) -> None:
    low, high = (actions.serves(f"{hertz}.mp3", mp3(sine(hertz, 0.3))) for hertz in (LOW_HZ, HIGH_HZ))
    lines = [
        "\ufeff# ten lines, eight kilobytes",
        r'Say en "Our office opens \"tomorrow\" morning.\n"',
        "",
        "  # the melody",
        *[f"PlayBack  {low} \t ", f"playback\t{high} LOOP=1"] * 4,
        "hangup",
    ]
    body = "\r\n".join([*lines, "#"]).encode().ljust(MOST_BYTES, b".")

    async def page(_request: Request, reply: Reply) -> None:
        # What Django says of a text that nobody gave a type.
        reply.respond(body, Content_Type="text/html; charset=utf-8")

    async with raw_server(page) as server, phone() as customer:
        subscription.set(action_url=server.url())
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.word_error_rate("Our office opens tomorrow morning", ear.recognise(heard)) < 0.5
    assert ear.melody(heard, LOW_HZ, HIGH_HZ)[-8:] == [LOW_HZ, HIGH_HZ] * 4
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    [script] = [event for event in platform.timeline(call["call_id"]) if event["kind"] == "script"]
    assert len(script["text"].splitlines()) == MOST_LINES
    warnings = script["data"]["warnings"]
    assert 'actions are written in lower case; "Say" is read as "say"' in warnings
    assert 'options are written in lower case; "LOOP" is read as "loop"' in warnings


async def test_each_mistake_is_drawn_for_its_author_and_the_caller_hears_us(
    platform: RunningPlatform, subscription: Subscription, caller: str
) -> None:
    wrong = [*MISTAKES, *((line.encode(), "bad-option") for line in BEYOND)]
    answers = {f"{caller}{place:02}": body for place, (body, _) in enumerate(wrong)}
    calls = await _calls(platform, subscription, answers)
    found = [(calls[who]["status"], calls[who]["reason"]) for who in answers]
    assert found == [("failed", code) for _, code in wrong]
    for who, (body, code) in zip(answers, wrong, strict=True):
        told = [event for event in platform.timeline(calls[who]["call_id"]) if event["kind"] == "action-failed"]
        [failed] = told
        # A body beyond the limit is not read to its end, so that there is nothing to draw.
        if len(body) <= MOST_BYTES:
            headline, _, mark = failed["data"]["drawn"].splitlines()
            place = f"line {failed['data']['line']}, column {failed['data']['column']}"
            assert headline.startswith(f"{code}, {place}: ")
            assert mark.split()[0].strip("^") == ""
            # The carets are followed by what to do.
            assert len(mark.split()) > 1


async def test_what_is_just_within_the_bounds_is_done(
    platform: RunningPlatform, actions: ActionServer, subscription: Subscription, caller: str
) -> None:
    sound = actions.serves("within.mp3", mp3(sine(LOW_HZ, 1)))
    lines = [*WITHIN, f"playback {sound} loop=100"]
    answers = {
        f"{caller}{place}": f"playback {sound}\n{line}\n".encode().ljust(MOST_BYTES, b"#")
        for place, line in enumerate(lines)
    }
    calls = await _calls(platform, subscription, answers)
    for who, line in zip(answers, lines, strict=True):
        assert (calls[who]["status"], calls[who]["reason"]) == ("completed", None)
        [script] = [event for event in platform.timeline(calls[who]["call_id"]) if event["kind"] == "script"]
        assert script["data"]["warnings"] == []
        assert set(line.split()) - DEFAULTS <= set(script["text"].splitlines()[1].split())


async def test_a_line_that_no_call_gets_to_is_told_of_and_the_others_are_done(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    low, high = (actions.serves(f"{hertz}.mp3", mp3(sine(hertz, 0.3))) for hertz in (LOW_HZ, HIGH_HZ))
    actions.says(f"playback {low}", "hangup", f"playback {high}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.melody(heard, LOW_HZ, HIGH_HZ) == [LOW_HZ]
    call = await call_of(platform, caller)
    [script] = [event for event in platform.timeline(call["call_id"]) if event["kind"] == "script"]
    assert script["data"]["warnings"] == ['no call gets here: "hangup" on line 2 ends the call']


async def test_answers_that_lead_in_a_circle_are_asked_for_only_so_often(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"redirect {actions.url}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear_something()
        customer.hang_up()
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("failed", "too-many-requests")
    assert len(actions.questions) == MOST_REQUESTS


async def _calls(
    platform: RunningPlatform, subscription: Subscription, answers: Mapping[str, bytes]
) -> dict[str, dict[str, Any]]:
    """Let these callers hear how what each is answered begins, and hang up; return the calls by their callers."""
    lines = asyncio.Semaphore(AT_ONCE)

    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(answers[request.parameters["caller"]])

    async def call(who: str) -> None:
        async with lines, phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=who) == 200
            await customer.hear_something()
            customer.hang_up()

    def ended() -> dict[str, dict[str, Any]] | None:
        calls = {call["caller"]: call for call in platform.calls() if call["caller"] in answers and call["end_time"]}
        return calls if len(calls) == len(answers) else None

    async with raw_server(answer) as server:
        subscription.set(action_url=server.url())
        await asyncio.gather(*map(call, answers))
    return await asyncio.to_thread(platform.wait_until, ended, within_s=10, what="all calls to end")
