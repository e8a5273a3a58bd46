"""From a line of words to an action: one function a verb, in the order of the grammar's table."""

from typing import assert_never

from offhook.language.display import shortened
from offhook.language.errors import WrongText
from offhook.language.grammar import (
    DEFAULT_FINISH,
    DEFAULT_LOOP,
    DEFAULT_RING_S,
    DEFAULT_TIMEOUT_S,
    DIGITS,
    LOOP,
    MAX_S,
    MOST_DIGITS,
    PAUSE_S,
    RING_S,
    SHAPES,
    TIMEOUT_S,
    Verb,
    Whole,
)
from offhook.language.phone_numbers import phone_numbers_in
from offhook.language.problems import Code
from offhook.language.script import (
    Action,
    CallerId,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    RejectKind,
    Say,
    Transfer,
    Voicemail,
)
from offhook.language.statement import Statement
from offhook.language.tokens import in_quotes
from offhook.language.urls import url_in
from offhook.language.values import flag_in, key_in, kind_in, language_in, next_in, text_in, voice_in, whole_in
from offhook.language.verbs import capitals

_PROMPTS = {"say": Verb.SAY, "playback": Verb.PLAYBACK}


def action_of(statement: Statement) -> Action:
    """Read the action of a statement, or raise `WrongText` for the first thing that is wrong with it."""
    action = _read(statement)
    statement.close()
    return action


def _read(statement: Statement) -> Action:
    match statement.verb:
        case Verb.PLAYBACK:
            return _playback(statement)
        case Verb.SAY:
            return _say(statement)
        case Verb.TRANSFER:
            return _transfer(statement)
        case Verb.VOICEMAIL:
            return Voicemail(_prompt(statement), _optional_whole(statement, "max", MAX_S), _next(statement))
        case Verb.GATHER:
            return _gather(statement)
        case Verb.PAUSE:
            return Pause(whole_in(statement.take("the seconds to wait", Verb.PAUSE), PAUSE_S, "pause"))
        case Verb.REDIRECT:
            return Redirect(url_in(statement.take("a URL", Verb.REDIRECT)))
        case Verb.REJECT:
            return _reject(statement)
        case Verb.HANGUP:
            return Hangup()
        case _:
            assert_never(statement.verb)


def _playback(statement: Statement) -> Playback:
    return Playback(url_in(statement.take("a URL", Verb.PLAYBACK)), _whole(statement, "loop", LOOP, DEFAULT_LOOP))


def _say(statement: Statement) -> Say:
    language = _language(statement)
    text = _text(statement)
    loop = _whole(statement, "loop", LOOP, DEFAULT_LOOP)
    voice = statement.option("voice")
    return Say(language, text, loop, None if voice is None else voice_in(voice))


def _language(statement: Statement) -> str:
    word = statement.take('a language and a text in "quotes"', Verb.SAY)
    if word.in_quotes:
        raise statement.missing("a language before the text", Verb.SAY, word.place)
    return language_in(word)


def _text(statement: Statement) -> str:
    words = statement.rest
    if len(words) > 1 and not words[0].in_quotes:
        place, written = statement.written(words[0], words[-1])
        hint = f"put it in quotes: {shortened(in_quotes(written))}"
        raise WrongText(Code.UNQUOTED_TEXT, place, "a text of several words stands in quotes", hint)
    return text_in(statement.take('a text in "quotes"', Verb.SAY))


def _transfer(statement: Statement) -> Transfer:
    numbers = phone_numbers_in(statement.take("a phone number", Verb.TRANSFER))
    ring_s = _whole(statement, "ring", RING_S, DEFAULT_RING_S)
    max_s = _optional_whole(statement, "max", MAX_S)
    shown = statement.option("from")
    caller_id = CallerId.RECIPIENT if shown is None else kind_in(shown, CallerId, "from")
    confirm = statement.option("confirm")
    return Transfer(
        numbers, ring_s, max_s, caller_id, confirm is not None and flag_in(confirm, "confirm"), _next(statement)
    )


def _gather(statement: Statement) -> Gather:
    prompt = _prompt(statement)
    digits = _whole(statement, "digits", DIGITS, MOST_DIGITS)
    timeout_s = _whole(statement, "timeout", TIMEOUT_S, DEFAULT_TIMEOUT_S)
    finish = statement.option("finish")
    return Gather(prompt, digits, timeout_s, DEFAULT_FINISH if finish is None else key_in(finish), _next(statement))


def _prompt(statement: Statement) -> Say | Playback | None:
    word = statement.take_if_any()
    if word is None:
        return None
    verb = "" if word.in_quotes else word.text.lower()
    if verb not in _PROMPTS:
        raise statement.too_many(word)
    statement.warnings += capitals(word, _PROMPTS[verb])
    statement.allow(SHAPES[_PROMPTS[verb]].options)
    return _say(statement) if verb == Verb.SAY else _playback(statement)


def _reject(statement: Statement) -> Reject:
    word = statement.take_if_any()
    return Reject() if word is None else Reject(kind_in(word, RejectKind, "reject"))


def _next(statement: Statement) -> str | None:
    word = statement.option("next")
    return None if word is None else next_in(word)


def _whole(statement: Statement, key: str, limits: Whole, default: int) -> int:
    value = _optional_whole(statement, key, limits)
    return default if value is None else value


def _optional_whole(statement: Statement, key: str, limits: Whole) -> int | None:
    word = statement.option(key)
    return None if word is None else whole_in(word, limits, key)
