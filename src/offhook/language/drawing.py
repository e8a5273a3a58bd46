"""Draw a problem under the line that has it, with a caret, the same everywhere it is shown."""

from offhook.language.display import visible, width
from offhook.language.problems import Problem
from offhook.language.source import lines_of

_INDENT = "    "
_WIDEST = 100
_BEFORE = 40


def draw(problem: Problem, source: str | bytes) -> str:
    """Return three lines: the sentence, the source line, and carets with the hint below it.

    Wide characters count two columns and combining ones none, so the carets stand right in a
    terminal. Of a line of more than 100 characters the part around the problem is shown.
    """
    lines = lines_of(source)
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    start = problem.column - 1
    left = max(0, min(start - _BEFORE, len(line) - _WIDEST))
    right = left + _WIDEST
    cut = "…" if left else ""
    view = cut + visible(line[left:right]) + ("…" if right < len(line) else "")
    blanks = width(cut + visible(line[left:start]))
    carets = max(1, width(visible(line[start : min(start + problem.length, right)])))
    return "\n".join(
        (
            f"{problem.code}, line {problem.line}, column {problem.column}: {problem.sentence}",
            f"{_INDENT}{view}".rstrip(),
            f"{_INDENT}{' ' * blanks}{'^' * carets} {problem.hint}",
        )
    )
