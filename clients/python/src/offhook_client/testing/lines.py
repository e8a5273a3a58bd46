"""From the words of one line to its action. Limits and checks are those that scripts are written with."""

import re
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from offhook_client.prompts import Playback, Say
from offhook_client.script import DIGITS, LOOP, MAX_S, PAUSE_S, RING_S, TIMEOUT_S
from offhook_client.script_errors import BadScript
from offhook_client.testing.actions import (
    SELF,
    Action,
    Gather,
    Hangup,
    Pause,
    Redirect,
    Reject,
    Transfer,
    Voicemail,
)
from offhook_client.testing.cutting import Option, Word
from offhook_client.testing.problems import Wrong
from offhook_client.urls import url as checked_url
from offhook_client.words import KEYS, LONGEST_SPOKEN, MOST_NUMBERS, language, number_list, voice_name

_WHOLE = re.compile("[0-9]{1,9}")
_SSML = re.compile(r"\s*<(?:speak|\?xml)\b", re.IGNORECASE)

Choice = TypeVar("Choice", bound=str)


class Line:
    """The words and options of a line, with a method for each verb that takes them; what is left over is wrong."""

    def __init__(self, verb: str, text: str, words: Sequence[Word], options: Sequence[Option]) -> None:
        self.in_capitals: list[Word] = []
        self._verb = verb
        self._end = len(text.rstrip(" \t")) + 1
        self._words = list(words)
        self._options: dict[str, Option] = {}
        for option in options:
            key = option.key.text.lower()
            if key in self._options:
                raise option.key.wrong("bad-option", f"{key} is given twice; leave one out")
            if key != option.key.text:
                self.in_capitals.append(option.key)
            self._options[key] = option

    def action(self) -> Action:
        """Read the action; raises Wrong for the first thing that is wrong with it."""
        action = VERBS[self._verb](self)
        if self._words:
            raise self._too_many(self._words[0])
        for option in self._options.values():
            raise option.key.wrong("unknown-option", f"{self._verb} has no option {option.key.text!r}")
        return action

    def say(self) -> Say:
        tag = self._take('a language and a text in "quotes"')
        if tag.is_quoted:
            raise tag.wrong("missing-argument", "say needs a language before the text")
        lang = _checked(tag, "unknown-language", language)
        text = self._text()
        loop = self._whole("loop", LOOP)
        voice = self._option("voice")
        if voice is not None:
            _checked(voice, "bad-option", voice_name)
        return Say(lang, text, None if loop == 1 else loop, None if voice is None else voice.text)

    def _text(self) -> str:
        if len(self._words) > 1 and not self._words[0].is_quoted:
            first, last = self._words[0], self._words[-1]
            length = last.column + last.length - first.column
            raise Wrong("unquoted-text", first.column, length, "a text of several words stands in quotes")
        word = self._take('a text in "quotes"')
        if not word.text.strip():
            raise word.wrong("missing-argument", "the text is empty")
        if len(word.text) > LONGEST_SPOKEN:
            what = f"the text has {len(word.text):,} characters; at most {LONGEST_SPOKEN:,} are read"
            raise word.wrong("text-too-long", what)
        if _SSML.match(word.text):
            raise word.wrong("ssml-not-accepted", "the text begins as SSML does, which is not accepted")
        return word.text

    def playback(self) -> Playback:
        url = _url(self._take("a URL"))
        loop = self._whole("loop", LOOP)
        return Playback(url, None if loop == 1 else loop)

    def transfer(self) -> Transfer:
        numbers = _numbers(self._take("a phone number"))
        ring = self._whole("ring", RING_S)
        longest = self._whole("max", MAX_S)
        shown = self._option("from")
        from_ = "recipient" if shown is None else _choice(shown, _SHOWN)
        confirm = self._option("confirm")
        if confirm is not None and confirm.text not in ("0", "1"):
            raise confirm.wrong("bad-option", f"confirm is 1 or 0, not {confirm.text!r}")
        is_confirmed = confirm is not None and confirm.text == "1"
        return Transfer(numbers, 30 if ring is None else ring, longest, from_, is_confirmed, self._next())

    def voicemail(self) -> Voicemail:
        return Voicemail(self._prompt(), self._whole("max", MAX_S), self._next())

    def gather(self) -> Gather:
        prompt = self._prompt()
        digits = self._whole("digits", DIGITS)
        timeout = self._whole("timeout", TIMEOUT_S)
        finish = self._option("finish")
        if finish is not None and (len(finish.text) != 1 or finish.text not in KEYS):
            raise finish.wrong("bad-option", f"finish is one key of {KEYS}, not {finish.text!r}")
        return Gather(
            prompt,
            20 if digits is None else digits,
            5 if timeout is None else timeout,
            "#" if finish is None else finish.text,
            self._next(),
        )

    def _prompt(self) -> Say | Playback | None:
        if not self._words:
            return None
        word = self._words.pop(0)
        name = word.text.lower()
        if word.is_quoted or name not in ("say", "playback"):
            raise self._too_many(word)
        if name != word.text:
            self.in_capitals.append(word)
        return self.say() if name == "say" else self.playback()

    def pause(self) -> Pause:
        return Pause(_whole(self._take("the seconds to wait"), PAUSE_S, "pause"))

    def redirect(self) -> Redirect:
        return Redirect(_url(self._take("a URL")))

    def reject(self) -> Reject:
        return Reject(_choice(self._words.pop(0), _REASONS)) if self._words else Reject()

    def hangup(self) -> Hangup:
        return Hangup()

    def _take(self, needed: str) -> Word:
        if not self._words:
            raise Wrong("missing-argument", self._end, 1, f"{self._verb} needs {needed}")
        return self._words.pop(0)

    def _option(self, key: str) -> Word | None:
        option = self._options.pop(key, None)
        if option is None:
            return None
        if not option.value.text:
            raise option.whole.wrong("bad-option", f"{key}= has no value")
        return option.value

    def _whole(self, key: str, limits: tuple[int, int]) -> int | None:
        word = self._option(key)
        return None if word is None else _whole(word, limits, key)

    def _next(self) -> str | None:
        word = self._option("next")
        if word is None or word.text == SELF:
            return None if word is None else SELF
        return _url(word)

    def _too_many(self, word: Word) -> Wrong:
        return word.wrong("too-many-arguments", f"{self._verb} takes no {word.text!r} here")


