"""What each statement means: its words go in, a value comes out, or `WrongText`."""

import re
from collections.abc import Callable

from offhook.language.dialogue import grammar
from offhook.language.dialogue.statements import (
    Answer,
    Call,
    ExpectAnswer,
    ExpectHangUp,
    ExpectKeys,
    ExpectRefusal,
    ExpectRinging,
    ExpectSilence,
    ExpectSound,
    ExpectTone,
    FileSound,
    HangUp,
    Hold,
    Lose,
    NeverAnswer,
    Press,
    Refuse,
    Resume,
    Say,
    Silent,
    Speech,
    Statement,
    Wait,
    Way,
    WebSound,
)
from offhook.language.dialogue.words import Words
from offhook.language.display import quoted
from offhook.language.errors import WrongText
from offhook.language.problems import Code
from offhook.language.urls import url_in
from offhook.language.values import kind_in, language_in, text_in

_CALLER = re.compile(rf"[+0-9A-Za-z*._-]{{1,{grammar.LONGEST_CALLER}}}")
_STATUS = re.compile(r"[0-9]{3}")
_WEB = re.compile(r"(?i:https?):")


def meaning_of(name: str, words: Words) -> Statement:
    """Return what a statement of this name means."""
    return _MEANINGS[name](words)


def _call(words: Words) -> Statement:
    word = words.take("a caller: from NUMBER, or anonymous")
    if word.text == "anonymous":
        return Call("")
    if word.text != "from":
        raise words.wrong(word, f"who calls is written with from, or is anonymous, not {quoted(word.text)}")
    number = words.take("the number after from")
    if not _CALLER.fullmatch(number.text):
        raise WrongText(
            Code.BAD_NUMBER,
            number.place,
            f"{quoted(number.text)} is no number that can call",
            "write digits without blanks, such as 819012345678",
        )
    return Call(number.text)


def _answer(words: Words) -> Statement:
    return Answer(words.seconds() if words.take_if("after") else 0.0)


def _refuse(words: Words) -> Statement:
    # A redirection is no refusal that our phone can give.
    return Refuse(_status(words, least=400))


def _expect_refusal(words: Words) -> Statement:
    status = None if words.is_empty or words.next_is("within") else _status(words, least=grammar.LEAST_REFUSAL)
    return ExpectRefusal(status, _within(words, grammar.RING_WITHIN_S))


def _expect_sound(words: Words) -> Statement:
    if words.is_empty or words.next_is("within"):
        return ExpectSound(None, None, _within(words))
    if words.next_is("for"):
        raise words.wrong(words.take("for"), "any sound will do here, so nothing is known of how long it lasts")
    sound = _sound(words)
    for_s, within_s = _clauses(words, None, grammar.DEFAULT_WITHIN_S)
    return ExpectSound(sound, for_s, within_s)


def _expect_speech(words: Words) -> Statement:
    speech = _speech(words)
    for_s, within_s = _clauses(words, None, grammar.DEFAULT_WITHIN_S)
    return ExpectSound(speech, for_s, within_s)


def _expect_tone(words: Words) -> Statement:
    hz = words.number("a frequency in Hz", grammar.LOWEST_HZ, grammar.HIGHEST_HZ)
    for_s, within_s = _clauses(words, grammar.DEFAULT_TONE_S, grammar.DEFAULT_WITHIN_S)
    assert for_s is not None, "it has a default"
    return ExpectTone(hz, for_s, within_s)


def _expect_silence(words: Words) -> Statement:
    for_s, within_s = _clauses(words, None, grammar.SILENT_WITHIN_S)
    if for_s is None:
        raise words.missing("to know how long: for S")
    return ExpectSilence(for_s, within_s)


def _expect_keys(words: Words) -> Statement:
    return ExpectKeys(_keys(words, "within"), _within(words))


def _press(words: Words) -> Statement:
    keys = _keys(words, "by")
    return Press(
        keys,
        kind_in(words.take("how: rfc4733, info or inband"), Way, "the way of a key")
        if words.take_if("by")
        else Way.EVENTS,
    )


def _silent(words: Words) -> Statement:
    return Silent(None if words.is_empty else words.seconds())


