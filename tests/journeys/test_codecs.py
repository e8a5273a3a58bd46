"""Callers and callees of every codec: what they hear is right, and in the codec that they asked for."""

import asyncio

import pytest

import ear
from action_server import ActionServer
from callee import callee, pcmu
from offhook.domain.sounds import Codec
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, call_of, lead_to
from tones import RATE, mp3_of, tone

pytestmark = pytest.mark.peers

SENTENCE = "Thank you for calling. Our office opens tomorrow morning."
WIDE_FIRST = (Codec.G722, Codec.PCMU, Codec.PCMA)


async def _codecs(platform: RunningPlatform, caller: str) -> dict[str, str]:
    """Return which codec each leg of a caller's only call had, by the kind of its line in the timeline."""
    call = await call_of(platform, caller)
    events = platform.timeline(call["call_id"])
    kinds = ("quality", "callee-quality")
    return {event["kind"]: event["data"]["codec"] for event in events if event["kind"] in kinds}


async def test_what_is_said_and_played_to_a_g722_caller_is_g722(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"playback {actions.serves('wide.mp3', mp3_of(tone(600, 1)))}", f'say en "{SENTENCE}"')
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller, codecs=WIDE_FIRST) == 200
        heard = await customer.hear_the_end()
    assert await _codecs(platform, caller) == {"quality": "G722"}
    assert ear.has_tone(heard[: RATE // 2], 600)
    assert ear.word_error_rate(SENTENCE, ear.recognise(heard[RATE:])) < 0.5


@pytest.mark.parametrize(
    ("offers", "speaks"),
    [(WIDE_FIRST, (Codec.PCMU,)), ((Codec.PCMA,), (Codec.G722,)), (WIDE_FIRST, (Codec.PCMA, Codec.G722))],
    ids=["g722-pcmu", "pcma-g722", "g722-both"],
)
async def test_a_caller_and_a_callee_of_different_codecs_hear_each_other(
    platform: RunningPlatform,
    actions: ActionServer,
    caller: str,
    offers: tuple[Codec, ...],
    speaks: tuple[Codec, ...],
) -> None:
    actions.says(f"transfer {FRIEND}")
    manners = Manners(answers_after_s=0.2, speech=pcmu(tone(700, 5)), codecs=speaks)
    async with callee(manners) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller, codecs=offers) == 200
        customer.say(tone(1100, 5))
        # The first half second may begin before the other side speaks.
        (heard, overheard) = await asyncio.gather(customer.hear(1.5), friend.hear(1.5))
        customer.hang_up()
        await friend.hear_the_end()
    assert ear.has_tone(heard[RATE // 2 :], 700)
    assert not ear.has_tone(heard[RATE // 2 :], 1100)
    assert ear.has_tone(overheard[RATE // 2 :], 1100)
    assert not ear.has_tone(overheard[RATE // 2 :], 700)
    # Who can answer with the caller's codec is never transcoded.
    answered = offers[0] if offers[0] in speaks else speaks[0]
    assert await _codecs(platform, caller) == {"quality": offers[0].value, "callee-quality": answered.value}
