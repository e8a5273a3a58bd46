"""Each action with each of its options, heard and pressed on a running platform.

What their values may be is seen in `test_answers`, what action servers are told of them in `test_questions`.
"""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

import ear
from action_server import ActionServer
from callee import callee, pcmu
from certificates import web_server
from offhook.audio.beep import HZ as BEEP_HZ
from offhook.audio.limits import Limits
from offhook.audio.workshop import Job, Workshop
from offhook.domain.sounds import Codec
from offhook.engine.net.manners import BUSY, Manners
from phone import phone
from rawserver import Reply, Request, raw_server
from recordings import samples
from running_platform import NUMBER, RunningPlatform
from soundfiles import contained, mp3, sine, wav
from stages import FRIEND, call_of, lead_to
from tones import RATE, tone

pytestmark = pytest.mark.peers

LOW_HZ, HIGH_HZ, BYE_HZ, FRIEND_HZ, CALLER_HZ = 500, 800, 1100, 1400, 1700
GREETING, HOURS, JAPANESE = "Thank you for calling.", "We open tomorrow.", "もしもし。"
SPEAKS = Manners(answers_after_s=0.1, speech=pcmu(tone(FRIEND_HZ, 20)))


async def test_every_kind_of_file_is_played_as_often_as_wished_and_by_tls_too(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    two_notes = np.concatenate([sine(LOW_HZ, 0.4, RATE), sine(HIGH_HZ, 0.4, RATE)])

    async def secured(_request: Request, reply: Reply) -> None:
        reply.respond(mp3(sine(CALLER_HZ, 0.5)))

    async with raw_server(secured, web_server("127.0.0.1")) as server, phone() as customer:
        actions.says(
            f"playback {actions.serves('two-notes.wav', wav(two_notes.tobytes(), RATE))} loop=3",
            f"playback {actions.serves('bye.ogg', contained('ogg', 'libopus', sine(BYE_HZ, 0.5, 48_000)))}",
            f"playback {actions.serves('friend.flac', contained('flac', 'flac', sine(FRIEND_HZ, 0.5, 48_000)))}",
            f"playback {server.url('/caller.mp3')}",
        )
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    sung = ear.melody(heard, LOW_HZ, HIGH_HZ, BYE_HZ, FRIEND_HZ, CALLER_HZ)
    assert sung == [LOW_HZ, HIGH_HZ] * 3 + [BYE_HZ, FRIEND_HZ, CALLER_HZ]


async def test_a_text_is_read_in_its_language_by_its_voice_as_often_as_wished(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    lines = {
        f'say en "{GREETING}" voice=pico loop=2': Job(GREETING.encode(), "pico", "en"),
        f'say en-gb "{HOURS}"': Job(HOURS.encode(), "pico", "en-gb"),
        f'say ja "{JAPANESE}"': Job(JAPANESE.encode(), "mei", "ja"),
    }
    american = Job(HOURS.encode(), "pico", "en-us")
    actions.says(*lines)
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    twice, british, japanese, unsaid = await _spoken(*lines.values(), american)
    # The second time begins where the first one is over.
    for said, part in ((twice, heard[len(twice) // 2 :]), (british, heard), (japanese, heard)):
        assert ear.correlation(part, said) > 0.9
    # Another accent says the same words in other waves.
    assert ear.correlation(heard, unsaid) < 0.5


async def test_an_answered_call_goes_on_elsewhere_and_never_comes_back(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    low, high, never = (actions.serves(f"{hz}.mp3", mp3(sine(hz, 0.5))) for hz in (LOW_HZ, HIGH_HZ, BYE_HZ))
    with ActionServer() as elsewhere:
        elsewhere.says(f"playback {high}")
        actions.says(f"playback {low}", f"redirect {elsewhere.url}", f"playback {never}")
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            heard = await customer.hear_the_end()
    assert ear.melody(heard, LOW_HZ, HIGH_HZ, BYE_HZ) == [LOW_HZ, HIGH_HZ]
    [asked] = elsewhere.questions
    assert (asked.parameters["caller"], asked.parameters["event"]) == (caller, "incoming")


async def test_a_transfer_lasts_as_long_as_it_may_and_nothing_comes_after_it(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    bye = actions.serves("bye.mp3", mp3(sine(BYE_HZ, 0.5)))
    actions.says("transfer +81-3-1234-5678 from=recipient max=1", f"playback {bye}")
    async with callee(SPEAKS) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
        await friend.hear_the_end()
        assert (friend.call.number, friend.call.caller) == (f"+{FRIEND}", f"+{NUMBER}")
    assert ear.melody(heard, FRIEND_HZ, BYE_HZ) == [FRIEND_HZ]
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    ends = [event["text"] for event in platform.timeline(call["call_id"]) if event["kind"] == "hung-up"]
    assert ends == ["we hung up: the transfer was to last no longer than 1 s"]


async def test_the_caller_stays_when_a_transfer_has_lasted_long_enough_and_somebody_is_asked_next(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    bye = actions.serves("bye.mp3", mp3(sine(BYE_HZ, 0.5)))
    actions.says(f"transfer {FRIEND} max=1 next={actions.url}?step=2")
    actions.says_after("transfer", f"playback {bye}")
    async with callee(SPEAKS) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
        await friend.hear_the_end()
    assert ear.melody(heard, FRIEND_HZ, BYE_HZ) == [FRIEND_HZ, BYE_HZ]
    told = actions.questions[-1].parameters
    assert (told["step"], told["event"], told["transfer_status"]) == ("2", "transfer", "answered")
    assert int(told["duration"]) >= 1


async def test_a_caller_whose_callee_is_busy_hears_the_next_line(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    bye = actions.serves("bye.mp3", mp3(sine(BYE_HZ, 0.5)))
    actions.says(f"transfer {FRIEND}", f"playback {bye}")
    async with callee(Manners(refusal=BUSY)) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.has_tone(heard, BYE_HZ)
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 1)


async def test_a_prompt_is_said_again_until_a_key_and_whom_it_names_is_told_of_the_keys(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    never = actions.serves("never.mp3", mp3(sine(BYE_HZ, 0.5)))
    actions.says(f'gather say en "{GREETING}" voice=pico loop=9 next={actions.url}?menu=1', f"playback {never}")
    actions.says_after("gather", "hangup")
    [prompt] = await _spoken(Job(GREETING.encode(), "pico", "en"))
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear(2 * len(prompt) / RATE + 0.5)
        customer.press("1*2#")
        heard = await customer.hear_the_end()
    assert ear.correlation(heard[len(prompt) // 2 :], prompt) > 0.9
    assert not ear.has_tone(heard[-RATE:], BYE_HZ)
    told = actions.questions[-1].parameters
    # Without a word about it, # ends the keys, and is none of them.
    assert (told["menu"], told["event"], told["digits"]) == ("1", "gather", "1*2")


async def test_a_message_is_as_long_as_it_may_be_and_whom_it_names_is_told_where_it_is(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f'voicemail say en "{HOURS}" max=1 next={actions.url}?box=7')
    actions.says_after("voicemail", "hangup")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.say(tone(CALLER_HZ, 20))
        heard = await customer.hear_the_end()
    assert ear.word_error_rate(HOURS, ear.recognise(heard)) < 0.5
    assert ear.melody(heard, BEEP_HZ) == [BEEP_HZ]
    told = actions.questions[-1].parameters
    assert (told["box"], told["event"]) == ("7", "voicemail")
    message = await asyncio.to_thread(samples, told["recording_url"])
    assert ear.has_tone(message, CALLER_HZ)
    assert RATE // 2 < len(message) < 2 * RATE


async def _spoken(*jobs: Job) -> list[NDArray[np.int16]]:
    """Return what the voices themselves say: 8 kHz, mono."""
    limits = Limits()
    workshop = Workshop(limits.speech_memory_bytes, limits)
    try:
        return [
            ear.decode_g711(b"".join([piece.pcmu async for piece in workshop.make(job)]), Codec.PCMU) for job in jobs
        ]
    finally:
        await workshop.stop()
