"""The code blocks of a Markdown page, and what the page says about how each is run.

A comment right above a block says what cannot be seen in it:

    <!-- not run: why -->        nobody can run it here
    <!-- run by: tests/... -->   another test does
    <!-- answers: 404 -->        its last request is refused, and that is what it shows
    <!-- fails: 1 -->            its last command ends with this status, and that is what it shows

`title="name"` behind the language makes a block a file, which the blocks below it find.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*) -->\n+)?```(?P<language>[\w-]*)(?:[ ]+(?P<how>[^\n]*))?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
MARK = re.compile(r"(?P<kind>not run|run by|answers|fails): (?P<value>.+)")
TITLE = re.compile(r'title="(?P<title>[^"]+)"')

RUN = frozenset({"sh", "python", "ruby", "php"})
"""Languages of programs."""
HELD = frozenset({"actions", "dial", "lint", "json", "phone", "toml", "text", "mermaid"})
"""Languages of what is held against the code or against what was answered."""

RUN_BY = {
    ("clients/php/README.md", "php"): "tests/clients/test_php_client.py",
    ("clients/python/README.md", "python"): "tests/clients/test_client_readme.py",
    ("clients/ruby/README.md", "ruby"): "tests/clients/test_ruby_client.py",
    ("docs/dialling.md", "dial"): "tests/cli/test_dialling_page.py",
    ("docs/dialling.md", "lint"): "tests/cli/test_dialling_page.py",
    ("docs/dialling.md", "phone"): "tests/cli/test_dialling_page.py",
    ("docs/dialling.md", "sh"): "tests/cli/test_dialling_page.py",
    ("docs/dialling.md", "text"): "tests/cli/test_dialling_page.py",
    ("docs/hosted-rules.md", "json"): "tests/service/test_hosted_rules_page.py",
    ("docs/testing.md", "sh"): "tests/cli/test_testing_page.py",
    ("docs/testing.md", "text"): "tests/cli/test_testing_page.py",
    ("docs/webhooks.md", "json"): "tests/serve/test_webhooks.py",
    ("docs/webhooks.md", "python"): "tests/serve/test_webhooks.py",
}
"""Blocks that tests of their own run."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is where its text begins."""

    page: str
    line: int
    language: str
    how: str
    text: str
    mark: str

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.page}:{self.line}"

    @property
    def title(self) -> str:
        """The file that it is, empty if it is none."""
        found = TITLE.search(self.how)
        return found["title"] if found else ""

    def told(self, kind: str) -> str:
        """Return what its mark says of this kind, empty if nothing."""
        found = MARK.fullmatch(self.mark)
        return found["value"] if found and found["kind"] == kind else ""

    @property
    def is_run(self) -> bool:
        """Whether the page's own test runs it or holds it against something."""
        return not self.told("not run") and not self.told("run by")


def pages() -> list[str]:
    """Name all pages whose blocks are run, by their path from the root."""
    places = ("README.md", "docs/**/*.md", "clients/*/README.md", "examples/**/README.md")
    return sorted({str(path.relative_to(ROOT)) for place in places for path in ROOT.glob(place)})


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in their order."""
    return list(read(page, (ROOT / page).read_text(encoding="utf-8")))


def read(page: str, text: str) -> Iterator[Block]:
    """Find the blocks of a text."""
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        yield Block(page, line, found["language"], found["how"] or "", found["text"], found["mark"] or "")
