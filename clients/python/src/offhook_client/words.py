"""The words of a line: each value is checked, and comes back as the action language writes it.

Limits are those of the language, which knows no more escapes than `\\"`, `\\\\` and `\\n`.
"""

import re
from collections.abc import Sequence

from offhook_client.languages import LANGUAGES
from offhook_client.script_errors import BadScript
from offhook_client.urls import url

LONGEST_SPOKEN = 2_000
MOST_NUMBERS = 10
KEYS = "0123456789*#"

_TAG = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?")
_NUMBER = re.compile(r"\+?[0-9]+(?:-[0-9]+)*")
_E164 = re.compile(r"[1-9][0-9]{6,14}")
_VOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SSML = re.compile(r"\s*<(?:speak|\?xml)\b", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|\x85")
# A text has no way to write these; what a voice would make of them is nothing in any case.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def option(name: str, value: str | None) -> str:
    """Write an option with the blank before it; nothing for None."""
    return "" if value is None else f" {name}={value}"


def quoted(text: str) -> str:
    """Write a text as one word."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def spoken(text: str) -> str:
    """Return a text that can be read aloud: other line ends become newlines, control characters but tabs blanks."""
    plain = _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", _LINE_END.sub("\n", text)))
    if not plain.strip():
        raise BadScript("The text is empty. Give one, or leave the line out.")
    if len(plain) > LONGEST_SPOKEN:
        raise BadScript(f"The text has {len(plain):,} characters; at most {LONGEST_SPOKEN:,} are read. Split it.")
    if _SSML.match(plain):
        raise BadScript("The text begins as SSML does, which is not accepted. Give plain text.")
    return plain


def language(tag: str) -> str:
    """Return a language tag in lower case."""
    match = _TAG.fullmatch(tag.lower())
    if match is None or match[1] not in LANGUAGES:
        raise BadScript(f"There is no language {tag!r}. Give a code such as en, ja or en-gb.")
    return tag.lower()


def voice_name(name: str | None) -> str | None:
    """Return a voice's name; whether it is installed is known at the platform."""
    if name is not None and not _VOICE.fullmatch(name):
        raise BadScript(f"{name!r} is not the name of a voice: letters, digits, dots, hyphens, at most 64.")
    return name


def number_list(numbers: Sequence[str]) -> str:
    """Return telephone numbers as a transfer names them."""
    if not 1 <= len(numbers) <= MOST_NUMBERS:
        raise BadScript(f"A transfer calls 1 to {MOST_NUMBERS} numbers, not {len(numbers)}.")
    for number in numbers:
        digits = number.removeprefix("+").replace("-", "")
        if not _NUMBER.fullmatch(number) or not _E164.fullmatch(digits):
            raise BadScript(f"{number!r} is no number with its country code. Write it like +81-3-5550-0123.")
    return ",".join(numbers)


def whole(name: str, number: int | None, limits: tuple[int, int]) -> str | None:
    """Return a whole number within limits, both ends included."""
    if number is None:
        return None
    least, most = limits
    if type(number) is not int or not least <= number <= most:
        raise BadScript(f"{name} is a whole number from {least} to {most}, not {number!r}.")
    return str(number)


def choice(name: str, word: str | None, words: Sequence[str]) -> str | None:
    """Return one of a few words."""
    if word is not None and word not in words:
        raise BadScript(f"{name} cannot be {word!r}. It is one of {', '.join(words)}.")
    return word


def key(name: str, pressed: str | None) -> str | None:
    """Return one key of a telephone."""
    if pressed is not None and (len(pressed) != 1 or pressed not in KEYS):
        raise BadScript(f"{name} is one key of {KEYS}, not {pressed!r}.")
    return pressed


def url_or_self(target: str | None) -> str | None:
    """Return whom to ask next: a URL, or `self` for the action URL."""
    return target if target is None or target == "self" else url(target)
