from pathlib import Path

from action_server import ActionServer
from terminal import Terminal


def test_a_right_answer_is_printed_as_offhook_understands_it(terminal: Terminal) -> None:
    printed = terminal.type("actions", "lint", '# hi\nsay   en  "Hello"\r\nhangup')
    assert (printed.status, printed.out) == (0, 'say en "Hello"\nhangup\n')


def test_a_mistake_is_drawn_with_a_caret(terminal: Terminal) -> None:
    printed = terminal.type("actions", "lint", "playbak https://example.com/hello.mp3")
    assert printed.status == 1
    assert printed.out == (
        'error: unknown-verb, line 1, column 1: there is no action "playbak"\n'
        "    playbak https://example.com/hello.mp3\n"
        '    ^^^^^^^ did you mean "playback"?\n'
    )


def test_a_warning_leaves_the_answer_right(terminal: Terminal) -> None:
    printed = terminal.type("actions", "lint", 'Say en "Hello"')
    assert printed.status == 0
    assert printed.out.startswith("warning: unknown-verb")
    assert printed.out.endswith('say en "Hello"\n')


def test_a_file_and_standard_input_are_read(terminal: Terminal) -> None:
    Path("answer.txt").write_text('say en "From a file"')
    assert terminal.type("actions", "lint", "answer.txt").out == 'say en "From a file"\n'
    assert terminal.type("actions", "lint", "-", stdin=b"hangup").out == "hangup\n"
    assert (
        terminal.type(
            "actions",
            "lint",
            "-",
            stdin=b"\xff\xfe",
        ).status
        == 1
    )


def test_a_file_that_is_not_there_is_not_taken_for_an_answer(terminal: Terminal) -> None:
    printed = terminal.type("actions", "lint", "nothing.txt", "--json")
    assert (printed.status, printed.error["code"]) == (1, "file-unusable")


def test_what_this_version_cannot_run_is_an_error(terminal: Terminal) -> None:
    printed = terminal.type("actions", "lint", "stream wss://a.example/", "--json")
    assert printed.status == 1
    document = printed.document
    assert document["ok"] is False
    assert document["script"] is None
    assert [problem["code"] for problem in document["problems"]] == ["not-available-yet"]


def test_a_long_line_is_not_broken_when_it_is_piped(terminal: Terminal) -> None:
    answer = f'say en "{"word " * 200}"\n'
    assert terminal.type("actions", "lint", answer).out == answer


def test_a_url_is_asked_what_it_would_answer(terminal: Terminal, action_server: ActionServer) -> None:
    action_server.forget()
    action_server.says("playbak x")
    printed = terminal.type("actions", "lint", action_server.url, "--allow-private")
    assert printed.status == 1
    assert printed.out.startswith("error: unknown-verb, line 1, column 1")
    assert action_server.questions[0].parameters["event"] == "incoming"
    refused = terminal.type("actions", "lint", action_server.url, "--json")
    assert (refused.status, refused.error["code"]) == (1, "no-answer")
