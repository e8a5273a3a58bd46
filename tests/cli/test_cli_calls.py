import csv
import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import Arrival, Caller, TimelineEvent
from offhook.service.exports import BROKEN_OFF
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
    assert shown.index("action server gave no answer") < shown.index("arrived")
    assert 'unknown-verb: there is no action "playbak"' in shown
    assert "one\n    two\n    ^\n" in shown
    assert shown.splitlines()[-1].endswith("1 minute charged at 1 credit")


def test_a_call_is_one_json_document_with_its_timeline(log: Terminal) -> None:
    document = log.type("calls", "show", "call-0", "--json").document
    assert (document["call_id"], document["cost"], document["status"]) == ("call-0", 1.0, "completed")
    own = [event["kind"] for event in document["timeline"] if event["kind"] != "posting"]
    assert own == [event.kind for event in EVENTS]
    assert len(document["timeline"]) == len(own) + 2
    assert document["cause"]["code"] == "unknown-verb"


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(log: Terminal) -> None:
    printed = log.type("calls", "show", "call", "--json")
    assert (printed.status, printed.error["code"]) == (1, "call-ambiguous")
    assert "call-1, call-0" in printed.error["hint"]
    assert log.type("calls", "show", "", "--json").error["code"] == "call-not-found"
    assert "`offhook calls list`" in log.type("calls", "show", "x").err
    assert log.type("calls", "show", "x", "--json").error["code"] == "call-not-found"


def test_without_an_id_the_latest_call_is_shown(log: Terminal) -> None:
    assert log.type("calls", "show", "--json").document["call_id"] == "call-1"


def test_while_no_call_has_come_none_is_shown(terminal: Terminal) -> None:
    printed = terminal.type("calls", "show", "--json")
    assert (printed.status, printed.error["code"]) == (1, "call-not-found")
    assert "offhook dial" in printed.error["hint"]


def test_what_a_stranger_wrote_cannot_move_the_cursor(log: Terminal, house: House) -> None:
    evil = Caller("", "\x1b[2Jgone", "\x07")
    house.admit(Arrival("abcdef-1", NOW, "carrier", "192.0.2.1", ("\x1b[31m",), evil))
    for words in (("list",), ("show", "abc")):
        printed = log.type("calls", *words)
        assert printed.status == 0
        assert "\x1b" not in printed.out


def exported(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_all_calls_are_exported_as_csv(log: Terminal) -> None:
    printed = log.type("calls", "export")
    assert (printed.status, printed.err) == (0, "")
    assert printed.out.splitlines()[0] == (
        "caller,cost,direction,recipient,start_time,end_time,duration,status,apiuser,uuid,actionurl"
    )
    newest, oldest = exported(printed.out)
    assert (newest["uuid"], newest["recipient"], newest["apiuser"]) == ("call-1", "4930123456789", "")
    assert (oldest["uuid"], oldest["duration"], oldest["cost"]) == ("call-0", "4", "1.0")


def test_an_export_is_of_a_time_and_an_account(log: Terminal, house: House) -> None:
    def found(*words: str) -> list[str]:
        return [row["uuid"] for row in exported(log.type("calls", "export", *words).out)]

    house.open_account("Other")
    assert found("--account", "Shop") == ["call-0"]
    assert found("--account", "Other") == []
    assert found("--since", NOW.isoformat(), "--until", "2026-11-23T15:00:01+09:00") == ["call-1", "call-0"]
    assert found("--until", NOW.isoformat()) == []
    assert log.type("calls", "export", "--since", "yesterday").status == 2
    nobodys = log.type("calls", "export", "--account", "Nobody", "--output", "calls.csv", "--json")
    assert (nobodys.status, nobodys.error["code"]) == (1, "account-not-found")


def test_an_export_is_written_into_a_file(log: Terminal) -> None:
    file = log.folder / "calls.csv"
    file.write_text("from yesterday")
    printed = log.type("calls", "export", "--output", str(file))
    assert (printed.status, printed.out) == (0, f"2 calls written to {file}\n")
    assert [row["uuid"] for row in exported(file.read_text())] == ["call-1", "call-0"]
    assert file.read_bytes().count(b"\r\n") == 3
    assert sorted(path.name for path in log.folder.iterdir()) == ["calls.csv", "offhook-data"]


def test_what_was_written_is_told_to_machines_too(log: Terminal) -> None:
    words = ("calls", "export", "--account", "Shop", "--json")
    assert log.type(*words, "--output", "calls.csv").document == {"calls": 1, "output": "calls.csv"}
    assert log.type(*words).error["sentence"].endswith("name a file with --output")


def test_an_export_follows_a_link_and_leaves_a_pipe_what_it_is(log: Terminal) -> None:
    file, link = log.folder / "calls.csv", log.folder / "newest.csv"
    link.symlink_to(file)
    assert log.type("calls", "export", "--output", str(link)).status == 0
    assert link.is_symlink()
    assert len(exported(file.read_text())) == 2
    assert log.type("calls", "export", "--output", "/dev/null").status == 0
    assert Path("/dev/null").is_char_device()


def test_an_export_that_fails_leaves_the_file_as_it_was(log: Terminal, house: House) -> None:
    file = log.folder / "calls.csv"
    file.write_text("from yesterday")
    house.write(lambda work: work.connection.exec_driver_sql("UPDATE calls SET status = 'lost'").close())
    with pytest.raises(ValueError, match="lost"):
        log.type("calls", "export", "--output", str(file))
    assert file.read_text() == "from yesterday"
    assert sorted(path.name for path in log.folder.iterdir()) == ["calls.csv", "offhook-data"]


def test_a_file_that_cannot_be_written_is_told(log: Terminal) -> None:
    for place in (log.folder, log.folder / "nowhere" / "calls.csv"):
        printed = log.type("calls", "export", "--output", str(place), "--json")
        assert (printed.status, printed.error["code"]) == (1, "file-unusable")


def test_a_terminal_sees_how_far_an_export_is(log: Terminal) -> None:
    ours, theirs = pty.openpty()
    with log.start("calls", "export", "--output", "calls.csv", stderr=theirs) as process:
        process.wait()
    os.close(theirs)
    seen = os.read(ours, 1000).decode()
    os.close(ours)
    assert seen == "\r\x1b[2K2 calls\r\x1b[2K"
    assert len(exported((log.folder / "calls.csv").read_text())) == 2


def test_a_database_that_goes_away_is_seen_in_what_was_written(log: Terminal, house: House) -> None:
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE calls RENAME TO gone").close())
    printed = log.type("calls", "export")
    assert printed.status == 1
    assert "database-away" in printed.err
    assert printed.out.splitlines()[1:] == [BROKEN_OFF]
