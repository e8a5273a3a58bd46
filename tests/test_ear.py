"""The ear hears what is there, and not what is not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ear import RATE, correlation, decode_g711, has_tone, melody, recognise, word_error_rate
from offhook.domain.sounds import Codec
from tones import tone

RANDOM = np.random.default_rng(7)


def noise(seconds: float, level: float = 3000.0) -> NDArray[np.int16]:
    return (RANDOM.standard_normal(round(seconds * RATE)) * level).astype(np.int16)


@pytest.mark.parametrize(
    ("codec", "code", "sample"),
    [
        (Codec.PCMU, 0xFF, 0),
        (Codec.PCMU, 0x7F, 0),
        (Codec.PCMU, 0x80, 32124),
        (Codec.PCMU, 0x00, -32124),
        (Codec.PCMU, 0xFE, 8),
        (Codec.PCMA, 0xD5, 8),
        (Codec.PCMA, 0x55, -8),
        (Codec.PCMA, 0xAA, 32256),
        (Codec.PCMA, 0x2A, -32256),
    ],
)
def test_g711_is_decoded_as_the_tables_of_the_itu_say(codec: Codec, code: int, sample: int) -> None:
    assert decode_g711(bytes([code]), codec).tolist() == [sample]


def test_both_laws_rise_with_the_sound() -> None:
    for codec in (Codec.PCMU, Codec.PCMA):
        values = decode_g711(bytes(range(256)), codec)
        assert len(set(np.abs(values.astype(np.int32)).tolist())) == 128
        assert values.astype(np.int32).sum() == 0


def test_a_tone_is_heard_and_another_frequency_is_not() -> None:
    heard = tone(440, 1.0)
    assert has_tone(heard, 440)
    assert not has_tone(heard, 480)
    assert not has_tone(heard, 880)


def test_a_tone_is_heard_in_silence_noise_and_another_tone() -> None:
    quiet = np.zeros(RATE, np.int16)
    assert has_tone(np.concatenate([quiet, tone(1000, 0.5), quiet]), 1000)
    assert has_tone(tone(1000, 1.0) + noise(1.0, 2000.0), 1000)
    both = tone(697, 1.0, level=0.2) + tone(1209, 1.0, level=0.2)
    assert has_tone(both, 697)
    assert has_tone(both, 1209)


def test_a_melody_is_its_notes_in_their_order_without_silence_and_noise() -> None:
    low, high, quiet = tone(500, 0.33), tone(800, 0.27), np.zeros(RATE, np.int16)
    assert melody(np.concatenate([low, quiet, high, low, low, noise(0.5), high]), 500, 800) == [500, 800, 500, 800]
    assert melody(np.concatenate([low, high]), 800, 1100) == [800]
    assert melody(quiet, 500) == []


def test_a_tone_is_heard_across_a_lost_packet() -> None:
    heard = tone(440, 2.0)
    assert has_tone(np.concatenate([heard[:3000], heard[3163:9000], heard[9500:]]), 440)


@pytest.mark.parametrize("samples", [b"", b"\0\0" * RATE, noise(1.0)])
def test_no_tone_is_heard_where_none_is(samples: NDArray[np.int16] | bytes) -> None:
    assert not has_tone(samples, 440)


def test_a_known_sound_is_found_wherever_it_begins() -> None:
    reference = noise(1.0)
    heard = np.concatenate([noise(0.7), reference // 2, noise(0.3)])
    assert correlation(heard, reference) > 0.99
    assert correlation(heard.tobytes(), reference.tobytes()) > 0.99


def test_a_sound_that_was_cut_off_is_still_like_its_reference() -> None:
    reference = noise(1.0)
    assert 0.6 < correlation(reference[: RATE // 2], reference) < 0.8


def test_another_sound_does_not_correlate() -> None:
    assert correlation(noise(2.0), noise(1.0)) < 0.2


@pytest.mark.parametrize("silence", [b"", b"\0\0" * 100])
def test_silence_correlates_with_nothing(silence: bytes) -> None:
    assert correlation(silence, noise(0.1)) == 0.0
    assert correlation(noise(0.1), silence) == 0.0


@pytest.mark.parametrize(
    ("expected", "heard", "rate"),
    [
        ("The office is closed.", "the office IS closed", 0.0),
        ("one two three four", "one three four", 0.25),
        ("one two", "one and two", 0.5),
        ("one two", "", 1.0),
        ("", "", 0.0),
    ],
)
def test_the_word_error_rate_counts_wrong_missing_and_added_words(expected: str, heard: str, rate: float) -> None:
    assert word_error_rate(expected, heard) == rate


def test_nothing_is_recognised_in_nothing() -> None:
    assert recognise(b"") == ""
