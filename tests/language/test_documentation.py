"""docs/actions.md is run: every example parses as it says, every drawing is what `draw` draws."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from offhook.language import Code, Problem, Verb, draw, parse
from offhook.language.grammar import SHAPES

PAGE = (Path(__file__).parents[2] / "docs" / "actions.md").read_text(encoding="utf-8")
FENCE = re.compile(r"```actions(?: (?P<how>\S+))?\n(?P<text>.*?)```\n(?:\n```lint\n(?P<drawn>.*?)```\n)?", re.DOTALL)
ACTIONS = PAGE.partition("\n## Actions\n")[2].partition("\n### ")[0]
ROW = re.compile(r"^\| `(?P<verb>\w+)[^`]*` \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A text of the page, sent as its fence says, and what the page draws of it (None: nothing is wrong)."""

    line: int
    how: str
    text: str
    drawn: str | None

    @property
    def source(self) -> str | bytes:
        key, _, value = self.how.partition("=")
        match key:
            case "times":
                return self.text * int(value)
            case "text":
                return re.sub(r'"(.*)"', lambda match: f'"{match[1] * int(value)}"', self.text)
            case "encoding":
                return self.text.encode(value)
        return self.text

    @property
    def problems(self) -> tuple[Problem, ...]:
        return parse(self.source).problems


EXAMPLES = [
    Example(PAGE.count("\n", 0, fence.start()) + 1, fence["how"] or "", fence["text"], fence["drawn"])
    for fence in FENCE.finditer(PAGE)
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line-{example.line}")
def test_an_example_of_the_page_is_understood_as_the_page_says(example: Example) -> None:
    drawn = "\n\n".join(draw(problem, example.source) for problem in example.problems)
    assert drawn == (example.drawn or "").removesuffix("\n")


def test_each_code_has_a_heading_and_an_example_under_it() -> None:
    sections = dict(re.findall(r"^### ([a-z0-9-]+)\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE))
    for code in Code:
        assert f"```lint\n{code}, line " in sections[code], code


def test_the_page_lists_every_action() -> None:
    assert {row["verb"] for row in ROW.finditer(ACTIONS)} == set(Verb)


@pytest.mark.parametrize("verb", [verb for verb in Verb if SHAPES[verb].options])
def test_the_page_lists_every_option_of_an_action(verb: Verb) -> None:
    section = PAGE.partition(f"### {verb}\n")[2].partition("###")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == SHAPES[verb].options


@pytest.mark.parametrize("verb", Verb)
def test_the_right_line_that_a_hint_shows_is_right(verb: Verb) -> None:
    assert parse(SHAPES[verb].example).problems == ()
