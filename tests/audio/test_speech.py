"""From what a voice says to what is played."""

import re
from pathlib import Path

import numpy as np
import pytest

from offhook.audio import speech
from offhook.audio.encoder import RATE
from offhook.audio.errors import SoundNotAudio, SoundTooLong
from offhook.audio.floats import pcm16
from offhook.audio.pico import Pico
from soundfiles import sine


def spoken(text: str, voice: str = "pico", language: str = "en", longest_s: float = 600.0) -> list[bytes]:
    return list(speech.speak(text, voice, language, longest_s))


def test_silence_around_a_sentence_is_trimmed() -> None:
    quiet = bytes(2 * RATE)
    pcm = speech.trimmed(quiet + sine(440, 1.0, RATE).tobytes() + quiet)
    assert len(pcm) / 2 / RATE == pytest.approx(1.21, abs=0.01)


def test_what_is_all_silence_is_nothing() -> None:
    assert speech.trimmed(b"") == b""
    assert speech.trimmed(b"\x10\x00" * RATE) == b""


def test_each_sentence_is_a_piece_and_a_pause_stands_between_them() -> None:
    first, second = spoken("Hello there. Goodbye now.")
    assert not first.startswith(speech.PAUSE)
    assert second.startswith(speech.PAUSE)


@pytest.mark.parametrize("text", ["", "   ", "😀", "...", "\x00\x1b"])
def test_a_text_without_anything_to_read_is_a_short_silence(text: str) -> None:
    assert spoken(text) == [speech.PAUSE]


def test_a_text_in_letters_that_the_voice_does_not_know_is_a_short_silence_too() -> None:
    assert b"".join(spoken("日本語")) == speech.PAUSE


def table_of_the_page() -> list[tuple[str, str, str]]:
    page = (Path(__file__).parents[2] / "docs" / "actions.md").read_text()
    return re.findall(r"^\| ([a-z-]+) \| `([^`]+)` \| ([^|]+) \|$", page.partition("| read as |")[2], re.MULTILINE)


def test_figures_are_said_as_the_page_of_actions_says(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    class Ear:
        rate = RATE

        def sentences(self, said: str) -> list[str]:
            heard.append(said)
            return []

        def say(self, sentence: str, language: str, /) -> bytes:
            raise AssertionError

    monkeypatch.setattr(speech, "load", lambda _: Ear())
    table = table_of_the_page()
    assert len(table) > 20
    for language, written, read_as in table:
        spoken(written, "any", language)
        assert heard.pop() == read_as
    spoken("$12.50", "any", "de")
    assert heard.pop() == "$12.50"


def test_a_text_that_takes_too_long_to_read_is_refused() -> None:
    with pytest.raises(SoundTooLong, match="longer than 2 s to read"):
        spoken("One sentence. Another sentence. And yet another sentence.", longest_s=2.0)


def test_a_sentence_that_the_voice_cannot_say_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        def speak(self, text: str, voice: str, *, volume: float) -> bytes:
            raise RuntimeError("error in processing unit")

    monkeypatch.setattr(speech, "load", lambda _: Pico(Mute()))
    with pytest.raises(SoundNotAudio, match=r"the voice 'pico' cannot say 'Hello\.'"):
        spoken("Hello.")


@pytest.mark.parametrize("text", ["1" * 200, "é" * 2_000, "a" * 500, "?!" * 1_000, "a@b." * 20, "x'" * 60])
def test_what_hangs_or_breaks_pico_alone_does_not_any_more(text: str) -> None:
    assert spoken(text)


def test_floats_that_are_too_loud_are_clipped_and_no_number_is_silence() -> None:
    pcm = pcm16(np.array([0.0, 0.5, -0.5, 9e60, -9.0, np.nan]), full_scale=1.0)
    assert np.frombuffer(pcm, np.int16).tolist() == [0, 16384, -16384, 32767, -32768, 0]