VERBS: dict[str, Callable[[Line], Action]] = {
    "playback": Line.playback,
    "say": Line.say,
    "transfer": Line.transfer,
    "voicemail": Line.voicemail,
    "gather": Line.gather,
    "pause": Line.pause,
    "redirect": Line.redirect,
    "reject": Line.reject,
    "hangup": Line.hangup,
}
_SHOWN: tuple[Literal["caller", "recipient"], ...] = ("caller", "recipient")
_REASONS: tuple[Literal["busy", "declined", "unavailable"], ...] = ("busy", "declined", "unavailable")


def _checked(word: Word, code: str, check: Callable[[str], object]) -> str:
    """Have the writer's check judge a word, and return what it makes of it."""
    try:
        return str(check(word.text))
    except BadScript as bad:
        raise word.wrong(code, str(bad)) from None


def _url(word: Word) -> str:
    return _checked(word, "bad-url", checked_url)


def _numbers(word: Word) -> tuple[str, ...]:
    parts = word.text.split(",")
    if len(parts) > MOST_NUMBERS:
        raise word.wrong("too-many-arguments", f"{len(parts):,} numbers cannot ring together, {MOST_NUMBERS} can")
    column = word.column
    for part in parts:
        # Inside quotes nobody knows where a part stands, so all of the word is marked.
        place = word if word.is_quoted else Word(part, column, max(1, len(part)))
        _checked(Word(part, place.column, place.length), "bad-number", lambda number: number_list([number]))
        column += len(part) + 1
    return tuple(part.removeprefix("+").replace("-", "") for part in parts)


def _whole(word: Word, limits: tuple[int, int], name: str) -> int:
    least, most = limits
    if not _WHOLE.fullmatch(word.text) or not least <= int(word.text) <= most:
        raise word.wrong("bad-option", f"{name} is a whole number from {least} to {most}, not {word.text[:60]!r}")
    return int(word.text)


def _choice(word: Word, choices: Sequence[Choice]) -> Choice:
    for choice in choices:
        if choice == word.text:
            return choice
    raise word.wrong("bad-option", f"{word.text!r} is none of {', '.join(choices)}")
