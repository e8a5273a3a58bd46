"""Bytes to message, strictly and once (RFC 3261 section 7).

What the grammar forbids is refused with a sentence; what could be read of a broken request
travels with the refusal, so that it can be answered 400 where its Via allows.
"""

import re

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import CANONICAL, canonical, parse_cseq
from offhook.engine.sip.message import Message, Request, Response

MESSAGE_LIMIT = 65_536
HEADERS_OF_A_KIND_LIMIT = 64
HEADER_LINES_LIMIT = 256
HEADER_LINE_LIMIT = 8_192
"""The longest header line in characters, unfolded."""

_FOLD = re.compile(r"\r\n[ \t]+")
_METHOD = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}")
_SMUGGLED = frozenset("\x00\r\n")
# A NUL is only legal as a quoted pair of a name (RFC 3261 section 25.1, RFC 4475 section 3.1.1.2).
_QUOTED_NUL = re.compile(
    r'(?:To|From|Contact|[tfm])[ \t]*:(?:[^"\x00\r\n]|"(?:[^"\\\x00\r\n]|\\[^\r\n])*")*', re.IGNORECASE | re.ASCII
)
_ONCE = ("From", "To", "Call-ID", "CSeq")
_AT_MOST_ONCE = ("Content-Length", "Max-Forwards", "Content-Type")


class BrokenRequest(MalformedMessage):
    """A request that broke the grammar after its headers had been told apart."""

    def __init__(self, sentence: str, status: int, method: str, headers: dict[str, list[str]]) -> None:
        super().__init__(sentence, status)
        self.method = method
        self.headers = headers


def parse(data: bytes) -> Message:
    """Parse one datagram.

    Raises `BrokenRequest` when a request can be answered, `MalformedMessage` when nothing can.
    """
    lines, body, is_suspect = _lines(data)
    start = lines[0]
    if start[:4].upper() == "SIP/":
        headers, complaint = _headers(lines, is_suspect=is_suspect)
        if complaint:
            raise MalformedMessage(complaint)
        return _response(start, headers, body)
    method, _, rest = start.partition(" ")
    uri, _, version = rest.rpartition(" ")
    if not version:
        uri, _, version = rest.rstrip(" ").rpartition(" ")
    if not _METHOD.fullmatch(method) or version[:4].upper() != "SIP/":
        raise MalformedMessage("the first line is neither a request nor a status line")
    headers, complaint = _headers(lines, is_suspect=is_suspect)
    if start.endswith(" "):
        complaint = "the first line ends with blanks"
    if complaint:
        raise BrokenRequest(complaint, 400, method, headers)
    try:
        return _request(method, uri, version, headers, body)
    except MalformedMessage as error:
        raise BrokenRequest(error.sentence, error.status, method, headers) from None


def _lines(data: bytes) -> tuple[list[str], bytes, bool]:
    """Return the first line and those of the headers, the body, and whether a line has to be looked at twice."""
    if len(data) > MESSAGE_LIMIT:
        raise MalformedMessage("the message is larger than 64 KiB", status=513)
    head, end, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not end:
        raise MalformedMessage("the headers do not end with an empty line")
    text = head.decode("utf-8", "surrogateescape")
    if "\r\n " in text or "\r\n\t" in text:
        if _FOLD.match(text, text.index("\r\n")):
            # Section 7.1: no folding before the headers.
            raise MalformedMessage("the first line goes on in a second one")
        text = _FOLD.sub(" ", text)
    lines = text.split("\r\n")
    breaks = len(lines) - 1
    is_smuggling = "\x00" in text or text.count("\n") != breaks or text.count("\r") != breaks
    if is_smuggling and not _SMUGGLED.isdisjoint(lines[0]):
        raise MalformedMessage("the first line contains a NUL or a lone CR or LF")
    return lines, body, is_smuggling or len(text) > HEADER_LINE_LIMIT