def _hold(words: Words) -> Statement:
    return Hold(is_inactive=words.take_if("inactive"))


def _lose(words: Words) -> Statement:
    word = words.take("how many packets of a hundred")
    text = word.text.removesuffix("%")
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3})?", text) or float(text) > 100:
        raise words.wrong(word, f"what is lost is 0 to 100 %, not {quoted(word.text)}")
    if not word.text.endswith("%"):
        words.take_if("%")
    return Lose(float(text))


def _speech(words: Words) -> Speech:
    language = language_in(words.take("a language, such as en, and a text in quotes"))
    text = words.take("a text in quotes")
    if not text.in_quotes:
        raise WrongText(
            Code.UNQUOTED_TEXT,
            text.place,
            "the text stands in quotes",
            f"write it like: {grammar.SHAPES['say'].example}",
        )
    return Speech(language, text_in(text))


def _sound(words: Words) -> FileSound | WebSound:
    word = words.take("a file or a URL")
    if _WEB.match(word.text):
        return WebSound(url_in(word))
    if not word.text:
        raise words.wrong(word, "the name of the file is empty")
    return FileSound(word.text)


def _keys(words: Words, until: str) -> str:
    keys = ""
    while not words.is_empty and not words.next_is(until):
        word = words.take("keys")
        for key in word.text:
            if key not in grammar.KEYS:
                raise words.wrong(word, f"keys are 0 to 9, *, # and A to D, not {quoted(word.text)}")
        keys += word.text
        if len(keys) > grammar.MOST_KEYS:
            raise words.wrong(word, f"at most {grammar.MOST_KEYS} keys stand in a line", "split it over several lines")
    if not keys:
        raise words.missing("at least one key")
    return keys


def _status(words: Words, *, least: int) -> int:
    word = words.take("a SIP status")
    if not _STATUS.fullmatch(word.text) or not least <= int(word.text) <= grammar.MOST_REFUSAL:
        sentence = f"a refusal is a SIP status from {least} to {grammar.MOST_REFUSAL}, not {quoted(word.text)}"
        raise words.wrong(word, sentence)
    return int(word.text)


def _within(words: Words, default_s: float = grammar.DEFAULT_WITHIN_S) -> float:
    return words.seconds() if words.take_if("within") else default_s


def _clauses(words: Words, for_s: float | None, within_s: float) -> tuple[float | None, float]:
    """Take `for S` and `within S`, in any order and each at most once."""
    taken: set[str] = set()
    while words.next_is(*{"for", "within"} - taken):
        if words.take_if("for"):
            taken.add("for")
            for_s = words.seconds(least=0.1, most=grammar.LONGEST_KNOWN_S)
        else:
            words.take_if("within")
            taken.add("within")
            within_s = words.seconds()
    return for_s, within_s


_MEANINGS: dict[str, Callable[[Words], Statement]] = {
    "call": _call,
    "answer": _answer,
    "be busy": lambda _words: Refuse(grammar.BUSY),
    "decline": lambda _words: Refuse(grammar.DECLINED),
    "refuse": _refuse,
    "never answer": lambda _words: NeverAnswer(),
    "expect ringing": lambda words: ExpectRinging(_within(words)),
    "expect answer": lambda words: ExpectAnswer(_within(words, grammar.RING_WITHIN_S)),
    "expect busy": lambda words: ExpectRefusal(grammar.BUSY, _within(words, grammar.RING_WITHIN_S)),
    "expect refused": _expect_refusal,
    "expect sound": _expect_sound,
    "expect speech": _expect_speech,
    "expect tone": _expect_tone,
    "expect silence": _expect_silence,
    "expect keys": _expect_keys,
    "expect hang up": lambda words: ExpectHangUp(_within(words)),
    "press": _press,
    "say": lambda words: Say(_speech(words)),
    "play": lambda words: Say(_sound(words)),
    "wait": lambda words: Wait(words.seconds()),
    "silent": _silent,
    "lose": _lose,
    "hold": _hold,
    "resume": lambda _words: Resume(),
    "hang up": lambda _words: HangUp(),
}
