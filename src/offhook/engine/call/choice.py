"""From the text of an answer to a script, or to the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from offhook.language import Script, Severity, draw, parse

LONGEST_TOLD = 500
"""Characters of an answer that cannot be used which its call's timeline keeps."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A script that can be done; `warnings` are sentences for its author."""

    script: Script
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unusable:
    """The first mistake that leaves nothing to do; `data` says where it stands and draws it."""

    code: str
    text: str
    data: Mapping[str, object]


def choose(text: bytes) -> Chosen | Unusable:
    """Read an action text."""
    parsed = parse(text)
    worst = next((problem for problem in parsed.problems if problem.severity is Severity.ERROR), None)
    if worst is not None or parsed.script is None:
        assert worst is not None, "no script is left out without an error"
        written = text.decode("utf-8", "replace")
        drawn = draw(worst, written)
        data = {"line": worst.line, "column": worst.column, "drawn": drawn, "body": written[:LONGEST_TOLD]}
        return Unusable(worst.code, f"line {worst.line}: {worst.sentence}", data)
    return Chosen(parsed.script, tuple(problem.sentence for problem in parsed.problems))
