"""What stands in the answers: UTF-8 within 8 KiB, and actions that are understood."""

import re
from collections.abc import Sequence

from offhook.language import Code, draw
from offhook.testkit.findings import Check, Finding, failed, ok, warning
from offhook.testkit.replies import Reply

LONGEST_BYTES = 8 * 1024
LONG_BYTES = 6 * 1024

_BOM = b"\xef\xbb\xbf"
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_READ_AS_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def size(replies: Sequence[Reply]) -> Finding:
    """Judge the longest answer against the 8 KiB that are read."""
    if any(_has(reply, Code.TOO_LONG) for reply in replies):
        return failed(
            Check.SIZE, "an answer is longer than 8 KiB", "Answer a few lines; lead on with redirect or next=."
        )
    longest = max((len(reply.body) for reply in replies if reply.body is not None), default=0)
    if longest > LONG_BYTES:
        return warning(
            Check.SIZE,
            f"the longest answer has {longest:,} bytes; no more than {LONGEST_BYTES:,} are read",
            "Keep answers short: play long texts as sounds.",
        )
    return ok(Check.SIZE, f"the longest answer has {longest:,} bytes of {LONGEST_BYTES:,}")


def utf_8(replies: Sequence[Reply]) -> Finding:
    """Judge whether every answer is UTF-8 text."""
    wrong = {reply.drawn: None for reply in replies if _has(reply, Code.NOT_UTF8)}
    if wrong:
        return failed(
            Check.UTF_8, "an answer is not UTF-8 text", "Encode answers as UTF-8, whatever the database has.", wrong
        )
    return ok(Check.UTF_8, "every answer is UTF-8")


def bom(replies: Sequence[Reply]) -> Finding:
    """Tell of byte order marks; they do no harm."""
    marked = sum(reply.body is not None and reply.body.startswith(_BOM) for reply in replies)
    return ok(Check.BOM, f"{marked} answers begin with a byte order mark, which is overlooked" if marked else "none")


def zero_byte(replies: Sequence[Reply]) -> Finding:
    """Judge answers that hold a byte 0: they are UTF-16, a binary file, or a string of C cut too late."""
    if any(reply.body is not None and b"\0" in reply.body for reply in replies):
        return failed(Check.ZERO_BYTE, "an answer holds a byte 0", "Send text only, as UTF-8 and not as UTF-16.")
    return ok(Check.ZERO_BYTE, "none")


def charset(replies: Sequence[Reply]) -> Finding:
    """Judge what the answers claim to be, since Offhook reads all of them as UTF-8."""
    named: dict[str, bool] = {}
    for reply in replies:
        match = _CHARSET.search(reply.hops[-1].headers.get("content-type", "")) if reply.hops else None
        if match and reply.body is not None and match[1].lower() not in _READ_AS_UTF_8:
            named[match[1]] = named.get(match[1], True) and reply.body.isascii()
    if not named:
        return ok(Check.CHARSET, "no answer claims to be anything but UTF-8")
    told = "so far only ASCII came" if all(named.values()) else "other letters than ASCII came"
    return warning(
        Check.CHARSET,
        f"answers claim the charset {', '.join(sorted(named))}, but are read as UTF-8; {told}",
        "Say Content-Type: text/plain; charset=utf-8, and encode that way.",
    )


def grammar(replies: Sequence[Reply]) -> Finding:
    """Judge the text of all answers: mistakes with their carets, then what is only odd."""
    errors: dict[str, None] = {}
    warnings: dict[str, None] = {}
    for reply in replies:
        if reply.body is None or reply.parsed is None:
            continue
        into = warnings if reply.is_usable else errors
        for problem in reply.parsed.problems:
            into[draw(problem, reply.body)] = None
    if errors:
        return failed(
            Check.GRAMMAR,
            "an answer cannot be understood",
            "Check texts with offhook actions lint; the client libraries write actions that are quoted rightly.",
            [*errors, *warnings],
        )
    if warnings:
        return warning(Check.GRAMMAR, "an answer is understood, but odd", "Change what the carets show.", warnings)
    return ok(Check.GRAMMAR, "every answer is understood")


def _has(reply: Reply, code: Code) -> bool:
    """Tell whether this is what is wrong with an answer, be it found in its text or before it was whole."""
    if reply.parsed is None:
        return reply.code == code
    return any(problem.code is code for problem in reply.parsed.problems)
