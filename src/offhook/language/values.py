"""What each argument and option must look like: a word goes in, a value comes out, or `WrongText`."""

import re
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from unicodedata import normalize

from offhook.language.display import quoted
from offhook.language.errors import WrongText
from offhook.language.grammar import KEYS, LONGEST_TEXT, LONGEST_VOICE, Whole
from offhook.language.languages import tag_meant_by, tag_of
from offhook.language.problems import Code
from offhook.language.script import SELF
from offhook.language.tokens import Word
from offhook.language.urls import url_in

_WHOLE = re.compile(r"[0-9]{1,9}")
_VOICE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_VOICE - 1}}}")
# A document of SSML begins with its root element, or with a declaration of XML.
_SSML = re.compile(r"\s*<(?:speak|\?xml)\b", re.IGNORECASE)

Kind = TypeVar("Kind", bound=StrEnum)


def language_in(word: Word) -> str:
    """Return a language tag in lower case."""
    if tag := tag_of(word.text):
        return tag
    meant = tag_meant_by(word.text)
    raise WrongText(
        Code.UNKNOWN_LANGUAGE,
        word.place,
        f"there is no language {quoted(word.text)}",
        f'did you mean "{meant}"?' if meant else "write a code such as en, ja or en-gb before the text",
    )


def text_in(word: Word) -> str:
    """Return a text to read, of 1 to 2,000 characters that are not all blanks and are no SSML."""
    if not word.text.strip():
        raise WrongText(
            Code.MISSING_ARGUMENT, word.place, "the text is empty", "write what to say, or leave out the line"
        )
    if len(word.text) > LONGEST_TEXT:
        raise WrongText(
            Code.TEXT_TOO_LONG,
            word.place,
            f"the text has {len(word.text):,} characters; at most {LONGEST_TEXT:,} are read",
            "split it over several lines that start with say",
        )
    if ssml := _SSML.match(word.text):
        raise WrongText(
            Code.SSML_NOT_ACCEPTED,
            word.place,
            f"the text begins with {ssml[0].lstrip()}: markup for voices (SSML) is not accepted",
            "write plain text; for a silence put a line such as pause 1 between two lines of say",
        )
    return word.text


def whole_in(word: Word, limits: Whole, what: str) -> int:
    """Return a whole number within limits; `what` names it in the sentence."""
    if _WHOLE.fullmatch(word.text) and int(word.text) in limits:
        return int(word.text)
    # "5s", "2.5" and full-width digits say clearly enough what was meant.
    guess = re.match(r"[0-9]{1,9}", normalize("NFKC", word.text[:20]))
    near = max(limits.least, min(int(guess[0]), limits.most)) if guess else limits.least
    hint = f'did you mean "{near}"?' if guess else f"write digits only, such as {near}"
    sentence = f"{what} is a whole number from {limits.least} to {limits.most}, not {quoted(word.text)}"
    raise WrongText(Code.BAD_OPTION, word.place, sentence, hint)


def kind_in(word: Word, kinds: type[Kind], what: str) -> Kind:
    """Return one of a few words; `what` names it in the sentence."""
    try:
        return kinds(word.text)
    except ValueError:
        names = [kind.value for kind in kinds]
        near = get_close_matches(word.text.lower()[:20], names, n=1)
        raise WrongText(
            Code.BAD_OPTION,
            word.place,
            f"{what} cannot be {quoted(word.text)}",
            f'did you mean "{near[0]}"?' if near else f"write {' or '.join(names)}",
        ) from None


def flag_in(word: Word, what: str) -> bool:
    """Return whether a flag is 1; the other value is 0."""
    if word.text not in {"0", "1"}:
        raise WrongText(
            Code.BAD_OPTION, word.place, f"{what} is 1 or 0, not {quoted(word.text)}", f"write {what}=1 or leave it out"
        )
    return word.text == "1"


def key_in(word: Word) -> str:
    """Return one key of a telephone."""
    if len(word.text) != 1 or word.text not in KEYS:
        raise WrongText(
            Code.BAD_OPTION, word.place, f"finish is one key, not {quoted(word.text)}", "write 0 to 9, * or #"
        )
    return word.text


def voice_in(word: Word) -> str:
    """Return the name of a voice; whether it is installed is known elsewhere."""
    if not _VOICE.fullmatch(word.text):
        raise WrongText(
            Code.BAD_OPTION,
            word.place,
            f"{quoted(word.text)} is not the name of a voice",
            "a name has letters, digits, hyphens, dots and underscores",
        )
    return word.text


def next_in(word: Word) -> str:
    """Return whom to ask next: a URL, or `self` for the action URL."""
    return SELF if word.text == SELF else url_in(word)
