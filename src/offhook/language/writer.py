"""Write a script as text, one action a line, options in the grammar's order and defaults left out."""

from collections.abc import Iterator
from typing import assert_never

from offhook.language.grammar import DEFAULT_FINISH, DEFAULT_LOOP, DEFAULT_RING_S, DEFAULT_TIMEOUT_S, MOST_DIGITS
from offhook.language.script import (
    Action,
    CallerId,
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
from offhook.language.tokens import in_quotes


def write(script: Script) -> str:
    """Return the text of a script, each line ended by a newline.

    `parse(write(script)).script == script` for every script whose text is within the limits of an
    answer and whose values are what the parser guarantees.
    """
    return "".join(f"{_line(action)}\n" for action in script.actions)


def _line(action: Action) -> str:
    return " ".join((verb_of(action), *_arguments(action), *_options(action)))


def _arguments(action: Action) -> tuple[str, ...]:
    match action:
        case Playback() | Redirect():
            return (action.url,)
        case Say():
            return (action.language, in_quotes(action.text))
        case Transfer():
            return (",".join(action.numbers),)
        case Voicemail():
            return _prompt(action.greeting)
        case Gather():
            return _prompt(action.prompt)
        case Pause():
            return (str(action.seconds),)
        case Reject():
            return (action.kind,)
        case Hangup():
            return ()
        case _:
            assert_never(action)


def _prompt(prompt: Say | Playback | None) -> tuple[str, ...]:
    return () if prompt is None else (_line(prompt),)


def _options(action: Action) -> Iterator[str]:
    match action:
        case Playback():
            yield from _option("loop", action.loop, DEFAULT_LOOP)
        case Say():
            yield from _option("loop", action.loop, DEFAULT_LOOP)
            yield from _option("voice", action.voice, None)
        case Transfer():
            yield from _option("ring", action.ring_s, DEFAULT_RING_S)
            yield from _option("max", action.max_s, None)
            yield from _option("from", action.from_, CallerId.RECIPIENT)
            yield from _option("confirm", int(action.confirm), 0)
            yield from _option("next", action.next, None)
        case Voicemail():
            yield from _option("max", action.max_s, None)
            yield from _option("next", action.next, None)
        case Gather():
            yield from _option("digits", action.digits, MOST_DIGITS)
            yield from _option("timeout", action.timeout_s, DEFAULT_TIMEOUT_S)
            yield from _option("finish", action.finish, DEFAULT_FINISH)
            yield from _option("next", action.next, None)
        case Pause() | Redirect() | Reject() | Hangup():
            return
        case _:
            assert_never(action)


def _option(key: str, value: str | int | None, default: str | int | None) -> Iterator[str]:
    if value != default:
        yield f"{key}={value}"
