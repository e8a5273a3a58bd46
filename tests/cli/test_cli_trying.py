import pytest

from action_server import ActionServer
from terminal import Terminal


@pytest.fixture
def server(action_server: ActionServer) -> ActionServer:
    action_server.forget()
    return action_server


def test_what_would_happen_is_a_table_and_its_end(terminal: Terminal, server: ActionServer) -> None:
    server.says("pause 2", "hangup")
    printed = terminal.type("actions", "try", server.url, "--allow-private", "--caller", "+4930123456", "--press", "1")
    assert printed.status == 0, printed.err
    lines = printed.out.splitlines()
    assert lines[0].split() == ["at", "s", "what", "took", "ms", "code"]
    assert [line.split()[1] for line in lines[2:6]] == ["arrived", "admitted", "action-requested", "action-answered"]
    assert lines[-2:] == ["the call would be completed, 2.2 s after the answer", "never pressed: 1"]
    assert server.questions[0].parameters["caller"] == "4930123456"


def test_what_would_fail_fails_here_and_has_its_code(terminal: Terminal, server: ActionServer) -> None:
    server.says("playbak x")
    printed = terminal.type(
        "actions", "try", server.url, "--allow-private", "--fallback", f"{server.url}#rc=1", "--json"
    )
    assert printed.status == 1
    assert printed.document["ok"] is False
    assert "unknown-verb" in {step["code"] for step in printed.document["steps"]}
    assert [question.parameters["event"] for question in server.questions] == ["incoming", "fallback"]


def test_ones_own_machine_is_asked_only_if_one_says_so(terminal: Terminal, server: ActionServer) -> None:
    server.says("reject")
    printed = terminal.type("actions", "try", server.url)
    assert printed.status == 1
    assert "is asked with --allow-private" in printed.out
    assert printed.out.splitlines()[-1] == "offhook explain address-refused"
    assert server.questions == []


@pytest.mark.parametrize(
    "words",
    [
        ("--press", "1x"),
        ("--caller", "somebody"),
        ("--transfer-status", "happy"),
    ],
)
def test_what_cannot_be_tried_is_wrong_usage(terminal: Terminal, words: tuple[str, str]) -> None:
    assert terminal.type("actions", "try", "https://a.example/", *words).status == 2


def test_a_url_that_could_not_be_set_is_refused(terminal: Terminal) -> None:
    printed = terminal.type("actions", "try", "https://a.example/#ct=1", "--json")
    assert (printed.status, printed.error["code"]) == (1, "bad-field")


def test_an_anonymous_caller_has_no_number(terminal: Terminal, server: ActionServer) -> None:
    server.says("reject")
    assert terminal.type("actions", "try", server.url, "--allow-private", "--caller", "anonymous").status == 0
    assert (server.questions[0].parameters["caller"], server.questions[0].parameters["anonymous"]) == ("", "1")
