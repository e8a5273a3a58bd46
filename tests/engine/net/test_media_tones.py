"""The ringing tone as it is sent."""

import numpy as np
import pytest

from ear import RATE, WIDE_RATE, decode, decode_g722, has_tone
from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.tones import RINGING_HZ
from offhook.engine.net.media_tones import ringing_turn

SOUND = slice(0, RATE)
PAUSE = slice(RATE, None)


@pytest.mark.parametrize("codec", Codec)
def test_a_second_of_425_hz_is_followed_by_four_of_silence(codec: Codec) -> None:
    turn = ringing_turn(codec)
    assert len(turn) == 5 * RATE
    assert has_tone(decode(turn[SOUND], codec), RINGING_HZ)
    assert turn[PAUSE] == SILENCE[codec] * (4 * RATE)


def test_the_silence_of_g722_is_quiet_after_a_loud_sound() -> None:
    heard = decode_g722(ringing_turn(Codec.G722)).astype(int)
    # Once its predictor has calmed down: below -54 dB of full scale.
    assert np.max(np.abs(heard[WIDE_RATE + WIDE_RATE // 20 :])) < 64


def test_it_is_made_once() -> None:
    assert ringing_turn(Codec.G722) is ringing_turn(Codec.G722)
