from collections.abc import Iterator

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import Arrival, Caller, TimelineEvent
from terminal import Terminal

EVENTS = (
    TimelineEvent(0.0, "arrived", "a call from +819012345678 through trunk carrier"),
    TimelineEvent(2.0, "action-requested", "asking https://shop.example/"),
    TimelineEvent(
        30.0, "action-failed", 'there is no action "playbak"', "unknown-verb", {"drawn": "one\n    two\n    ^"}
    ),
    TimelineEvent(500.0, "answered", "the call is answered"),
    TimelineEvent(4000.0, "hung-up", "the caller hung up"),
)


@pytest.fixture
def house(terminal: Terminal) -> Iterator[House]:
    house = House(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    yield house
    house.close()


@pytest.fixture
def log(terminal: Terminal, house: House) -> Terminal:
    """Two calls: `call-0` was answered, and `call-1`, the newer one, was for a number that nobody knows."""
    house.subscribed()
    answered = house.ring()
    house.answer(answered)
    house.hang_up(answered, 3.5, *EVENTS)
    house.admit(house.arrival("4930123456789"))
    return terminal


def ids(terminal: Terminal, *words: str) -> list[str]:
    return [call["call_id"] for call in terminal.type("calls", "list", "--json", *words).document]


def test_calls_are_listed_newest_first(log: Terminal) -> None:
    assert ids(log) == ["call-1", "call-0"]
    assert ids(log, "--limit", "1") == ["call-1"]
    assert ids(log, "--before", "call-1") == ["call-0"]


def test_calls_are_filtered_as_in_the_api(log: Terminal) -> None:
    assert ids(log, "--number", DIN) == ["call-0"]
    assert ids(log, "--status", "refused", "--reason", "unknown-number") == ["call-1"]
    assert ids(log, "--caller", "81") == []
    assert ids(log, "--since", NOW.isoformat()) == ["call-1", "call-0"]
    assert ids(log, "--until", "2026-11-23T15:00:00+09:00") == []


@pytest.mark.parametrize(
    "words", [("--since", "yesterday"), ("--until", "2026-11-23T06:00:00"), ("--status", "gone"), ("--limit", "0")]
)
def test_a_filter_that_is_wrong_is_wrong_usage(log: Terminal, words: tuple[str, ...]) -> None:
    assert log.type("calls", "list", *words).status == 2


def test_calls_are_listed_as_a_table(log: Terminal) -> None:
    lines = log.type("calls", "list").out.splitlines()
    assert lines[2].split() == [
        *("call-1", "2026-11-23", "06:00:00", "819012345678", "4930123456789"),
        *("refused", "unknown-number", "0", "0.00"),
    ]
    assert lines[3].split() == [
        *("call-0", "2026-11-23", "06:00:00", "819012345678", DIN, "completed", "4", "1.00"),
    ]


def test_a_call_is_shown_with_its_timeline_and_the_caret(log: Terminal) -> None:
    shown = log.type("calls", "show", "call-0").out
    assert f"819012345678 called {DIN} at 2026-11-23 06:00:00 UTC: completed" in shown
    assert "trunk carrier, 4 s, 1.00 credits" in shown
    assert 'unknown-verb: there is no action "playbak"' in shown
    assert shown.endswith("one\n    two\n    ^\n")


def test_a_call_is_one_json_document_with_its_timeline(log: Terminal) -> None:
    document = log.type("calls", "show", "call-0", "--json").document
    assert (document["call_id"], document["cost"], document["status"]) == ("call-0", 1.0, "completed")
    assert [event["kind"] for event in document["timeline"]] == [event.kind for event in EVENTS]


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(log: Terminal) -> None:
    printed = log.type("calls", "show", "call", "--json")
    assert (printed.status, printed.error["code"]) == (1, "call-ambiguous")
    assert "call-1, call-0" in printed.error["hint"]
    assert log.type("calls", "show", "", "--json").error["code"] == "call-not-found"
    assert log.type("calls", "show", "x", "--json").error["code"] == "call-not-found"


def test_what_a_stranger_wrote_cannot_move_the_cursor(log: Terminal, house: House) -> None:
    evil = Caller("", "\x1b[2Jgone", "\x07")
    house.admit(Arrival("abcdef-1", NOW, "carrier", "192.0.2.1", ("\x1b[31m",), evil))
    for words in (("list",), ("show", "abc")):
        printed = log.type("calls", *words)
        assert printed.status == 0
        assert "\x1b" not in printed.out
