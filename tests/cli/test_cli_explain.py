"""`offhook explain`: one code, all codes, and words that are almost one."""

import pytest

from offhook.catalogue import ROOMS, entries
from terminal import Terminal


def test_a_code_is_explained_in_all_its_sections(terminal: Terminal) -> None:
    printed = terminal.type("explain", "no-credit")
    assert (printed.status, printed.err) == (0, "")
    lines = printed.out.splitlines()
    assert lines[0] == "no-credit  Calls"
    assert lines[1].startswith("The account has less credit than")
    assert [line for line in lines if line in ("Likely causes", "What to do", "Where it is seen")] == [
        "Likely causes",
        "What to do",
        "Where it is seen",
    ]
    assert " - Top it up: offhook accounts top-up NAME CREDITS." in lines


def test_programs_get_one_document(terminal: Terminal) -> None:
    document = terminal.type("explain", "number-taken", "--json").document
    assert list(document) == ["code", "room", "happened", "causes", "cures", "seen"]
    assert (document["code"], document["room"]) == ("number-taken", "customers")
    assert document["seen"] == [{"place": "api", "detail": "409", "text": "The HTTP API, with status 409."}]


@pytest.mark.parametrize(
    "written",
    [
        "no-credit",
        "NO_CREDIT",
        " no-credit ",
        "http://127.0.0.1:8080/docs/errors/no-credit",
        "http://127.0.0.1:8080/docs/errors/no-credit/",
        "https://voice.example.com/docs#no-credit",
    ],
)
def test_a_code_may_be_copied_from_anywhere(terminal: Terminal, written: str) -> None:
    assert terminal.type("explain", written, "--json").document["code"] == "no-credit"


def test_a_typing_error_is_told_what_may_be_meant(terminal: Terminal) -> None:
    printed = terminal.type("explain", "calee-busy", "--json")
    assert (printed.status, printed.out) == (1, "")
    assert printed.error["code"] == "code-unknown"
    assert printed.error["hint"].startswith("did you mean callee-busy")


def test_what_is_like_nothing_leads_to_the_list(terminal: Terminal) -> None:
    assert terminal.type("explain", "zzzzzzzz", "--json").error["hint"] == "`offhook explain` lists all codes"


def test_without_a_code_all_are_listed_by_room(terminal: Terminal) -> None:
    out = terminal.type("explain").out
    places = [out.index(title) for title in ROOMS.values()]
    assert places == sorted(places)
    assert all(f" {entry.code} " in out for entry in entries())
    assert [one["code"] for one in terminal.type("explain", "--json").document] == [one.code for one in entries()]


def test_it_needs_no_database_and_no_document_of_the_checkout(terminal: Terminal) -> None:
    """The terminal works in an empty folder, and as a module only the package is there."""
    assert terminal.run("explain", "unknown-number").status == 0
