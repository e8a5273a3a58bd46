"""The static example is an answer that Offhook understands and can say without any extra."""

from pathlib import Path

from offhook.language.parser import parse
from offhook.language.script import Pause, Say

ANSWER = Path(__file__).parents[2] / "examples" / "static" / "answer.txt"


def test_the_static_answer_is_right_in_the_action_language() -> None:
    parsed = parse(ANSWER.read_bytes())
    assert parsed.problems == ()
    assert parsed.script is not None
    assert [type(action) for action in parsed.script.actions] == [Say, Pause, Say]
