"""What is told of a script: for people a line with a tick or a cross, for programs values of JSON."""

from collections.abc import Sequence

import typer

from offhook.cli.dialogue.parties import Outcome, Verdict
from offhook.cli.output import legible

MARKS = {Verdict.PASSED: ("✓", "green"), Verdict.FAILED: ("✗", "red"), Verdict.NOT_REACHED: ("-", "white")}


def line_of(outcome: Outcome) -> str:
    """Return one line: its mark, when it was done, what it says, and what was seen or heard."""
    mark, colour = MARKS[outcome.verdict]
    at = " " * 9 if outcome.at_s is None else f"{outcome.at_s:7.2f} s"
    text = f"{typer.style(mark, fg=colour, bold=True)} {at}  {outcome.step.text}"
    return f"{text}: {legible(outcome.words)}" if outcome.words else text


def draw_ladder(rungs: Sequence[tuple[float, str]]) -> str:
    """Return what happened to a call, a line each."""
    return "\n".join(["what happened:", *(f"{at_ms:11.1f} ms  {legible(text)}" for at_ms, text in rungs)])


def sum_up(lines: Sequence[Outcome]) -> str:
    """Return a sentence about a script that was performed."""
    failed = [outcome for outcome in lines if outcome.verdict is Verdict.FAILED]
    if not failed:
        return f"all {len(lines)} lines passed" if len(lines) > 1 else "the line passed"
    return f"line {failed[0].step.line} failed: {failed[0].step.text}"


def document_of(lines: Sequence[Outcome]) -> list[dict[str, object]]:
    """Return each line for JSON."""
    return [
        {
            "line": outcome.step.line,
            "text": outcome.step.text,
            "verdict": outcome.verdict.value,
            "at_s": outcome.at_s,
            "words": outcome.words,
        }
        for outcome in lines
    ]


def rungs_of(rungs: Sequence[tuple[float, str]]) -> list[dict[str, object]]:
    """Return what happened to a call for JSON."""
    return [{"at_ms": at_ms, "text": text.strip()} for at_ms, text in rungs]
