"""From the bytes of an answer to its lines, or the reason why they are not text at all."""

import re

from offhook.language.errors import WrongText
from offhook.language.grammar import LONGEST_ANSWER_BYTES
from offhook.language.problems import Code, Place

_BOM = "\ufeff".encode()
_BREAK = re.compile(r"\r\n|\r|\n")
# Everything that Unicode calls a control character except tab and the line breaks.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_XML = (b"<?xml", b"<response", b"<soap")
_PHP = b"<?php"
_FILES = (
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"%PDF", "a document (PDF)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"PK\x03\x04", "an archive (ZIP)"),
    (b"ID3", "a sound (MP3)"),
    (b"\xff\xfb", "a sound (MP3)"),
    (b"RIFF", "a sound (WAV)"),
    (b"OggS", "a sound (OGG)"),
)
_EAST_ASIAN = (("cp932", "Shift_JIS"), ("euc_jp", "EUC-JP or GB 18030"))
# Kana, common ideographs, hangul, and the marks and digits that stand between them; no half-width kana, which any
# bytes of EUC are in Shift_JIS.
_USUAL = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]")
_HIGH = 0x80
_EVERY_THIRD = 3
# Latin-1 and its like are mostly ASCII, with a letter above it here and there.
_RARE = 4
_PLAIN = 'answer with plain text such as: say en "Hello"'


def lines_of(source: str | bytes) -> list[str]:
    """Cut a source into lines as the parser counts them, whatever its bytes are; never empty."""
    return _BREAK.split(_bytes(source).decode(errors="replace"))


def read(source: str | bytes) -> list[str]:
    """Return the lines of an answer, or raise `WrongText` when it cannot be text of actions.

    A byte order mark is dropped; CRLF, CR and LF end a line. Control characters are refused and
    not stripped: they are a sign of a binary file, and what a voice would make of them is unknown.
    """
    content = _bytes(source)
    _refuse_other_formats(content)
    _refuse_length(content)
    text = _decoded(content)
    if control := _CONTROL.search(text):
        place = _place_after(text[: control.start()])
        raise WrongText(Code.NOT_UTF8, place, *(_file(content) or _control(text, ord(control[0]))))
    return _BREAK.split(text)


def _bytes(source: str | bytes) -> bytes:
    # A lone surrogate in a `str` has no UTF-8; it is let through here and found when it is decoded.
    content = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    return content.removeprefix(_BOM)


def _refuse_other_formats(content: bytes) -> None:
    # Before the length, because an error page of a framework is usually too long as well.
    opening = content[:LONGEST_ANSWER_BYTES].lstrip().lower()
    if not opening.startswith((b"<", b"{", b"[")):
        return
    place = _place_after(content[: content.index(opening[:1])].decode(errors="replace"))
    if opening.startswith((b"{", b"[")):
        raise WrongText(Code.UNKNOWN_VERB, place, "the answer is JSON, not lines of actions", _PLAIN)
    if opening.startswith(_PHP):
        sentence = "the answer is the source of a PHP program, not what it prints"
        raise WrongText(Code.LOOKS_LIKE_HTML, place, sentence, "let the web server run PHP for this path")
    if opening.startswith(_XML):
        raise WrongText(Code.LOOKS_LIKE_HTML, place, "the answer is XML, not lines of actions", _PLAIN)
    raise WrongText(
        Code.LOOKS_LIKE_HTML,
        place,
        "the answer is a web page (HTML), not lines of actions",
        "is it an error or login page? open the action URL yourself and look",
    )


def _refuse_length(content: bytes) -> None:
    if len(content) > LONGEST_ANSWER_BYTES:
        raise WrongText(
            Code.TOO_LONG,
            _place_after(content[:LONGEST_ANSWER_BYTES].decode(errors="ignore")),
            f"the answer has {len(content):,} bytes; at most {LONGEST_ANSWER_BYTES:,} are read",
            "shorten the texts, or play a recorded sound with playback",
        )


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        sentence = f"the answer is not UTF-8: byte 0x{content[error.start]:02X} cannot stand here"
        told = _file(content) or (sentence, _encoding_hint(content))
        raise WrongText(Code.NOT_UTF8, _place_after(content[: error.start].decode()), *told) from None


def _control(text: str, number: int) -> tuple[str, str]:
    """Say what a control character is a sign of."""
    if not number and text.count("\0") * _EVERY_THIRD > len(text):
        return (
            "every other byte of the answer is zero, so it is not UTF-8",
            "it looks like UTF-16; encode the answer as UTF-8",
        )
    return (
        f"the answer has a control character (U+{number:04X}), so it is not plain text",
        "answer with plain UTF-8 text, not compressed or binary; a line break in a text is written \\n",
    )


def _file(content: bytes) -> tuple[str, str] | None:
    """Say which file an answer is that is no text; None if it begins as none that is known."""
    name = next((name for mark, name in _FILES if content.startswith(mark)), "")
    if not name:
        return None
    hint = _PLAIN
    if "sound" in name:
        hint = "to play it, answer with a line that names its URL: playback https://example.com/hello.mp3"
    elif "gzip" in name:
        hint = "switch compression off for this URL: we ask for none"
    return f"the answer is {name}, not lines of actions", hint


def _encoding_hint(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it looks like UTF-16; encode the answer as UTF-8"
    if encoding := _east_asian(content):
        return f"it may be {encoding}; encode the answer as UTF-8"
    if sum(byte >= _HIGH for byte in content) * _RARE < len(content):
        return "it may be Latin-1 or Windows-1252; encode the answer as UTF-8"
    return "encode the answer as UTF-8"


def _east_asian(content: bytes) -> str:
    """Guess an encoding of Japanese or Chinese: one in which all of it is letters that people write."""
    for encoding, name in _EAST_ASIAN:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = [character for character in text if not character.isascii()]
        if foreign and all(_USUAL.fullmatch(character) for character in foreign):
            return name
    return ""


def _place_after(text: str) -> Place:
    lines = _BREAK.split(text)
    return Place(line=len(lines), column=len(lines[-1]) + 1)
