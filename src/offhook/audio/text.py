"""Text on its way to a voice: cleaned, cut into sentences, and cut again where a voice would choke.

Measured traps: Pico hangs for ever on a word of 300 bytes and fails on 60 digits in a row, obeys `<tags>`
(one of them writes files), and makes five minutes of "?!?!?!"; Hibari fails on 300 digits and on
numerals of other scripts, and reads `[x](/y/)` as a pronunciation. SSML is read as words.
"""

import re
import unicodedata

MOST_WORDS = 40
MOST_WORD_CHARS = 30
MOST_KANA = 60

_BRACKETS = str.maketrans(dict.fromkeys("<>[]{}|\\^~", " "))
_STOPS_IN_A_ROW = re.compile(r"([.!?,;:…])(?:\s*[.!?,;:…])+")
_LONG_WORD = re.compile(rf"\S{{{MOST_WORD_CHARS}}}(?=\S)")
# Ten digits and more are a telephone or order number, which is read digit by digit.
_LONG_NUMBER = re.compile(r"\d{10,}")
_SENTENCE_END = re.compile(r"(?P<stop>[.!?…])[\"')\]”’»]*\s+(?=\S)|\n+")
# What a full stop may follow without ending a sentence, beside single letters (initials, "z. B.") and small numbers
# (an ordinal in German). Of a word that is missing here only a pause in the wrong place comes.
_ENGLISH = (
    "mr mrs ms dr prof st no nos vs etc inc ltd co corp jr sr rev gen col capt lt sgt ave blvd rd dept est approx ext "
    "tel fig al eg ie a.m p.m e.g i.e u.s u.k jan feb mar apr jun jul aug sep sept oct nov dec"
)
_GERMAN = "bzw ca evtl ggf usw nr str hr fr abs bspw vgl zzgl inkl z.b d.h u.a"
_ROMANCE = "mme mlle env av bd p.ex sra srta dra ud uds avda núm pág dott dott.ssa sig sigg sig.ra sig.na ecc avv ing"
_ABBREVIATIONS = frozenset(f"{_ENGLISH} {_GERMAN} {_ROMANCE}".split())
_CLAUSE_END = re.compile(r"(?<=[,;:—])\s+")
_JAPANESE_END = re.compile(r"(?<=[。！？!?])(?![。！？!?」』）)])|\n+")
_JAPANESE_CLAUSE_END = re.compile(r"(?<=[、，,;；：])|\s+")


def cleaned(text: str) -> str:
    """Return the text without anything that is not for reading; line ends stay, as ends of sentences."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(char if char == "\n" or unicodedata.category(char)[0] != "C" else " " for char in text)
    text = _STOPS_IN_A_ROW.sub(r"\1", text.translate(_BRACKETS))
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def sentences(text: str) -> list[str]:
    """Cut a text of a language with blanks into pieces of at most 40 words of at most 30 characters."""
    text = "".join(_plain(char) for char in cleaned(text))
    text = _LONG_NUMBER.sub(lambda number: " ".join(number[0]), text)
    text = _LONG_WORD.sub(r"\g<0> ", text)
    whole = [sentence for sentence in _cut(text) if _is_speakable(sentence)]
    return [piece for sentence in whole for piece in _packed(_CLAUSE_END.split(sentence)) if _is_speakable(piece)]


def _cut(text: str) -> list[str]:
    """Cut a cleaned text where its sentences end."""
    pieces, begin = [], 0
    for end in _SENTENCE_END.finditer(text):
        stop = end.start("stop")
        if end["stop"] != "." or _ends_sentence(text[begin:stop], text[end.end()]):
            pieces.append(text[begin : end.start() if stop < 0 else stop + 1])
            begin = end.end()
    return [*pieces, text[begin:]]


def _ends_sentence(before: str, following: str) -> bool:
    """Tell whether a full stop between a text and a character is the end of a sentence."""
    word = before.rpartition(" ")[2].strip("\"'([“‘«¿¡").lower()
    if len(word) < 2 or (word.isdigit() and len(word) < 3) or word in _ABBREVIATIONS:
        return False
    return not following.islower()


def japanese_sentences(text: str) -> list[str]:
    """Cut a Japanese text into pieces of at most 60 characters."""
    pieces: list[str] = []
    for sentence in _JAPANESE_END.split(cleaned(text)):
        current = ""
        for clause in _JAPANESE_CLAUSE_END.split(sentence):
            if current and len(current) + len(clause) > MOST_KANA:
                pieces.append(current)
                current = ""
            current += clause
            while len(current) > MOST_KANA:
                pieces.append(current[:MOST_KANA])
                current = current[MOST_KANA:]
        pieces.append(current)
    return [piece for piece in pieces if _is_speakable(piece)]


def _plain(char: str) -> str:
    """Return a numeral of any script (٣, ½, ②) as digits that every voice reads, or as a blank."""
    if char.isascii() or unicodedata.category(char)[0] != "N":
        return char
    plain = unicodedata.normalize("NFKC", char).replace("\N{FRACTION SLASH}", "/")
    return plain if plain.isascii() else str(unicodedata.digit(char, " "))


def _packed(clauses: list[str]) -> list[str]:
    """Join clauses as long as they stay within the limit of words; cut those that are longer alone."""
    pieces: list[str] = []
    current: list[str] = []
    for words in (clause.split() for clause in clauses):
        if current and len(current) + len(words) > MOST_WORDS:
            pieces.append(" ".join(current))
            current = []
        current += words
        while len(current) > MOST_WORDS:
            pieces.append(" ".join(current[:MOST_WORDS]))
            current = current[MOST_WORDS:]
    return [*pieces, " ".join(current)]


def _is_speakable(text: str) -> bool:
    return any(char.isalnum() for char in text)
