"""Keys in the sound: what ITU-T Q.24 wants to be heard, what it does not, and what a voice and music are not."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from offhook.audio import speech
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import from_linear16
from offhook.engine.media.tone_keys import LATEST, ToneReceiver
from offhook.engine.media.tones import FULL_DBM0, HIGH_HZ, KEYPAD, LOW_HZ
from offhook.engine.net.media_tones import key_turn

RATE = 8_000
FRAME = 160
KEYS = "".join(KEYPAD)
Sound = NDArray[np.float64]


def sine(hertz: float, ms: float, dbm0: float, angle: float = 0.0) -> Sound:
    places = np.arange(round(ms * RATE / 1000))
    return 32_767 * 10 ** ((dbm0 - FULL_DBM0) / 20) * np.sin(2 * np.pi * hertz * places / RATE + angle)


def key(
    name: str, ms: float = 40, *, low: float = -10, high: float = -10, low_off: float = 0, high_off: float = 0
) -> Sound:
    """Return a key; levels in dBm0 of each tone, deviations as parts of the frequency."""
    row = next(place for place, keys in enumerate(KEYPAD) if name in keys)
    column = KEYPAD[row].index(name)
    first = sine(LOW_HZ[row] * (1 + low_off), ms, low)
    return first + sine(HIGH_HZ[column] * (1 + high_off), ms, high, 1.0)


def silence(ms: float) -> Sound:
    return np.zeros(round(ms * RATE / 1000))


def heard(*sounds: Sound, codec: Codec = Codec.PCMU, receiver: ToneReceiver | None = None) -> str:
    receiver = receiver or ToneReceiver()
    samples = np.clip(np.round(np.concatenate(sounds)), -32_768, 32_767).astype("<i2")
    payload = from_linear16(samples.tobytes(), codec)
    places = range(0, len(payload), FRAME)
    return "".join(receiver.receive(payload[at : at + FRAME], codec, at) for at in places)


def noise(like: Sound, dbm0: float) -> Sound:
    return np.random.default_rng(7).normal(0, 32_767 * 10 ** ((dbm0 - FULL_DBM0) / 20) / np.sqrt(2), len(like))


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_each_key_of_40_ms_with_a_pause_of_40_ms_is_heard_once_wherever_it_begins(codec: Codec) -> None:
    for begin_ms in range(0, 20, 3):
        sounds = [sound for name in KEYS for sound in (key(name), silence(40))]
        assert heard(silence(begin_ms), *sounds, silence(60), codec=codec) == KEYS


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_what_we_press_is_what_we_hear(codec: Codec) -> None:
    sound = b"".join(key_turn(name, 60, codec) for name in KEYS + "55")
    receiver = ToneReceiver()
    places = range(0, len(sound), FRAME)
    assert "".join(receiver.receive(sound[at : at + FRAME], codec, at) for at in places) == KEYS + "55"


@pytest.mark.parametrize(
    ("low", "high"), [(-3, -3), (-25, -25), (-14, -10), (-10, -18), (-21, -25), (-25, -21)], ids=str
)
def test_levels_and_twists_that_lines_make_are_heard(low: float, high: float) -> None:
    for name in KEYS:
        assert heard(silence(13), key(name, low=low, high=high), silence(60)) == name


@pytest.mark.parametrize(("low", "high"), [(-35, -35), (-10, -24), (-20, -10)], ids=str)
def test_what_is_too_quiet_or_too_unlike_is_no_key(low: float, high: float) -> None:
    for name in KEYS:
        assert heard(silence(13), key(name, 200, low=low, high=high), silence(60)) == ""


@pytest.mark.parametrize("low_off", [-0.015, 0.0, 0.015])
@pytest.mark.parametrize("high_off", [-0.015, 0.0, 0.015])
def test_tones_1_5_percent_beside_their_frequency_are_heard(low_off: float, high_off: float) -> None:
    for name in KEYS:
        assert heard(silence(13), key(name, low_off=low_off, high_off=high_off), silence(60)) == name


@pytest.mark.parametrize(("low_off", "high_off"), [(-0.035, 0), (0.035, 0), (0, -0.035), (0, 0.035)])
@pytest.mark.parametrize(("low", "high"), [(-10, -10), (-14, -10), (-10, -18)], ids=str)
def test_tones_3_5_percent_beside_their_frequency_are_no_keys(
    low_off: float, high_off: float, low: float, high: float
) -> None:
    for name in KEYS:
        sound = key(name, 200, low_off=low_off, high_off=high_off, low=low, high=high)
        assert heard(silence(13), sound, silence(60)) == ""


def test_what_is_shorter_than_23_ms_is_no_key() -> None:
    for begin_ms in range(20):
        assert heard(silence(begin_ms), *(sound for name in KEYS for sound in (key(name, 23), silence(40)))) == ""


@pytest.mark.parametrize("ms", [5, 10])
def test_a_short_break_does_not_cut_a_key_in_two(ms: float) -> None:
    for begin_ms in range(20):
        assert heard(silence(begin_ms), key("5", 60), silence(ms), key("5", 60), silence(80)) == "5"


def test_a_long_press_is_one_key_and_the_same_key_again_another() -> None:
    assert heard(key("8", 3_000), silence(40), key("8", 50), silence(60)) == "88"


def test_another_key_needs_no_pause() -> None:
    assert heard(key("1", 60), key("9", 60), silence(60)) == "19"


@pytest.mark.parametrize("decibel", [15, 24])
def test_noise_that_lines_have_does_no_harm(decibel: float) -> None:
    sound = np.concatenate([part for name in KEYS for part in (silence(50), key(name))] + [silence(60)])
    assert heard(sound + noise(sound, -10 - decibel)) == KEYS


def test_one_tone_three_tones_and_noise_are_no_keys() -> None:
    for hertz in (*LOW_HZ, *HIGH_HZ, 425, 1004, 2100):
        assert heard(sine(hertz, 500, -10)) == ""
    assert heard(key("1", 500) + sine(770, 500, -10)) == ""
    assert heard(key("1", 500) + sine(1477, 500, -10, 2.0)) == ""
    assert heard(noise(silence(5_000), -10)) == ""


def test_a_dial_tone_below_a_key_is_too_much() -> None:
    assert heard(key("1", 500) + sine(425, 500, -6)) == ""


def test_a_lost_packet_does_not_cut_a_key_in_two() -> None:
    sound = key_turn("5", 200, Codec.PCMU)
    for lost in range(1, 9):
        receiver = ToneReceiver()
        places = [at for at in range(0, len(sound), FRAME) if at != lost * FRAME]
        assert "".join(receiver.receive(sound[at : at + FRAME], Codec.PCMU, at) for at in places) == "5"


def test_a_pause_in_which_nothing_was_sent_is_a_pause_however_long() -> None:
    sound = key_turn("5", 60, Codec.PCMU)[: 3 * FRAME]
    for pause in (400, 8_000, 0x7FFF0000):
        receiver = ToneReceiver()
        begins = [0, (len(sound) + pause) & 0xFFFFFFFF]
        pieces = [
            (sound[at : at + FRAME], (begin + at) & 0xFFFFFFFF) for begin in begins for at in range(0, 3 * FRAME, FRAME)
        ]
        assert "".join(receiver.receive(piece, Codec.PCMU, at) for piece, at in pieces) == "55"


def test_a_packet_that_others_have_overtaken_is_left_out() -> None:
    receiver = ToneReceiver()
    assert heard(key("5", 60), receiver=receiver) == "5"
    sound = key_turn("6", 60, Codec.PCMU)
    assert [receiver.receive(sound[:FRAME], Codec.PCMU, at) for at in (0, 80, 100)] == [""] * 3


def test_another_line_of_timestamps_begins_anew() -> None:
    receiver = ToneReceiver()
    assert heard(silence(3 * LATEST * 1000 / RATE), key("5", 60), receiver=receiver) == "5"
    assert heard(key("5", 60), receiver=receiver) == "5"


def test_speech_is_no_key() -> None:
    """Nor is it faster, slower, louder and quieter: some minutes of all voices together."""
    text = (
        "Please enter your number, then press the hash key. Oh no, I really do not know who owes you all this money. "
        "Six thousand seven hundred and eighty nine. Hello, who are you?"
    )
    samples = np.frombuffer(b"".join(speech.speak(text, "pico", "en", 600)), np.int16).astype(float)
    assert len(samples) > 8 * RATE
    for tempo in (0.7, 0.85, 1.0, 1.2, 1.45):
        places = np.arange(0, len(samples) - 1, tempo)
        assert heard(1.3 * np.interp(places, np.arange(len(samples)), samples)) == ""


def test_music_is_no_key() -> None:
    assert heard(*_chords()) == ""


def _chords() -> Iterator[Sound]:
    """Yield a minute of chords, each note with its overtones."""
    chance = np.random.default_rng(11)
    for _ in range(240):
        times = np.arange(2_000) / RATE
        chord = np.zeros(len(times))
        for note in chance.integers(45, 85, 3):
            hertz = 440 * 2 ** ((note - 69) / 12)
            for overtone in range(1, 5):
                chord += np.sin(2 * np.pi * hertz * overtone * times) / overtone
        yield chord * np.exp(-3 * times) / np.max(np.abs(chord)) * 12_000
