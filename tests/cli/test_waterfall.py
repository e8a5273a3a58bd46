import pytest

from offhook.cli.output import plain
from offhook.cli.waterfall import BAR, POINT, waterfall
from offhook.domain.calls import TimelineEvent


def drawn(*events: TimelineEvent, width: int = 80) -> list[str]:
    return plain(waterfall(events, width)).splitlines()


def event(at_ms: float, kind: str, code: str | None = None) -> TimelineEvent:
    return TimelineEvent(at_ms, kind, f"text of {kind}", code)


def test_a_bar_is_as_long_as_what_it_stands_for() -> None:
    head, *lines = drawn(event(0, "answered"), event(500, "pause"), event(1000, "hung-up"))
    assert head.split() == ["ms", "event", "0", "1.0", "s", "took"]
    assert [line.count(BAR) for line in lines] == [20, 10, 0]
    assert ["1.0 s" in lines[0], "500 ms" in lines[1], POINT in lines[2]] == [True, True, True]


def test_bars_stand_where_things_happened() -> None:
    lines = drawn(event(0, "arrived"), event(250, "digit"), event(1000, "ended"))[1:]
    first = lines[0].index(BAR)
    assert [lines[1].index(POINT) - first, lines[2].index(POINT) - first] == [5, 19]


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("arrived", "answered"),
        ("arrived", "refused"),
        ("action-requested", "action-answered"),
        ("action-requested", "action-failed"),
        ("script", "sound-ready"),
        ("playing", "playing"),
        ("playing", "hung-up"),
        ("pause", "playing"),
    ],
)
def test_what_begins_lasts_until_its_end(kind: str, end: str) -> None:
    line = drawn(event(0, kind), event(10, "digit"), event(30, end), event(100, "ended"))[1]
    assert "30 ms" in line


def test_what_nothing_ended_lasts_until_the_last_event() -> None:
    assert "70 ms" in drawn(event(30, "action-requested"), event(100, "digit"))[1]


def test_a_code_stands_before_the_text() -> None:
    assert "no-credit: text of refused" in drawn(event(0, "refused", "no-credit"))[1]


def test_a_code_is_followed_by_how_to_have_it_explained_once() -> None:
    lines = drawn(event(0, "refused", "no-credit"), event(1, "ended", "no-credit"), event(2, "x", "of-another-version"))
    assert [line.strip() for line in lines if "explain" in line] == ["offhook explain no-credit"]
    assert "explain" in lines[2]


def test_the_drawing_of_a_wrong_answer_stands_below() -> None:
    wrong = TimelineEvent(5, "action-failed", "line 1: wrong", "bad-url", {"drawn": "sentence\n    line\n      ^ hint"})
    assert drawn(event(0, "arrived"), wrong)[-4:] == ["", "sentence", "    line", "      ^ hint"]


def test_a_timeline_that_is_not_there_yet_says_so() -> None:
    assert drawn() == ["There is no timeline yet: it is kept when the call ends."]
