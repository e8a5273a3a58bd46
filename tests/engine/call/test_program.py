"""Where a script stands and which of its sounds are there."""

import pytest

from offhook.engine.call.program import Program, described, own_words
from offhook.language import Pause, Playback, Say, Script

HI, BYE, RING = Say("en", "Hi"), Say("en", "Bye"), Playback("https://a.example/ring.mp3")


def _program(*actions: Say | Playback | Pause, lines: tuple[int, ...] = ()) -> Program:
    return Program(Script(actions, lines), 7, is_last=False)


def test_the_present_sound_and_the_next_are_asked_for_once() -> None:
    program = _program(HI, Pause(1), RING, BYE)
    assert program.wanted() == [("7:0", HI), ("7:2", RING)]
    assert program.wanted() == []
    program.advance()
    assert program.wanted() == []
    program.advance()
    assert program.wanted() == [("7:3", BYE)]


def test_a_leading_pause_asks_for_the_sound_after_it() -> None:
    assert _program(Pause(1), HI, BYE).wanted() == [("7:1", HI)]


def test_a_pause_and_the_end_need_nothing() -> None:
    program = _program(Pause(1))
    assert program.is_ready
    program.advance()
    assert program.action is None
    assert program.is_ready


def test_a_sound_needs_to_be_ready() -> None:
    program = _program(HI)
    program.wanted()
    before = program.is_ready
    assert program.ready("7:0")
    assert (before, program.is_ready) == (False, True)


@pytest.mark.parametrize("key", ["7:1", "6:0", "", "7:0:0"])
def test_a_sound_that_was_never_asked_for_is_nobodys(key: str) -> None:
    program = _program(HI, Pause(1))
    program.wanted()
    assert not program.ready(key)
    assert not program.failed(key, "sound-not-found", "it is gone")
    assert not program.is_ready


def test_only_the_first_word_about_a_sound_counts() -> None:
    program = _program(HI, BYE)
    program.wanted()
    assert program.ready("7:0")
    assert not program.ready("7:0")
    assert not program.failed("7:0", "sound-timeout", "late")
    before = program.failure
    assert program.failed("7:1", "sound-not-found", "it is gone")
    assert not program.ready("7:1")
    program.advance()
    assert (before, program.failure) == (None, ("sound-not-found", "it is gone"))
    assert not program.is_ready


def test_the_line_is_the_texts_own() -> None:
    program = _program(HI, BYE, lines=(2, 5))
    assert program.line == 2
    program.advance()
    assert program.line == 5


def test_a_script_made_in_code_stands_on_the_first_line() -> None:
    assert _program(HI).line == 1


def test_our_own_words_are_said_in_the_subscriptions_language_or_in_english() -> None:
    texts = {"en": "Goodbye.", "de": "Auf Wiederhören."}
    assert own_words(texts, "de").actions == (Say("de", "Auf Wiederhören."),)
    assert own_words(texts, "ja").actions == (Say("en", "Goodbye."),)


def test_sounds_are_described_for_the_timeline() -> None:
    assert described(HI) == "say en: Hi"
    assert described(RING) == "playback https://a.example/ring.mp3"
