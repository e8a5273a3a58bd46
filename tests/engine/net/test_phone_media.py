"""What our own phones can be told about their sound: be silent, lose packets, say what comes from elsewhere."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from callee import Callee, callee, pcmu
from ear import has_tone
from offhook.engine.media.rtp import FRAME_SAMPLES
from offhook.engine.net.manners import Manners
from offhook.engine.net.phone_media import FRAME_BYTES, PhoneMedia, lose_nothing
from phone import phone
from tones import tone

AT_ONCE = Manners(answers_after_s=0)


@pytest.fixture
async def both() -> AsyncIterator[tuple[PhoneMedia, PhoneMedia, Callee]]:
    """Return the sound of a caller and of the callee that it talks to."""
    async with callee(AT_ONCE) as friend, phone() as customer:
        assert await customer.call("1", friend.sip) == 200
        yield customer._phone.media, friend.call.media, friend


async def test_who_is_muted_sends_nothing_and_goes_on_where_the_clock_is(
    both: tuple[PhoneMedia, PhoneMedia, Callee],
) -> None:
    ours, theirs, _ = both
    assert ours.has_started
    await theirs.hear(0.1)
    ours.mute(True)
    await ours.hear(0.1)
    packets, length = theirs.packets, theirs._recording.length
    await ours.hear(0.4)
    assert theirs.packets == packets
    ours.mute(False)
    await theirs.hear(0.5)
    # The pause is in the timestamps, so it is silence and not left out: what came after it was less than it lasts.
    assert theirs._recording.length - length > (theirs.packets - packets) * FRAME_SAMPLES + 0.3 * 8_000


async def test_who_is_muted_before_the_answer_begins_when_he_may() -> None:
    async with callee(Manners(answers_after_s=0.1)) as friend, phone() as customer:
        customer.dial("1", friend.sip, caller="2")
        customer._phone.media.mute(True)
        await customer._phone.answered.wait()
        await customer.hear(0.3)
        assert friend.call.media.packets == 0
        customer._phone.media.mute(False)
        await friend.hear(0.1)


async def test_a_line_loses_packets_each_way(both: tuple[PhoneMedia, PhoneMedia, Callee]) -> None:
    ours, theirs, _ = both
    ours.lose(lambda: True, lose_nothing)
    await ours.hear(0.1)
    packets = theirs.packets
    await ours.hear(0.3)
    assert theirs.packets == packets
    ours.lose(lose_nothing, lambda: True)
    await theirs.hear(0.1)
    packets = ours.packets
    await theirs.hear(0.3)
    assert ours.packets == packets


async def test_what_comes_from_elsewhere_is_said_behind_what_was_to_be_said_and_overheard(
    both: tuple[PhoneMedia, PhoneMedia, Callee],
) -> None:
    ours, theirs, _ = both
    overheard = b""

    def overhear(_ssrc: int, _timestamp: int, samples: bytes) -> None:
        nonlocal overheard
        overheard += samples

    theirs.overhear(overhear)
    hum = pcmu(np.tile(tone(600, 0.1), 100))
    frames = iter(hum[at : at + FRAME_BYTES] for at in range(0, len(hum), FRAME_BYTES))
    ours.speak(pcmu(tone(1300, 0.5)))
    ours.say_from(lambda: next(frames))
    spoke_at_first = ours.is_speaking
    await theirs.hear(1.2)
    assert (spoke_at_first, ours.is_speaking) == (True, False)
    assert has_tone(overheard[:6_000], 1300)
    assert has_tone(overheard[-8_000:], 600)
    assert ours.takes_events
    ours.press("5")
    pressed_at_first = ours.is_pressing
    await theirs.hear(0.4)
    assert (pressed_at_first, ours.is_pressing) == (True, False)
