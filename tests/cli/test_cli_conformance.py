import os
import pty
import re
from collections.abc import Iterator

import pytest

from action_server import ActionServer
from offhook.testkit.findings import Check
from terminal import Terminal

QUICK = ("--allow-private", "--requests", "2", "--together", "2")


@pytest.fixture
def server(action_server: ActionServer) -> Iterator[ActionServer]:
    action_server.forget()
    yield action_server
    action_server.forget()


def test_a_good_server_has_a_tick_for_each_check(terminal: Terminal, server: ActionServer) -> None:
    server.says('say en "Hello"')
    printed = terminal.type("conformance", server.url, *QUICK, "--caller", "+4930123456")
    assert (printed.status, printed.err) == (0, "")
    lines = printed.out.splitlines()
    assert lines[0].startswith("✓ answer              the first question was answered in ")
    assert "- signature-accepted  signatures were not looked at" in lines
    assert "    Give the account's --secret to have them checked." in lines
    assert {line[0] for line in lines[:-1]} >= {"✓", "-"}
    assert "✗" not in printed.out
    assert re.fullmatch(r"2\d ok, 1 skipped(, \d warning)?; \d+ requests", lines[-1])
    assert server.questions[0].parameters["caller"] == "4930123456"


def test_a_fault_has_its_caret_and_its_cure_and_the_exit_status(terminal: Terminal, server: ActionServer) -> None:
    server.says("gather")
    server.says_after("gather", "playbak x")
    printed = terminal.type("conformance", server.url, *QUICK)
    assert printed.status == 1
    assert "✗ event-gather        4 of 4 questions about keys that were pressed got no usable answer" in printed.out
    assert '        ^^^^^^^ did you mean "playback"?\n' in printed.out
    assert "    The server's own answers lead there: answer every outcome" in printed.out


def test_warnings_fail_only_who_is_strict(terminal: Terminal, server: ActionServer) -> None:
    server.says("Hangup")
    assert terminal.type("conformance", server.url, *QUICK).status == 0
    assert terminal.type("conformance", server.url, *QUICK, "--strict").status == 1


def test_a_report_is_one_json_document(terminal: Terminal, server: ActionServer) -> None:
    printed = terminal.type("conformance", server.url, *QUICK, "--secret", "s3cret", "--json")
    document = printed.document
    assert (printed.status, document["worst"]) == (0, "warning")
    assert {check["code"] for check in document["checks"]} == set(Check)
    unsigned = document["checks"][-1]
    assert (unsigned["code"], unsigned["verdict"]) == ("signature-missing", "warning")
    assert unsigned["cure"].startswith("Verify Offhook-Signature")
    assert unsigned["details"] == ["without a signature"]
    assert len(document["requests"]) == len(server.questions)
    first = document["requests"][0]
    assert (first["asked"], first["status"], first["usable"]) == ("event=incoming", 200, True)
    assert first["parameters"] == server.questions[0].parameters


def test_a_server_that_is_not_there_is_one_cross(terminal: Terminal) -> None:
    printed = terminal.type("conformance", "http://127.0.0.1:9/", "--json")
    assert printed.status == 1
    assert [(check["code"], check["verdict"]) for check in printed.document["checks"]] == [
        ("answer", "failed"),
        ("transport", "ok"),
    ]
    assert printed.document["checks"][0]["cure"] == "A server of your own is asked with --allow-private."
    assert printed.document["requests"][0]["first_byte_ms"] is None


def test_a_terminal_sees_what_is_asked_meanwhile(terminal: Terminal) -> None:
    ours, theirs = pty.openpty()
    with terminal.start("conformance", "http://127.0.0.1:9/", stderr=theirs) as process:
        process.wait()
    os.close(theirs)
    seen = os.read(ours, 1000).decode()
    os.close(ours)
    assert seen == "\r\x1b[2Kevent=incoming\r\x1b[2K"


@pytest.mark.parametrize("words", [("--requests", "1"), ("--together", "51"), ("--caller", "somebody")])
def test_what_cannot_be_asked_is_wrong_usage(terminal: Terminal, words: tuple[str, str]) -> None:
    assert terminal.type("conformance", "https://a.example/", *words).status == 2


def test_a_url_that_could_not_be_set_is_refused(terminal: Terminal) -> None:
    printed = terminal.type("conformance", "https://a.example/?caller=1", "--json")
    assert (printed.status, printed.error["code"]) == (1, "bad-field")
