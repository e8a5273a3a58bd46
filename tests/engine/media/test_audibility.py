"""A peer who cannot be heard is told of once, and so is its return."""

import pytest

from offhook.engine.media.audibility import (
    NOT_YET_S,
    STOPPED_S,
    TELLINGS_LIMIT,
    Audibility,
    Code,
    Finding,
)


@pytest.fixture
def peer() -> Audibility:
    peer = Audibility()
    peer.expect(100.0)
    return peer


def test_nobody_is_missed_who_is_not_expected() -> None:
    peer = Audibility()
    assert not peer.is_expected
    assert peer.deadline() is None
    assert peer.tick(1e9) is None


def test_one_who_never_speaks_is_told_of_once(peer: Audibility) -> None:
    assert peer.deadline() == 100.0 + NOT_YET_S
    assert peer.tick(100.0 + NOT_YET_S - 0.01) is None
    assert peer.tick(100.0 + NOT_YET_S) == Finding(Code.NOT_YET, NOT_YET_S)
    assert peer.is_missed
    assert peer.deadline() is None
    assert peer.tick(1e9) is None


def test_the_first_sound_of_one_who_was_missed_is_not_told_as_a_return(peer: Audibility) -> None:
    peer.tick(103.0)
    assert peer.heard(104.0) is None
    assert not peer.is_missed
    assert peer.deadline() == 104.0 + STOPPED_S


def test_one_who_falls_silent_is_told_of_and_so_is_the_return(peer: Audibility) -> None:
    assert peer.heard(101.0) is None
    assert peer.tick(101.0 + STOPPED_S) == Finding(Code.STOPPED, STOPPED_S)
    assert peer.tick(200.0) is None
    assert peer.heard(201.0) == Finding(Code.AGAIN, 100.0)
    assert peer.heard(201.02) is None


def test_being_expected_again_changes_nothing(peer: Audibility) -> None:
    peer.expect(102.0)
    assert peer.deadline() == 100.0 + NOT_YET_S


def test_what_was_heard_before_the_answer_counts_from_the_answer() -> None:
    peer = Audibility()
    assert peer.heard(50.0) is None
    peer.expect(100.0)
    assert peer.deadline() == 100.0 + STOPPED_S
    # A packet that came before the expectation does not shorten it.
    assert peer.heard(99.0) is None
    assert peer.deadline() == 100.0 + STOPPED_S


def test_silence_on_hold_is_not_told_and_counts_anew_after_it(peer: Audibility) -> None:
    peer.heard(101.0)
    peer.excuse()
    assert not peer.is_expected
    assert peer.tick(500.0) is None
    peer.expect(500.0)
    assert peer.tick(500.0 + STOPPED_S) == Finding(Code.STOPPED, STOPPED_S)


def test_a_return_is_told_though_a_hold_came_between(peer: Audibility) -> None:
    peer.heard(101.0)
    peer.tick(101.0 + STOPPED_S)
    peer.excuse()
    peer.expect(300.0)
    assert peer.tick(400.0) is None
    assert peer.heard(401.0) == Finding(Code.AGAIN, 300.0)


def test_one_who_is_still_again_and_again_is_told_of_only_so_often(peer: Audibility) -> None:
    codes = []
    for turn in range(2 * TELLINGS_LIMIT):
        at = 1000.0 + 100.0 * turn
        codes += [peer.heard(at), peer.tick(at + STOPPED_S)]
    told = [finding.code for finding in codes if finding is not None]
    assert told == [Code.STOPPED, Code.AGAIN] * TELLINGS_LIMIT
    assert peer.deadline() is None
