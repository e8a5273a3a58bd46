"""What a phone hears on the clock of its call, and the ears that listen for one thing each."""

from array import array
from collections.abc import Collection

import numpy as np
import pytest
from numpy.typing import NDArray

from offhook.cli.dialogue.ears import Ear, Found, KnownEar, Missed, SilenceEar, SoundEar, ToneEar, loud_part
from offhook.cli.dialogue.heard import AFTER_THE_END, FRAME, KEPT, RATE, STILL_S, Heard
from tones import sweep, tone

FRAME_S = 0.02
WRAPPING = (1 << 32) - 700


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * RATE), np.int16)


def speech(seconds: float, seed: int) -> NDArray[np.int16]:
    """Make something that is as irregular as speech and never the same twice."""
    chance = np.random.default_rng(seed)
    loudness = np.repeat(chance.uniform(0, 1, round(seconds * 10)), RATE // 10)
    return (chance.normal(0, 4000, len(loudness)) * loudness).astype(np.int16)


def packets(heard: Heard, sound: NDArray[np.int16], *, at: int = 0, ssrc: int = 1, lost: Collection[int] = ()) -> float:
    """Let packets come, each at its time, from the frame `at` on; return when the last came."""
    frames = len(sound) // FRAME
    for frame in range(frames):
        if frame not in lost:
            samples = sound[frame * FRAME : (frame + 1) * FRAME].astype("<i2").tobytes()
            heard.add(ssrc, WRAPPING + (at + frame) * FRAME & 0xFFFFFFFF, samples, (at + frame + 1) * FRAME_S)
    return (at + frames) * FRAME_S


def listening(ear: Ear, *parts: NDArray[np.int16], lost: Collection[int] = ()) -> Found | Missed | None:
    """Let an ear listen while the parts sound, frame by frame, until it has something to say."""
    heard = Heard(0.0)
    sound = np.concatenate(parts)
    for frame in range(len(sound) // FRAME):
        one = () if frame not in lost else (0,)
        now = packets(heard, sound[frame * FRAME : (frame + 1) * FRAME], at=frame, lost=one)
        if (said := ear.listen(heard, heard.settle(now or FRAME_S))) is not None:
            return said
    return None


def known(sound: NDArray[np.int16]) -> "array[int]":
    return loud_part(array("h", sound.tobytes()))


def place(seconds: float) -> int:
    return round(seconds * RATE)


def test_packets_find_their_places_and_lost_ones_are_silence() -> None:
    heard = Heard(0.0)
    sound = tone(440, 0.2)
    assert packets(heard, sound, lost=(3,)) == pytest.approx(0.2)
    expected = sound.copy()
    expected[3 * FRAME : 4 * FRAME] = 0
    assert heard.between(0, len(sound)).tolist() == expected.tolist()
    assert heard.between(len(sound) - 2, len(sound) + 2).tolist()[2:] == [0, 0]


def test_the_last_packets_are_not_settled_while_others_may_still_come_before_them() -> None:
    heard = Heard(0.0)
    now = packets(heard, tone(440, 0.2))
    assert heard.settle(now) == place(0.2) - 2 * FRAME
    assert heard.settle(now + STILL_S + 0.1) == place(0.3)
    assert heard.settle(now) == place(0.3)


def test_silence_passes_although_no_packet_comes() -> None:
    heard = Heard(100.0)
    assert heard.settle(100.2) == 0
    assert heard.settle(103.0) == place(3 - STILL_S)
    assert heard.settle_all(103.0) == place(3) + AFTER_THE_END


def test_a_stream_that_goes_on_after_silence_is_heard_when_it_does() -> None:
    heard = Heard(0.0)
    packets(heard, tone(440, 0.2))
    heard.settle(2.0)
    # Its clock stood still meanwhile.
    heard.add(1, WRAPPING + 10 * FRAME & 0xFFFFFFFF, b"\1\0" * FRAME, 2.02)
    assert heard.between(place(2.0), place(2.02)).tolist() == [1] * FRAME


def test_another_stream_begins_when_it_comes_and_a_leap_of_the_clock_is_no_silence() -> None:
    heard = Heard(0.0)
    packets(heard, tone(440, 0.2))
    heard.add(2, 5, b"\1\0" * FRAME, 0.22)
    heard.add(2, 5 + 60 * RATE, b"\2\0" * FRAME, 0.24)
    assert heard.between(place(0.2), place(0.24)).tolist() == [1] * FRAME + [2] * FRAME


def test_what_comes_after_its_time_is_lost_and_keeps_nothing_waiting() -> None:
    heard = Heard(0.0)
    now = packets(heard, tone(440, 0.2))
    heard.settle(now)
    before = heard.between(0, place(0.2))
    heard.add(1, WRAPPING, b"\1\0" * FRAME, now)
    assert heard.between(0, place(0.2)) == before


def test_a_stream_whose_clock_stands_still_keeps_nothing_waiting() -> None:
    heard, settled = Heard(0.0), 0
    for count in range(100):
        heard.add(1, 5, b"\1\0" * FRAME, (count + 1) * FRAME_S)
        settled = heard.settle((count + 1) * FRAME_S)
    assert settled >= place(2 - 2 * STILL_S)


def test_of_a_long_call_the_last_minutes_are_kept() -> None:
    heard = Heard(0.0)
    minute = b"\1\0" * (60 * RATE)
    for count in range(11):
        heard.add(1, count * 60 * RATE, minute, (count + 1) * 60.0)
    end = 11 * 60 * RATE
    assert heard.between(end - KEPT, end).tolist() == [1] * KEPT
    assert heard.between(0, 2).tolist() == [0, 0]
    assert heard.between(end - KEPT - 1, end - KEPT + 1).tolist()[1] == 1


def test_any_sound_is_heard_but_a_click_and_the_noise_of_the_line_are_none() -> None:
    noise = (np.sin(np.arange(RATE)) * 400).astype(np.int16)
    click = silence(0.5)
    click[2000:2100] = 20_000
    assert listening(SoundEar(0, place(2)), noise, click, silence(2)) == Missed("nothing but silence was heard")
    assert isinstance(listening(SoundEar(0, place(2)), silence(1.9), tone(440, 0.5)), Found)
    assert isinstance(listening(SoundEar(0, place(1)), silence(1.9), tone(440, 0.5)), Missed)


def test_silence_is_heard_where_it_lasts() -> None:
    parts = (tone(440, 0.5), silence(0.4), tone(440, 0.5), silence(2))
    assert listening(SilenceEar(0, place(3), place(1)), *parts) == Found(place(2.4), "1 s of silence")
    missed = listening(SilenceEar(0, place(1), place(1)), *parts)
    assert missed == Missed("there was sound; the longest silence was 0.40 s")


def test_a_tone_is_heard_by_its_frequency_and_length() -> None:
    parts = (silence(0.313), tone(440, 0.5), silence(3))
    assert isinstance(listening(ToneEar(0, place(2), place(0.5), 440), *parts), Found)
    missed = listening(ToneEar(0, place(2), place(0.5), 460), *parts)
    assert missed == Missed("460 Hz had 21% of the power at most")
    assert isinstance(listening(ToneEar(0, place(2), place(0.8), 440), *parts), Missed)
    assert listening(ToneEar(0, place(2), 1, 440), silence(4)) == Missed("nothing but silence was heard")


def test_a_tone_is_heard_although_every_tenth_packet_is_lost() -> None:
    found = listening(ToneEar(0, place(2), place(1), 440), tone(440, 1.2), lost=range(5, 60, 10))
    assert isinstance(found, Found)


@pytest.mark.parametrize("late_s", [0.0, 0.01, 1.2345])
def test_a_known_sound_is_found_wherever_it_begins(late_s: float) -> None:
    said = speech(2, 1)
    ear = KnownEar(0, place(3), known(said))
    found = listening(ear, silence(late_s), said, silence(1))
    assert isinstance(found, Found)
    assert found.end == pytest.approx(place(late_s + 2), abs=20)
    assert found.words == "it is the sound, by 1.00"


def test_a_known_sound_is_found_in_the_midst_of_others_and_although_packets_are_lost() -> None:
    said = speech(2, 1)
    ear = KnownEar(0, place(3), known(said))
    assert isinstance(listening(ear, speech(1.5, 2), said, speech(1, 3), lost=range(3, 300, 5)), Found)


@pytest.mark.parametrize("lost", [28, 33, 47, 60])
@pytest.mark.parametrize("louder", [0.0, 0.002, 0.01])
def test_the_beginning_of_a_sound_is_known_where_its_rest_is_no_less_alike_in_loudness(
    louder: float, lost: int
) -> None:
    sound = (sweep(400, 1500, 1.2) * (1 + louder * np.repeat(np.arange(60), FRAME))).astype(np.int16)
    ear = KnownEar(0, place(3), known(sound)[: place(0.8)])
    assert isinstance(listening(ear, silence(0.513), sound, silence(1), lost=[lost]), Found)


@pytest.mark.parametrize("sound", [tone(700, 1), sweep(300, 3000, 1), speech(0.1, 4)], ids=["tone", "sweep", "short"])
def test_sounds_of_every_kind_are_known(sound: NDArray[np.int16]) -> None:
    assert isinstance(listening(KnownEar(0, place(3), known(sound)), silence(0.5), sound, silence(1)), Found)


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (speech(5, 2), "what was heard is like it by 0."),
        (silence(5), "nothing but silence was heard"),
        (np.concatenate([tone(700, 0.02), silence(5)]), "what was heard sounds otherwise"),
        (np.concatenate([speech(2, 1)[:RATE], silence(4)]), "what was heard"),
    ],
    ids=["other words", "silence", "a click", "half of it"],
)
def test_anything_else_is_not_the_known_sound(sound: NDArray[np.int16], words: str) -> None:
    missed = listening(KnownEar(0, place(2), known(speech(2, 1))), sound)
    assert isinstance(missed, Missed)
    assert missed.words.startswith(words)


def test_a_known_sound_is_found_that_lasts_until_the_call_is_over() -> None:
    said = speech(2, 1)
    heard, ear = Heard(0.0), KnownEar(0, place(3), known(said))
    now = packets(heard, np.concatenate([silence(1.01), said]))
    assert ear.listen(heard, heard.settle(now)) is None
    assert isinstance(ear.listen(heard, heard.settle_all(now)), Found)


def test_a_known_sound_that_begins_too_late_is_missed() -> None:
    said = speech(2, 1)
    assert isinstance(listening(KnownEar(0, place(1), known(said)), silence(1.5), said, silence(1)), Missed)


def test_silence_has_nothing_to_be_known_by() -> None:
    assert not known(silence(1))
