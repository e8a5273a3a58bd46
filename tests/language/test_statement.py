"""What is left over on a line, and options that are not as they should be."""

import pytest

from answers import marked, problem_of
from offhook.language import Code

URL = "https://example.com/a.mp3"


@pytest.mark.parametrize(
    ("line", "mark", "hint"),
    [
        ("hangup now", "now", "write it like: hangup"),
        ("hangup # bye", "#", "a comment stands on a line of its own"),
        ('hangup "#"', '"#"', "write it like: hangup"),
        ('say en "Hello" loop = 2', "loop", "without blanks: key=value"),
        ('say en "Hello" =', "=", "without blanks: key=value"),
        ('say en "Hello" there', "there", "one pair of quotes"),
        ("playback https://example.com/my file.mp3", "file.mp3", "%20"),
        ("transfer 15550100 15550101", "15550101", "commas"),
        ("reject busy busy", "busy", "write it like: reject busy"),
        ('say en "Hello" hangup', "hangup", "on a line of its own"),
        ("pause 1 && hangup", "&&", "on a line of its own"),
        ('say en "Hello" "hangup"', '"hangup"', "one pair of quotes"),
    ],
)
def test_a_word_too_many_is_marked_with_the_usual_reason(line: str, mark: str, hint: str) -> None:
    problem = problem_of(line)
    assert problem.code is Code.TOO_MANY_ARGUMENTS
    assert marked(line) == mark
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("line", "mark", "hint"),
    [
        (f"playback {URL} lop=2", "lop", 'did you mean "loop"?'),
        ('say en "Hello" LOPE=2', "LOPE", 'did you mean "loop"?'),
        ("transfer 15550100 timeout=20", "timeout", "it knows ring, max, from, confirm, next"),
        ("pause 1 loop=2", "loop", "it has no options"),
        (f"playback {URL} {'x' * 4000}=2", "x" * 4000, "it knows loop"),
    ],
)
def test_an_unknown_option_is_marked_with_a_guess(line: str, mark: str, hint: str) -> None:
    problem = problem_of(line)
    assert problem.code is Code.UNKNOWN_OPTION
    assert marked(line) == mark
    assert problem.hint == hint


def test_an_option_is_given_once() -> None:
    line = f"playback {URL} loop=1 Loop=2"
    assert problem_of(line).code is Code.BAD_OPTION
    assert marked(line) == "Loop"


@pytest.mark.parametrize("line", [f"playback {URL} loop=", f'playback {URL} loop=""', f"playback {URL} loop= 2"])
def test_an_option_has_a_value(line: str) -> None:
    problem = problem_of(line)
    assert problem.code is Code.BAD_OPTION
    assert "has no value" in problem.sentence
