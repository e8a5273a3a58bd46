"""Lines that no call can reach."""

import pytest

from offhook.language import Code, Severity, parse


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
