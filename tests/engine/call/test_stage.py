"""A script line by line, without the call around it."""

from collections.abc import Callable

import pytest

from offhook.domain.sounds import FROM_CACHE
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import Effect, Note, Play, Prepare
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.stage import Calls, Over, SoundFailed, Stage
from offhook.language import Action, Hangup, Pause, Playback, Reject, Say, Script, Transfer

HI, BYE = Say("en", "Hi"), Say("en", "Bye")
FRIEND = Transfer(("81312345678",))
MUSIC = Playback("https://a.example/music.mp3", loop=3)


class Show:
    """A stage, its clocks and its journal."""

    def __init__(self, *actions: Action, is_last: bool = False) -> None:
        self.clocks = Clocks()
        self.journal = Journal()
        self.stage = Stage(Limits(), self.clocks, self.journal)
        self.stage.set_up(Script(actions), 0.0, is_last=is_last)

    def wanted(self) -> list[Effect]:
        return [effect for effect in self.journal.take() if not isinstance(effect, Note)]


@pytest.fixture
def playing() -> Show:
    """Return a stage on which `Hi` plays and `Bye` comes next."""
    show = Show(HI, BYE)
    show.stage.prepared("1:0", FROM_CACHE, 1.0)
    assert show.stage.run(1.0) is None
    assert show.wanted() == [Prepare("1:0", HI), Prepare("1:1", BYE), Play("1:0", 1)]
    return show


def test_the_first_sounds_are_asked_for_at_once_and_have_five_seconds() -> None:
    show = Show(HI, BYE, MUSIC)
    assert show.wanted() == [Prepare("1:0", HI), Prepare("1:1", BYE)]
    assert not show.stage.is_ready
    assert show.clocks.deadline() == 5.0


def test_a_ready_sound_is_played_as_often_as_its_line_says_and_waits_for_nothing() -> None:
    show = Show(MUSIC)
    assert show.stage.prepared("1:0", FROM_CACHE, 1.0)
    assert show.stage.is_ready
    show.stage.run(1.0)
    assert show.wanted() == [Prepare("1:0", MUSIC), Play("1:0", 3)]
    assert show.clocks.deadline() is None


def test_a_later_sound_that_is_not_ready_is_waited_for_from_its_turn_on(playing: Show) -> None:
    assert playing.stage.played("1:0", 9.0) is None
    assert playing.wanted() == []
    assert playing.clocks.deadline() == 14.0
    assert playing.stage.prepared("1:1", FROM_CACHE, 10.0)
    playing.stage.run(10.0)
    assert playing.wanted() == [Play("1:1", 1)]


def test_a_later_sound_that_is_ready_early_waits_for_its_turn(playing: Show) -> None:
    assert not playing.stage.prepared("1:1", FROM_CACHE, 2.0)
    playing.stage.played("1:0", 9.0)
    assert playing.wanted() == [Play("1:1", 1)]


def test_a_later_sound_fails_when_its_line_is_reached(playing: Show) -> None:
    assert playing.stage.not_prepared("1:1", "sound-not-found", "it is gone") is None
    assert playing.stage.played("1:0", 9.0) == SoundFailed("sound-not-found", "it is gone")


def test_the_present_sound_fails_at_once() -> None:
    failed = Show(HI).stage.not_prepared("1:0", "sound-not-audio", "it is a text")
    assert failed == SoundFailed("sound-not-audio", "it is a text")


def test_another_word_about_a_sound_changes_nothing(playing: Show) -> None:
    assert not playing.stage.prepared("1:0", FROM_CACHE, 2.0)
    assert playing.stage.not_prepared("1:0", "sound-timeout", "late") is None
    assert playing.stage.played("0:0", 2.0) is None
    assert playing.journal.take() == []


def test_a_pause_is_a_step_of_its_seconds() -> None:
    show = Show(Pause(7), HI)
    assert show.stage.is_ready
    show.stage.run(1.0)
    assert show.wanted() == [Prepare("1:1", HI)]
    assert show.clocks.next_due(7.9) is Alarm.SOUND
    assert show.clocks.deadline() == 8.0


@pytest.mark.parametrize("rest", [(), (Hangup(),), (Hangup(), BYE)])
def test_after_the_last_line_the_last_word_is_heard_out(rest: tuple[Action, ...]) -> None:
    show = Show(HI, *rest)
    show.stage.prepared("1:0", FROM_CACHE, 1.0)
    show.stage.run(1.0)
    before = show.stage.is_closing
    assert show.stage.played("1:0", 2.0) is None
    assert (before, show.stage.is_closing) == (False, True)
    assert show.clocks.deadline() == 2.2
    assert show.stage.step(2.2) == Over()


def test_an_action_that_no_choice_lets_through_ends_the_script() -> None:
    show = Show(Reject())
    assert show.stage.run(0.0) is None
    assert show.stage.step(0.2) == Over()


def test_a_transfer_is_the_calls_business_and_waits_for_no_sound() -> None:
    show = Show(FRIEND, BYE)
    assert show.wanted() == [Prepare("1:1", BYE)], "what follows a transfer in vain is made ready meanwhile"
    assert (show.stage.is_ready, show.stage.action) == (True, FRIEND)
    assert show.stage.run(0.0) == Calls(FRIEND)
    assert show.clocks.deadline() is None


def test_the_line_behind_a_transfer_waits_for_its_sound_from_its_turn_on() -> None:
    show = Show(FRIEND, BYE)
    show.stage.run(0.0)
    assert show.stage.has_more
    show.stage.skip()
    show.stage.wait(30.0)
    assert (show.stage.has_more, show.stage.is_ready, show.stage.failure) == (False, False, None)
    assert show.clocks.deadline() == 35.0
    assert show.stage.not_prepared("1:1", "sound-not-found", "it is gone") == show.stage.failure
    assert show.stage.failure == SoundFailed("sound-not-found", "it is gone")


def test_our_own_words_are_the_last() -> None:
    assert Show(HI, is_last=True).stage.is_closing


@pytest.mark.parametrize("leave", [Stage.strike, lambda stage: stage.set_up(Script((BYE,)), 5.0, is_last=True)])
def test_sounds_of_a_script_that_is_gone_count_no_more(playing: Show, leave: Callable[[Stage], None]) -> None:
    leave(playing.stage)
    playing.wanted()
    assert not playing.stage.prepared("1:1", FROM_CACHE, 6.0)
    assert playing.stage.not_prepared("1:1", "sound-not-found", "it is gone") is None
    assert playing.stage.played("1:0", 6.0) is None
    assert playing.journal.take() == []


def test_a_new_script_ends_a_pause_and_the_last_silence() -> None:
    show = Show(Pause(60))
    show.stage.run(0.0)
    show.stage.step(1.0)
    show.stage.set_up(Script((BYE,)), 1.1, is_last=False)
    assert not show.stage.is_closing
    assert show.clocks.deadline() == 6.1


def test_an_empty_stage_waits_for_nothing() -> None:
    show = Show(HI)
    show.stage.strike()
    assert show.clocks.deadline() is None
    assert show.stage.is_ready
