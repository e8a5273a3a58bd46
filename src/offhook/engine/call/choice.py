"""From the text of an answer to a script, or to the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from offhook.language import Parsed, Script, Severity, draw, parse, without_logins

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
    if parsed.script is None:
        return _unusable(text, parsed)
    return Chosen(parsed.script, tuple(problem.sentence for problem in parsed.problems))


def _unusable(text: bytes, parsed: Parsed) -> Unusable:
    # What is kept of an answer is read by more people than its author; no URL of a script holds a password.
    written = without_logins(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    # Should a login itself be the only mistake, it is told as it was found at first.
    found = (*parse(written).problems, *parsed.problems)
    worst = next(problem for problem in found if problem.severity is Severity.ERROR)
    told = written.decode("utf-8", "replace")
    data = {"line": worst.line, "column": worst.column, "drawn": draw(worst, told), "body": told[:LONGEST_TOLD]}
    return Unusable(worst.code, f"line {worst.line}: {worst.sentence}", data)
