"""The ringing tone and the tones of the keys, as an ear hears them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ear import RATE, has_tone
from offhook.engine.media.tones import HIGH_HZ, KEYPAD, LOW_HZ, RINGING_HZ, RINGING_S, key_tones, ringing


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


def _pressed(key: str, duration_ms: int, rate_hz: int = RATE) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return np.frombuffer(key_tones(key, duration_ms, rate_hz), "<i2")


def test_each_key_is_its_two_tones_and_no_other() -> None:
    for row, keys in enumerate(KEYPAD):
        for column, key in enumerate(keys):
            sound = _pressed(key, 100)
            assert [has_tone(sound, hertz) for hertz in LOW_HZ] == [place == row for place in range(4)]
            assert [has_tone(sound, hertz) for hertz in HIGH_HZ] == [place == column for place in range(4)]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_the_tones_of_a_key_are_as_loud_as_told(rate_hz: int) -> None:
    sound = _pressed("5", 1000, rate_hz).astype(np.float64)
    turns = np.arange(rate_hz) / rate_hz
    for hertz, level in ((770, -10), (1336, -8)):
        amplitude = 2 * abs(np.mean(sound * np.exp(-2j * np.pi * hertz * turns)))
        assert 3.14 + 20 * np.log10(amplitude / 32_767) == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize(("asked_ms", "sounds_ms"), [(-5, 60), (60, 60), (61, 80), (100, 100), (99_999, 8_000)])
def test_a_key_sounds_for_whole_frames(asked_ms: int, sounds_ms: int) -> None:
    assert len(key_tones("0", asked_ms, RATE)) == sounds_ms * 8 * 2
