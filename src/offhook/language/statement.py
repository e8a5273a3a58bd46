"""One line while it is read: it gives its words in order and its options by name, and knows what is left over."""

from difflib import get_close_matches

from offhook.language.display import quoted, shortened
from offhook.language.errors import WrongText
from offhook.language.grammar import SHAPES, Verb
from offhook.language.problems import Code, Place, Problem, Severity, problem_at
from offhook.language.tokens import Line, Option, Word

# Why a word is left over, where one mistake is the usual one.
_ONE_WORD = {
    Verb.PLAYBACK: "a blank in a URL is written %20",
    Verb.REDIRECT: "a blank in a URL is written %20",
    Verb.SAY: "put all of the text into one pair of quotes",
    Verb.TRANSFER: "write several numbers with commas and no blanks: 15550100,15550101",
}
_VERBS = frozenset(verb.value for verb in Verb)
_BETWEEN = frozenset({";", "&&", "&", "|", "||", "and", "then"})
"""What people write between two actions in one line."""


class Statement:
    """A line whose verb is known. Read its words, then its options, then `close` it."""

    def __init__(self, line: Line, verb: Verb, options: tuple[str, ...]) -> None:
        self.verb = verb
        self.warnings: list[Problem] = []
        self._line = line
        self._words = list(line.words)
        self._known = list(options)
        self._options: dict[str, Option] = {}
        for option in line.options:
            self._keep(option)

    @property
    def rest(self) -> tuple[Word, ...]:
        """The words that were not taken yet."""
        return tuple(self._words)

    def take(self, needed: str, verb: Verb) -> Word:
        """Take the next word, which `verb` cannot do without."""
        if not self._words:
            raise self.missing(needed, verb)
        return self._words.pop(0)

    def take_if_any(self) -> Word | None:
        """Take the next word, or None at the end."""
        return self._words.pop(0) if self._words else None

    def missing(self, needed: str, verb: Verb, place: Place | None = None) -> WrongText:
        """Tell that `verb` lacks something, at the end of the line unless it is known where."""
        end = Place(self._line.number, len(self._line.text.rstrip(" \t")) + 1)
        sentence = f'"{verb}" needs {needed}'
        return WrongText(Code.MISSING_ARGUMENT, place or end, sentence, f"write it like: {SHAPES[verb].example}")

    def written(self, first: Word, last: Word) -> tuple[Place, str]:
        """Return the place and the very characters from one word to another."""
        start, end = first.place.column, last.place.column + last.place.length
        return Place(self._line.number, start, end - start), self._line.text[start - 1 : end - 1]

    def allow(self, options: tuple[str, ...]) -> None:
        """Know more options, those of an action inside this one."""
        self._known += options

    def option(self, key: str) -> Word | None:
        """Take the value of an option, or None when the line does not have it."""
        option = self._options.pop(key, None)
        if option is None:
            return None
        if not option.value.text:
            sentence = f"{shortened(option.key)}= has no value"
            hint = "write the value right after it, without a blank"
            raise WrongText(Code.BAD_OPTION, option.place, sentence, hint)
        return option.value

    def close(self) -> None:
        """Refuse what was not taken."""
        if self._words:
            raise self.too_many(self._words[0])
        for option in self._options.values():
            raise self._unknown(option)

    def too_many(self, word: Word) -> WrongText:
        """Tell that a word has no meaning where it stands."""
        if word.text.startswith("#") and not word.in_quotes:
            hint = "a comment stands on a line of its own"
        elif not word.in_quotes and (word.text.lower() in _VERBS or word.text in _BETWEEN):
            hint = "each action stands on a line of its own"
        elif word.text.startswith("=") or word.text in self._known:
            hint = "write an option without blanks: key=value"
        else:
            hint = _ONE_WORD.get(self.verb, f"write it like: {SHAPES[self.verb].example}")
        return WrongText(Code.TOO_MANY_ARGUMENTS, word.place, f'"{self.verb}" takes no {quoted(word.text)} here', hint)

    def _keep(self, option: Option) -> None:
        key = option.key.lower()
        place = Place(self._line.number, option.place.column, len(option.key))
        if key in self._options:
            sentence = f"{quoted(option.key)} is given twice"
            raise WrongText(Code.BAD_OPTION, place, sentence, "leave one of them out")
        if key != option.key:
            sentence = f"options are written in lower case; {quoted(option.key)} is read as {quoted(key)}"
            hint = f"write {shortened(key)}"
            self.warnings.append(problem_at(place, Code.UNKNOWN_OPTION, sentence, hint, Severity.WARNING))
        self._options[key] = option

    def _unknown(self, option: Option) -> WrongText:
        place = Place(self._line.number, option.place.column, len(option.key))
        near = get_close_matches(option.key.lower()[:20], self._known, n=1)
        if near:
            hint = f'did you mean "{near[0]}"?'
        elif self._known:
            hint = f"it knows {', '.join(self._known)}"
        else:
            hint = "it has no options"
        return WrongText(Code.UNKNOWN_OPTION, place, f'"{self.verb}" has no option {quoted(option.key)}', hint)
