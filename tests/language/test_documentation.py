"""docs/actions.md is run: every example parses as it says, every drawing is what `draw` draws."""

import re
from pathlib import Path

import pytest

from doc_actions import Example, examples
from offhook.language import Code, Verb, parse
from offhook.language.grammar import SHAPES

PAGE = (Path(__file__).parents[2] / "docs" / "actions.md").read_text(encoding="utf-8")
ACTIONS = PAGE.partition("\n## Actions\n")[2].partition("\n### ")[0]
ROW = re.compile(r"^\| `(?P<verb>\w+)[^`]*` \|", re.MULTILINE)


EXAMPLES = list(examples(PAGE))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line-{example.line}")
def test_an_example_of_the_page_is_understood_as_the_page_says(example: Example) -> None:
    assert example.really_drawn == example.shown


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
