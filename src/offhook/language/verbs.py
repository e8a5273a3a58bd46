"""The verb at the start of a line, and what was probably meant when there is no such verb."""

from difflib import get_close_matches
from unicodedata import normalize

from offhook.language.display import quoted, shortened
from offhook.language.errors import WrongText
from offhook.language.grammar import OTHER_WORDS, RESERVED, Verb
from offhook.language.problems import Code, Problem, Severity, problem_at
from offhook.language.tokens import Word

_VERBS = [verb.value for verb in Verb]


def verb_in(word: Word) -> Verb:
    """Return the verb that a word names, in whatever case, or raise `WrongText`."""
    name = word.text.lower()
    if name in _VERBS and not word.in_quotes:
        return Verb(name)
    if name == RESERVED:
        raise WrongText(
            Code.NOT_AVAILABLE_YET, word.place, f'"{RESERVED}" is reserved for a later version', f"there is {_all()}"
        )
    raise WrongText(Code.UNKNOWN_VERB, word.place, f"there is no action {quoted(word.text)}", _hint(word))


def capitals(word: Word, verb: Verb) -> list[Problem]:
    """Warn when a verb is written with capital letters: it runs, but it is not how it is written."""
    if word.text == verb:
        return []
    sentence = f"actions are written in lower case; {quoted(word.text)} is read as {quoted(verb)}"
    return [problem_at(word.place, Code.UNKNOWN_VERB, sentence, f"write {verb}", Severity.WARNING)]


def _hint(word: Word) -> str:
    name = word.text.lower()
    if word.in_quotes:
        return "answer with the bare line, without quotes around it; is it sent as JSON?"
    if name.startswith(("http://", "https://")):
        return f"to play it, write: playback {shortened(word.text)}"
    if name in OTHER_WORDS:
        return f'did you mean "{OTHER_WORDS[name]}"?'
    near = get_close_matches(normalize("NFKC", name[:20]).rstrip(":,;"), _VERBS, n=1)
    return f'did you mean "{near[0]}"?' if near else f"there is {_all()}"


def _all() -> str:
    return ", ".join(_VERBS)