def _headers(lines: list[str], *, is_suspect: bool) -> tuple[dict[str, list[str]], str]:
    """Tell the headers apart, and what is wrong with a line of theirs, if anything is."""
    complaint = ""
    if len(lines) > HEADER_LINES_LIMIT:
        complaint = f"there are more than {HEADER_LINES_LIMIT} header lines"
    headers: dict[str, list[str]] = {}
    for line in lines[1:HEADER_LINES_LIMIT]:
        if is_suspect and (suspicion := _suspicion(line)):
            # Nothing of the line is read or echoed.
            complaint = suspicion
            continue
        name, colon, value = line.partition(":")
        try:
            name = CANONICAL.get(name) or canonical(name.rstrip(" \t"))
        except MalformedMessage as error:
            complaint = error.sentence
            continue
        if not colon:
            complaint = "a header line has no colon"
        elif name not in headers:
            headers[name] = [value.strip(" \t")]
        elif len(headers[name]) < HEADERS_OF_A_KIND_LIMIT:
            headers[name].append(value.strip(" \t"))
        else:
            complaint = f"there are more than {HEADERS_OF_A_KIND_LIMIT} headers {name}"
    return headers, complaint


def _suspicion(line: str) -> str:
    if len(line) > HEADER_LINE_LIMIT:
        return f"a header is longer than {HEADER_LINE_LIMIT:,} characters"
    # A lone CR or LF, or a NUL, is how one message is smuggled inside another.
    if _SMUGGLED.isdisjoint(line) or _QUOTED_NUL.fullmatch(line):
        return ""
    return "a header contains a NUL or a lone CR or LF"


def _body(headers: dict[str, list[str]], body: bytes) -> bytes:
    """Cut the body to its declared length; bytes behind it are nothing (section 18.3)."""
    declared = headers.get("Content-Length")
    if declared is None:
        # Over UDP the body then reaches to the datagram's end (section 18.3).
        return body
    if not declared[0].isascii() or not declared[0].isdigit() or len(declared[0]) > 9:
        raise MalformedMessage("Content-Length is not a number of bytes")
    length = int(declared[0])
    if length > len(body):
        raise MalformedMessage("Content-Length promises more bytes than there are")
    return body[:length]


def _request(method: str, uri: str, version: str, headers: dict[str, list[str]], body: bytes) -> Request:
    # The version may be spelt in small letters (section 7.1).
    if version != "SIP/2.0" and version.upper() != "SIP/2.0":
        raise MalformedMessage(f"the version {version[:20]!r} is not supported", status=505)
    cseq, cseq_method = _check(headers)
    if cseq_method != method:
        raise MalformedMessage("the method of CSeq is not the request's")
    if not uri or uri != uri.strip() or " " in uri:
        raise MalformedMessage("the Request-URI is empty or contains blanks")
    hops = headers.get("Max-Forwards")
    if hops and not (hops[0].isascii() and hops[0].isdigit() and len(hops[0]) <= 9 and int(hops[0]) <= 255):
        raise MalformedMessage("Max-Forwards is not a number from 0 to 255")
    return Request(method, uri, headers, _body(headers, body), cseq)


def _response(start: str, headers: dict[str, list[str]], body: bytes) -> Response:
    version, _, rest = start.partition(" ")
    code, _, reason = rest.partition(" ")
    if (
        version.upper() != "SIP/2.0"
        or len(code) != 3
        or not (code.isascii() and code.isdigit())
        or not "1" <= code[0] <= "6"
    ):
        raise MalformedMessage("the status line is not well formed")
    cseq, method = _check(headers)
    return Response(int(code), reason, headers, _body(headers, body), cseq, method)


def _check(headers: dict[str, list[str]]) -> tuple[int, str]:
    if "Via" not in headers:
        raise MalformedMessage("there is no Via header")
    for name in _ONCE:
        values = headers.get(name)
        if values is None or not values[0]:
            raise MalformedMessage(f"there is no {name} header")
        if len(values) > 1:
            raise MalformedMessage(f"there is more than one {name} header")
    for name in _AT_MOST_ONCE:
        if name in headers and len(headers[name]) > 1:
            raise MalformedMessage(f"there is more than one {name} header")
    return parse_cseq(headers["CSeq"][0])
