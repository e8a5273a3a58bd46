"""Lines that no call can reach, and actions that cannot run yet."""

import pytest

from answers import script_of
from offhook.language import Code, Hangup, Pause, Redirect, Script, Severity, Transfer, Verb, parse, unavailable, write

TODAY = frozenset({"say", "playback", "pause", "reject", "hangup"})


@pytest.mark.parametrize(
    "line",
    [
        "hangup",
        "reject declined",
        "redirect https://example.com/",
        "gather",
        "gather next=self",
        "voicemail next=self",
        "transfer 15550100 next=https://example.com/",
    ],
)
def test_nothing_is_reached_behind_a_line_that_ends_the_script(line: str) -> None:
    parsed = parse(f"{line}\n\n  pause 1\npause 2")
    assert parsed.script is not None
    (problem,) = parsed.problems
    assert (problem.code, problem.severity) == (Code.UNREACHABLE_LINE, Severity.WARNING)
    assert (problem.line, problem.column, problem.length) == (3, 3, 5)
    assert f'"{line.split(maxsplit=1)[0]}" on line 1' in problem.sentence


@pytest.mark.parametrize(
    "line", ['say en "Hello"', "playback https://example.com/", "pause 1", "transfer 15550100", "voicemail max=60"]
)
def test_lines_behind_the_others_are_reached(line: str) -> None:
    assert parse(f"{line}\npause 1").problems == ()


@pytest.mark.parametrize("line", ["hangup", "gather", "redirect https://example.com/"])
def test_a_last_line_may_end_the_script(line: str) -> None:
    assert parse(f"pause 1\n{line}\n# the end").problems == ()


def test_actions_that_cannot_run_yet_are_marked() -> None:
    script = script_of("pause 1\n# later\n\ttransfer 15550100\nhangup")
    (problem,) = unavailable(script, TODAY)
    assert (problem.code, problem.severity) == (Code.NOT_AVAILABLE_YET, Severity.ERROR)
    assert (problem.line, problem.column, problem.length) == (3, 2, 8)
    assert problem.hint == "what runs today is hangup, pause, playback, reject, say"


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("transfer 15550100", "transfer"),
        ("transfer 15550100,15550101", "transfer to several numbers"),
        ("transfer 15550100 confirm=1", "transfer confirm="),
        ("transfer 15550100 next=self", "transfer next="),
    ],
)
def test_what_is_asked_of_a_verb_besides_is_an_ability_of_its_own(text: str, need: str) -> None:
    script = script_of(text)
    assert unavailable(script, frozenset({"transfer", need})) == ()
    (problem,) = unavailable(script, frozenset({"transfer"} - {need}))
    assert f'"{need}" is right' in problem.sentence


def test_everything_is_available_where_every_verb_runs() -> None:
    script = script_of("transfer 15550100\nvoicemail\ngather")
    assert unavailable(script, frozenset(Verb)) == ()


def test_a_script_made_in_code_is_placed_as_it_would_be_written() -> None:
    script = Script((Pause(1), Transfer(("15550100",)), Redirect("https://example.com/"), Hangup()))
    assert unavailable(script, TODAY) == unavailable(parse(write(script)).script or Script(()), TODAY)
    assert [problem.line for problem in unavailable(script, TODAY)] == [2, 3]
