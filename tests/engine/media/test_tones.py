"""The ringing tone, as an ear hears it."""

import numpy as np
import pytest

from ear import RATE, decode_g711, has_tone
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import SILENCE
from offhook.engine.media.tones import PAUSE_S, RINGING_HZ, RINGING_S, ringing


@pytest.mark.parametrize("codec", Codec)
def test_a_second_of_425_hz_is_followed_by_four_of_silence(codec: Codec) -> None:
    turn = ringing(codec)
    assert has_tone(decode_g711(turn[:RATE], codec), RINGING_HZ)
    assert turn[RATE:] == SILENCE[codec] * (4 * RATE)
    assert len(turn) == (RINGING_S + PAUSE_S) * RATE


@pytest.mark.parametrize("codec", Codec)
def test_it_is_as_loud_as_a_tone_of_the_network_may_be(codec: Codec) -> None:
    sound = decode_g711(ringing(codec)[:RATE], codec).astype(np.float64)
    # A full sine of 16-bit samples is 3.14 dBm0 (G.711); ITU-T E.180: -10 dBm0, 5 dB less at most.
    level = 3.14 + 20 * np.log10(np.sqrt(2 * np.mean(sound**2)) / 32_767)
    assert -15.5 < level < -10


def test_it_begins_and_ends_without_a_click() -> None:
    sound = decode_g711(ringing(Codec.PCMA)[:RATE], Codec.PCMA)
    step = np.max(np.abs(np.diff(sound)))
    assert abs(sound[0]) <= step
    assert abs(sound[-1]) <= step


def test_it_is_drawn_once() -> None:
    assert ringing(Codec.PCMU) is ringing(Codec.PCMU)
