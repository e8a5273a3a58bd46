"""What only shows when the lines are read together: which of them can be reached."""

from typing import assert_never

from offhook.language.problems import Code, Place, Problem, Severity, problem_at
from offhook.language.script import (
    Action,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    Say,
    Script,
    Transfer,
    Voicemail,
    verb_of,
)


def unreachable(script: Script) -> tuple[Problem, ...]:
    """Warn about the first line that no call can get to, once: the lines after it share its fate."""
    for index, action in enumerate(script.actions[:-1]):
        if why := _why_nothing_follows(action, f'"{verb_of(action)}" on line {_place(script, index).line}'):
            return (
                problem_at(
                    _place(script, index + 1),
                    Code.UNREACHABLE_LINE,
                    f"no call gets here: {why}",
                    "leave it out, or move it up",
                    Severity.WARNING,
                ),
            )
    return ()


def _why_nothing_follows(action: Action, which: str) -> str | None:
    match action:
        case Hangup() | Reject():
            return f"{which} ends the call"
        case Redirect() | Gather():
            return f"{which} asks for a new answer"
        case Voicemail() | Transfer():
            # A follow-up replaces the rest of the script, however the transfer or the message went.
            return f"{which} has next= and asks for a new answer" if action.next else None
        case Playback() | Say() | Pause():
            return None
        case _:
            assert_never(action)


def _place(script: Script, index: int) -> Place:
    line = script.lines[index] if script.lines else index + 1
    column = script.columns[index] if script.columns else 1
    return Place(line, column, len(verb_of(script.actions[index])))
