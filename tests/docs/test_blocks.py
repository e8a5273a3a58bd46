"""Every code block of every page is of a language that a test runs, or says in the page why it is not run."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from doc_actions import Example, examples
from doc_blocks import HELD, MARK, ROOT, RUN, RUN_BY, Block, blocks, pages, read
from offhook.config import Settings

ALL = [block for page in pages() for block in blocks(page)]
NOT_RUN: dict[str, int] = {
    "a drawing": 1,
    "downloads packages": 6,
    "needs Prometheus": 1,
    "needs a PostgreSQL server of one's own": 2,
    "needs a telephone": 1,
    "needs a web server and a certificate of one's own": 1,
}
"""How many blocks nobody runs, by the reason that the page gives. Keep it short: each is a promise without a proof."""

ACTIONS = [(page, example) for page in pages() for example in examples((ROOT / page).read_text(encoding="utf-8"))]


def of(language: str) -> list[Block]:
    return [block for block in ALL if block.language == language and block.is_run]


def test_every_block_has_a_language_that_is_run_or_says_why_it_is_not() -> None:
    assert [block.place for block in ALL if block.language not in RUN | HELD and not block.title and block.is_run] == []


def test_every_comment_above_a_block_is_a_mark_that_means_something() -> None:
    assert [block.place for block in ALL if block.mark and not MARK.fullmatch(block.mark)] == []


def test_no_fence_is_overlooked() -> None:
    for page in pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        assert len(re.findall(r"^\s*```", text, re.MULTILINE)) == 2 * len(blocks(page)), page


def test_what_is_not_run_is_a_short_list() -> None:
    assert Counter(reason for block in ALL if (reason := block.told("not run"))) == NOT_RUN


@pytest.mark.parametrize(("page", "language"), RUN_BY)
def test_what_another_test_runs_is_read_by_that_test(page: str, language: str) -> None:
    source = (ROOT / RUN_BY[page, language]).read_text(encoding="utf-8")
    assert all(f'"{part}"' in source for part in Path(page).parts)
    assert language in source


@pytest.mark.parametrize("block", [one for one in ALL if one.told("run by")], ids=lambda block: block.place)
def test_a_test_that_a_page_names_runs_the_command(block: Block) -> None:
    source = (ROOT / block.told("run by")).read_text(encoding="utf-8")
    assert Path(block.text.split()[0]).name in source


@pytest.mark.parametrize(("page", "example"), ACTIONS, ids=lambda part: getattr(part, "line", part))
def test_action_text_is_understood_as_its_page_says(page: str, example: Example) -> None:
    assert example.really_drawn == example.shown


def test_every_drawing_belongs_to_an_action_text() -> None:
    drawings = [block for block in of("lint") if (block.page, "lint") not in RUN_BY]
    assert len(drawings) == sum(example.drawn is not None for _, example in ACTIONS)
    assert len(of("actions")) == len(ACTIONS)


@pytest.mark.parametrize("block", of("json"), ids=lambda block: block.place)
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", of("toml"), ids=lambda block: block.place)
def test_settings_are_settings(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "offhook.toml"
    file.write_text(block.text, encoding="utf-8")
    monkeypatch.setenv("OFFHOOK_CONFIG", str(file))
    Settings.load()


def test_a_block_is_read_with_its_mark_and_its_title() -> None:
    text = 'Text.\n\n<!-- not run: no reason -->\n```sh\nls\n```\n\n```python title="a.py"\npass\n```\n'
    first, second = read("page.md", text)
    assert (first.language, first.text, first.line, first.told("not run")) == ("sh", "ls\n", 5, "no reason")
    assert (second.title, second.mark, second.is_run, first.is_run) == ("a.py", "", True, False)
