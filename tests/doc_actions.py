"""Action text in documents: each block parses without a problem, or with those that a `lint` block below it draws."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from offhook.language import Problem, draw, parse

FENCE = re.compile(
    r"^```actions(?: (?P<how>\S+))?\n(?P<text>.*?)^```\n(?:\n```lint\n(?P<drawn>.*?)^```\n)?", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Example:
    """A text of a page, sent as its fence says, and what the page draws of it (None: nothing is wrong)."""

    line: int
    how: str
    text: str
    drawn: str | None

    @property
    def source(self) -> str | bytes:
        """What an action server would send: the fence says how long, how often or in which encoding."""
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
        """What the parser says."""
        return parse(self.source).problems

    @property
    def really_drawn(self) -> str:
        """What `offhook actions lint` draws of it."""
        return "\n\n".join(draw(problem, self.source) for problem in self.problems)

    @property
    def shown(self) -> str:
        """What the page draws of it."""
        return (self.drawn or "").removesuffix("\n")


def examples(page: str) -> Iterator[Example]:
    """Find the action texts of a page."""
    for fence in FENCE.finditer(page):
        line = page.count("\n", 0, fence.start()) + 1
        yield Example(line, fence["how"] or "", fence["text"], fence["drawn"])
