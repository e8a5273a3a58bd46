"""The numbers that a transfer may name: E.164, with or without `+`, hyphens allowed."""

import re
from unicodedata import normalize

from offhook.language.display import quoted, shortened
from offhook.language.errors import WrongText
from offhook.language.grammar import LONGEST_NUMBER, MOST_NUMBERS, SHORTEST_NUMBER
from offhook.language.problems import Code, Place
from offhook.language.tokens import Word

_NUMBER = re.compile(r"\+?[0-9]++(?:-[0-9]++)*+")
_PUNCTUATION = re.compile(r"[\s().\-/]")
_E164 = re.compile(r"[1-9][0-9]{6,14}")
_HINT = "write the country code and the number, as in +81-3-5550-0123"


def phone_numbers_in(word: Word) -> tuple[str, ...]:
    """Return the digits of each number of a list separated by commas, or raise `WrongText`.

    At most 10 numbers of 7 to 15 digits without a leading zero (ITU-T E.164 section 6).
    """
    parts = word.text.split(",")
    if len(parts) > MOST_NUMBERS:
        raise WrongText(
            Code.TOO_MANY_ARGUMENTS,
            word.place,
            f"{len(parts):,} numbers cannot ring together; at most {MOST_NUMBERS} can",
            "leave some out, or call them with a second transfer on the next line",
        )
    column, numbers = word.place.column, []
    for part in parts:
        # Inside quotes the columns of a part are not certain, so all of the word is marked.
        place = word.place if word.in_quotes else Place(word.place.line, column, max(1, len(part)))
        numbers.append(_digits(part, place))
        column += len(part) + 1
    return tuple(numbers)


def _digits(written: str, place: Place) -> str:
    digits = written.removeprefix("+").replace("-", "")
    if _NUMBER.fullmatch(written) and _E164.fullmatch(digits):
        return digits
    if not written:
        raise _bad(
            place, "a number is missing next to the comma", "write the numbers without blanks: 15550100,15550101"
        )
    if not _NUMBER.fullmatch(written):
        raise _bad(place, f"{quoted(written)} is not a phone number", _guess(written))
    if digits.startswith("0"):
        raise _bad(place, f"{quoted(written)} starts with 0 and not with a country code", _guess(written))
    sentence = f"{quoted(written)} has {len(digits)} digits; a number has {SHORTEST_NUMBER} to {LONGEST_NUMBER}"
    raise _bad(place, sentence, _HINT)


def _guess(written: str) -> str:
    # What other systems accept: full-width digits, brackets and dots, 00 for the plus.
    plain = _PUNCTUATION.sub("", normalize("NFKC", written).removeprefix("tel:")).removeprefix("+").removeprefix("00")
    return f'did you mean "{shortened(plain)}"?' if _E164.fullmatch(plain) else _HINT


def _bad(place: Place, sentence: str, hint: str) -> WrongText:
    return WrongText(Code.BAD_NUMBER, place, sentence, hint)
