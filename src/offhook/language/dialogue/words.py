"""The words of one line while it is read: they are taken in order, and what is left over is told."""

import re
from difflib import get_close_matches
from unicodedata import normalize

from offhook.language.dialogue.grammar import LONGEST_S, SHAPES
from offhook.language.display import quoted
from offhook.language.errors import WrongText
from offhook.language.problems import Code, Place
from offhook.language.tokens import Line, Word

_DECIMAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")


class Words:
    """What follows the name of a statement."""

    def __init__(self, line: Line, name: str, words: tuple[Word, ...]) -> None:
        self.name = name
        self._line = line
        self._words = list(words)

    @property
    def is_empty(self) -> bool:
        """Whether all was taken."""
        return not self._words

    def next_is(self, *texts: str) -> bool:
        """Whether one of these words comes next, out of quotes."""
        return bool(self._words) and not self._words[0].in_quotes and self._words[0].text in texts

    def take(self, needed: str) -> Word:
        """Take the next word, which the statement cannot do without."""
        if not self._words:
            raise self.missing(needed)
        return self._words.pop(0)

    def take_if(self, text: str) -> bool:
        """Take the next word if it is this one."""
        if not self.next_is(text):
            return False
        self._words.pop(0)
        return True

    def missing(self, needed: str) -> WrongText:
        """Tell at the end of the line that something lacks."""
        end = Place(self._line.number, len(self._line.text.rstrip(" \t")) + 1)
        return WrongText(Code.MISSING_ARGUMENT, end, f'"{self.name}" needs {needed}', self._hint())

    def wrong(self, word: Word, sentence: str, hint: str = "") -> WrongText:
        """Tell that a word is not what it should be."""
        return WrongText(Code.BAD_OPTION, word.place, sentence, hint or self._hint())

    def close(self) -> None:
        """Refuse what was not taken."""
        for word in self._words:
            hint = self._hint()
            if word.text.startswith("#") and not word.in_quotes:
                hint = "a comment stands on a line of its own"
            elif near := get_close_matches(word.text[:20], ("within", "for", "after", "by"), n=1):
                hint = f'did you mean "{near[0]}"? {hint}'
            raise WrongText(
                Code.TOO_MANY_ARGUMENTS, word.place, f'"{self.name}" takes no {quoted(word.text)} here', hint
            )

    def number(self, what: str, least: float, most: float) -> float:
        """Take a decimal number within limits; `what` names it in the sentence."""
        word = self.take(what)
        if _DECIMAL.fullmatch(word.text) and least <= float(word.text) <= most:
            return float(word.text)
        # "5s" and full-width digits say clearly enough what was meant.
        guess = _DECIMAL.match(normalize("NFKC", word.text[:20]))
        near = max(least, min(float(guess[0]), most)) if guess else least
        hint = f'did you mean "{near:g}"?' if guess else ""
        raise self.wrong(word, f"{what} is a number from {least:g} to {most:g}, not {quoted(word.text)}", hint)

    def seconds(self, *, least: float = 0.0, most: float = LONGEST_S) -> float:
        """Take a duration."""
        return self.number("a duration in seconds", least, most)

    def _hint(self) -> str:
        return f"write it like: {SHAPES[self.name].example}"
