"""Cut one line into words and options, and know where each of them stood.

    say en "Hello \\"you\\"" loop=2     a verb, two words, one option

Linear in the length of the line whatever it holds: every pattern is possessive or fixed.
"""

import re
from dataclasses import dataclass
from unicodedata import category, name

from offhook.language.display import quoted, shortened
from offhook.language.errors import WrongText
from offhook.language.problems import Code, Place

_BLANKS = re.compile(r"[ \t]*+")
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*+)=")
_BARE = re.compile(r'[^ \t"]*+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_ESCAPE = re.compile(r"\\(.)")
_MEANINGS = {'"': '"', "\\": "\\", "n": "\n"}

# What word processors, other languages and habit put where a double quote belongs.
_FOREIGN_QUOTES = "'`´‘’‚‛“”„‟«»‹›＂＇"
_ESCAPED_QUOTES = ("&quot;", "&#34;", "&#39;", "&#x27;", "&apos;")
# Joiners are part of words in Persian and Hindi, and of emoji.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Word:
    """An argument or a value: its text without quotes, and the place of all of it."""

    place: Place
    text: str
    in_quotes: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A `key=value`."""

    place: Place
    key: str
    value: Word


@dataclass(frozen=True, slots=True)
class Line:
    """One action line, cut but not yet understood."""

    number: int
    text: str
    verb: Word
    words: tuple[Word, ...]
    options: tuple[Option, ...]


def is_action_line(text: str) -> bool:
    """Tell whether a line holds an action: it is neither blank nor a comment."""
    return text.strip(" \t")[:1] not in {"", "#"}


def cut(number: int, text: str) -> Line:
    """Cut an action line, or raise `WrongText` for quotes and blanks that are not the language's."""
    position = _blanks_end(text, 0)
    verb, position = _word(number, text, position)
    words: list[Word] = []
    options: list[Option] = []
    while (position := _blanks_end(text, position)) < len(text):
        if key := _KEY.match(text, position):
            value, end = _word(number, text, key.end())
            options.append(Option(_place(number, position, end), key[1], value))
        else:
            value, end = _word(number, text, position)
            words.append(value)
        position = end
    return Line(number, text, verb, tuple(words), tuple(options))


def odd_blank(text: str) -> int | None:
    """Return where the first blank stands that is not a plain one, or is not even seen; None without one."""
    for index, character in enumerate(text):
        if not character.isascii() and character not in _JOINERS and category(character) in {"Zs", "Zl", "Zp", "Cf"}:
            return index
    return None


def in_quotes(text: str) -> str:
    """Write a text as an argument."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _word(number: int, text: str, start: int) -> tuple[Word, int]:
    if text.startswith('"', start):
        return _quoted_word(number, text, start)
    return _bare_word(number, text, start)


def _quoted_word(number: int, text: str, start: int) -> tuple[Word, int]:
    match = _QUOTED.match(text, start)
    if match is None:
        raise _unclosed(number, text, start)
    end = match.end()
    if end < len(text) and text[end] not in " \t":
        raise WrongText(
            Code.UNQUOTED_TEXT,
            Place(number, end + 1),
            "the text goes on right after its closing quote",
            'a quote inside a text is written \\", and a blank stands after the last one',
        )
    content = match[1]
    for escape in _ESCAPE.finditer(content):
        if escape[1] not in _MEANINGS:
            raise WrongText(
                Code.UNQUOTED_TEXT,
                Place(number, match.start(1) + escape.start() + 1, 2),
                f"a text knows no escape {quoted(escape[0])}",
                'there are \\", \\\\ and \\n (line break); a backslash itself is written \\\\',
            )
    meaning = _ESCAPE.sub(lambda escape: _MEANINGS[escape[1]], content)
    return Word(_place(number, start, end), meaning, in_quotes=True), end


def _unclosed(number: int, text: str, start: int) -> WrongText:
    rest = text[start + 1 :].rstrip(" \t")
    if rest.endswith('\\"'):
        hint = 'the last quote is escaped: \\" is part of the text, only " closes it'
    elif rest and rest[-1] in _FOREIGN_QUOTES:
        hint = f'{rest[-1]} closes nothing, only a plain " does'
    else:
        hint = 'close it with " on the same line; a line break in a text is written \\n'
    return WrongText(
        Code.UNCLOSED_QUOTE, _place(number, start, len(text.rstrip(" \t"))), "this quote is never closed", hint
    )


def _bare_word(number: int, text: str, start: int) -> tuple[Word, int]:
    match = _BARE.match(text, start)
    assert match is not None
    word, end = match[0], match.end()
    _refuse_foreign_quotes(number, text, start)
    if (odd := odd_blank(word)) is not None:
        code = ord(word[odd])
        raise WrongText(
            Code.UNQUOTED_TEXT,
            Place(number, start + odd + 1),
            f"this is not a plain blank, but U+{code:04X} ({name(word[odd], 'no name').lower()})",
            "type a plain blank here; other blanks stand in quotes only",
        )
    if text.startswith('"', end):
        raise WrongText(
            Code.UNQUOTED_TEXT,
            Place(number, end + 1),
            "a quote begins in the middle of a word",
            'put a blank before the quote, or all of the text in quotes with \\" inside',
        )
    return Word(_place(number, start, end), word), end


def _refuse_foreign_quotes(number: int, text: str, start: int) -> None:
    if text.startswith(_ESCAPED_QUOTES, start):
        raise WrongText(
            Code.UNQUOTED_TEXT,
            Place(number, start + 1, text.index(";", start) + 1 - start),
            "this quote was turned into HTML",
            'send the text with plain " in it, not escaped for HTML',
        )
    if start < len(text) and text[start] in _FOREIGN_QUOTES:
        last = max(text.rfind(mark, start + 1) for mark in _FOREIGN_QUOTES)
        content = text[start + 1 : last] if last > start else text[start + 1 :].rstrip(" \t")
        end = last + 1 if last > start else len(text.rstrip(" \t"))
        raise WrongText(
            Code.UNQUOTED_TEXT,
            _place(number, start, end),
            f"{text[start]} is not a quote here",
            f"use plain double quotes: {shortened(in_quotes(content))}",
        )


def _blanks_end(text: str, start: int) -> int:
    match = _BLANKS.match(text, start)
    assert match is not None
    return match.end()


def _place(number: int, start: int, end: int) -> Place:
    return Place(number, start + 1, end - start)
