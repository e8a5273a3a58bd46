"""What only shows when the lines are read together: what can be reached, and what can run today."""

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


def unavailable(script: Script, abilities: frozenset[str]) -> tuple[Problem, ...]:
    """Tell which actions cannot run where only `abilities` run, each as `not-available-yet`.

    An ability is a verb, or a verb with what it is asked for besides, such as `transfer next=`. A script that
    was made in code is placed as `write` would write it.
    """
    known = ", ".join(sorted(abilities))
    return tuple(
        problem_at(
            _place(script, index),
            Code.NOT_AVAILABLE_YET,
            f'"{lacking[0]}" is right, but this version cannot run it yet',
            f"what runs today is {known}",
        )
        for index, action in enumerate(script.actions)
        if (lacking := [need for need in _needs(action) if need not in abilities])
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


def _needs(action: Action) -> tuple[str, ...]:
    """Return the abilities that an action takes, its verb first."""
    verb = verb_of(action).value
    if not isinstance(action, Transfer):
        return (verb,)
    besides = {
        "to several numbers": len(action.numbers) > 1,
        "confirm=": action.confirm,
        "next=": action.next is not None,
    }
    return (verb, *(f"{verb} {what}" for what, is_wanted in besides.items() if is_wanted))


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
