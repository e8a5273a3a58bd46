"""One line, cut into words and options that know where they stood. Each pattern is linear in the line's length."""

import re
from dataclasses import dataclass
from unicodedata import category

from offhook_client.testing.problems import Wrong

_BLANKS = " \t"
_KEY = re.compile(r"([A-Za-z_][\w-]*+)=", re.ASCII)
_BARE = re.compile(r'[^ \t"]*+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_ESCAPE = re.compile(r"\\(.)")
_MEANT = {'"': '"', "\\": "\\", "n": "\n"}
_OTHER_QUOTES = "'`´‘’‚‛“”„‟«»‹›＂＇"
_HTML_QUOTE = re.compile(r"&(?:quot|#34|#39|#x27|apos);")
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Word:
    """An argument or a value: what it means, and where it stands (column from 1, length with its quotes)."""

    text: str
    column: int
    length: int
    is_quoted: bool = False

    def wrong(self, code: str, sentence: str) -> Wrong:
        """Tell that this word is wrong."""
        return Wrong(code, self.column, self.length, sentence)


@dataclass(frozen=True, slots=True)
class Option:
    """A `key=value`; the key is in lower case."""

    key: Word
    value: Word

    @property
    def whole(self) -> Word:
        """Key and value together."""
        length = self.value.column + self.value.length - self.key.column
        return Word(self.key.text, self.key.column, length)


def cut(text: str) -> tuple[Word, list[Word], list[Option]]:
    """Return the verb, the words and the options of a line that is not blank; raises Wrong."""
    verb, position = _word(text, _past_blanks(text, 0))
    words: list[Word] = []
    options: list[Option] = []
    while (position := _past_blanks(text, position)) < len(text):
        key = _KEY.match(text, position)
        value, end = _word(text, key.end() if key else position)
        if key:
            options.append(Option(Word(key[1], position + 1, len(key[1])), value))
        else:
            words.append(value)
        position = end
    return verb, words, options


def _word(text: str, start: int) -> tuple[Word, int]:
    return _quoted(text, start) if text.startswith('"', start) else _bare(text, start)


def _quoted(text: str, start: int) -> tuple[Word, int]:
    match = _QUOTED.match(text, start)
    if match is None:
        length = len(text.rstrip(_BLANKS)) - start
        raise Wrong("unclosed-quote", start + 1, length, 'this quote is never closed with " on the same line')
    end = match.end()
    if text[end : end + 1].strip(_BLANKS):
        raise Wrong("unquoted-text", end + 1, 1, 'the text goes on behind its closing quote; inside it write \\"')
    for escape in _ESCAPE.finditer(text, match.start(1), match.end(1)):
        if escape[1] not in _MEANT:
            what = f'there is no escape {escape[0]}, only \\", \\\\ and \\n'
            raise Wrong("unquoted-text", escape.start() + 1, 2, what)
    meant = _ESCAPE.sub(lambda escape: _MEANT[escape[1]], match[1])
    return Word(meant, start + 1, end - start, is_quoted=True), end


def _bare(text: str, start: int) -> tuple[Word, int]:
    match = _BARE.match(text, start)
    assert match is not None, "nothing is a word, too"
    end = match.end()
    if html := _HTML_QUOTE.match(text, start):
        raise Wrong("unquoted-text", start + 1, len(html[0]), "this quote was escaped for HTML; send plain text")
    if text[start : start + 1] and text[start] in _OTHER_QUOTES:
        last = max(text.rfind(quote, start + 1) for quote in _OTHER_QUOTES)
        stop = last + 1 if last > start else len(text.rstrip(_BLANKS))
        raise Wrong("unquoted-text", start + 1, stop - start, f'{text[start]} is no quote here; write "')
    for index, one in enumerate(match[0], start):
        if _is_odd_blank(one):
            raise Wrong("unquoted-text", index + 1, 1, f"this is no plain blank, but U+{ord(one):04X}; quote the text")
    if text.startswith('"', end):
        raise Wrong("unquoted-text", end + 1, 1, "a quote begins in the middle of a word")
    return Word(match[0], start + 1, end - start), end


def _is_odd_blank(one: str) -> bool:
    # A character that is not seen counts as well; joiners are part of words in Persian, Hindi and emoji.
    return not one.isascii() and one not in _JOINERS and category(one) in {"Zs", "Zl", "Zp", "Cf"}


def _past_blanks(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip(_BLANKS))
