"""The ringing tone, as an ear hears it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ear import has_tone
from offhook.engine.media.tones import RINGING_HZ, RINGING_S, ringing


def _samples(rate: int) -> NDArray[np.int16]:
    return np.frombuffer(ringing(rate), "<i2")


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_it_is_a_second_of_425_hz(rate: int) -> None:
    assert len(_samples(rate)) == RINGING_S * rate
    assert has_tone(_samples(rate), RINGING_HZ, rate)


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_it_is_as_loud_as_a_tone_of_the_network_may_be(rate: int) -> None:
    sound = _samples(rate).astype(np.float64)
    # A full sine of 16-bit samples is 3.14 dBm0 (G.711); ITU-T E.180: -10 dBm0, 5 dB less at most.
    level = 3.14 + 20 * np.log10(np.sqrt(2 * np.mean(sound**2)) / 32_767)
    assert -15.5 < level < -10


def test_it_begins_and_ends_without_a_click() -> None:
    sound = _samples(8_000)
    step = np.max(np.abs(np.diff(sound)))
    assert abs(sound[0]) <= step
    assert abs(sound[-1]) <= step


def test_it_is_drawn_once() -> None:
    assert ringing(8_000) is ringing(8_000)
