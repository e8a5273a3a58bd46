"""From the bytes of an answer to its lines, unless they are no text of actions at all."""

import re

from offhook_client.script import LONGEST_TEXT_BYTES
from offhook_client.testing.problems import Wrong

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|[\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_OTHER_FORMAT = re.compile(rb"\s*(?:([{\[])|<)")


def lines_to_draw(answer: bytes) -> list[str]:
    """Return the lines as they are counted, whatever the bytes are."""
    return _LINE_END.split(answer.removeprefix(_BOM).decode(errors="replace"))


def lines_of(answer: bytes) -> list[str]:
    """Return the lines of an answer; raises Wrong."""
    content = answer.removeprefix(_BOM)
    if other := _OTHER_FORMAT.match(content, 0, LONGEST_TEXT_BYTES):
        before = content[: other.end() - 1].decode(errors="replace")
        if other[1]:
            raise _wrong("unknown-verb", before, "the answer is JSON, not lines of actions")
        raise _wrong("looks-like-html", before, "the answer is a page or XML, not lines of actions")
    if len(content) > LONGEST_TEXT_BYTES:
        before = content[:LONGEST_TEXT_BYTES].decode(errors="ignore")
        raise _wrong("too-long", before, f"the answer has {len(content):,} bytes; at most {LONGEST_TEXT_BYTES:,} run")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        what = f"the answer is not UTF-8: byte 0x{content[error.start]:02X} cannot stand here"
        raise _wrong("not-utf8", content[: error.start].decode(), what) from None
    if control := _CONTROL.search(text):
        what = f"the answer has a control character (U+{ord(control[0]):04X}), so it is no plain text"
        raise _wrong("not-utf8", text[: control.start()], what)
    return _LINE_END.split(text)


def _wrong(code: str, before: str, sentence: str) -> Wrong:
    lines = _LINE_END.split(before)
    return Wrong(code, len(lines[-1]) + 1, 1, sentence, line=len(lines))
