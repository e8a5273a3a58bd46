"""SIP messages of a record, made fit for a dissector where something secret was masked in them."""

import re

_UNKNOWN = 1
"""How much is said to be missing of a message that was cut before its length could be read."""
_LENGTH = re.compile(rb"^((?:content-length|l)[ \t]*:[ \t]*)[0-9]+", re.IGNORECASE | re.MULTILINE)
_MASKED_KEY = re.compile(rb"^a=(crypto:[^\r\n]*\(masked\))", re.IGNORECASE | re.MULTILINE)


def framed(data: bytes) -> tuple[bytes, int]:
    """Return a message that ends where it says, and how many of its bytes are missing.

    Where something was masked, its Content-Length does not count any more what is there: whoever reads a stream would
    read on into the next message, so it is told the length of what stands there. And `(masked)` is no key, of which a
    dissector would call the whole description malformed: the line gets a name that it passes over.
    """
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        return data, _UNKNOWN
    body = _MASKED_KEY.sub(rb"a=masked-\1", body)
    return _LENGTH.sub(rb"\g<1>%d" % len(body), head) + gap + body, 0
