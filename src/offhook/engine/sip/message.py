"""Requests and responses as values, and how they are written to bytes.

Header values are kept in the order of each name, as received, unfolded. Text is UTF-8;
bytes that are not come in as surrogates and go out as the same bytes (RFC 3261 section 7.3.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import split_lists

Headers = Mapping[str, Sequence[str]]
Fields = Iterable[tuple[str, str]]

SDP = "application/sdp"

REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    469: "Bad Info Package",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as received. `cseq` is its number; the method of CSeq equals `method`."""

    method: str
    uri: str
    headers: Headers
    body: bytes
    cseq: int

    def first(self, name: str) -> str:
        """Return the first value of a header, or an empty string."""
        values = self.headers.get(name)
        return values[0] if values else ""

    def values(self, name: str) -> list[str]:
        """Return every value of a list header, comma-separated ones taken apart. Raises as `split_lists`."""
        return split_lists(self.headers.get(name, ()))


@dataclass(frozen=True, slots=True)
class Response:
    """A response as received. `cseq` and `method` are those of its CSeq header."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    cseq: int
    method: str

    def first(self, name: str) -> str:
        """Return the first value of a header, or an empty string."""
        values = self.headers.get(name)
        return values[0] if values else ""

    def values(self, name: str) -> list[str]:
        """Return every value of a list header, comma-separated ones taken apart. Raises as `split_lists`."""
        return split_lists(self.headers.get(name, ()))


Message = Request | Response


def sdp_of(message: Message) -> bytes:
    """Return a message's session description, empty when its body is something else."""
    kind = message.first("Content-Type").partition(";")[0].strip().lower()
    return message.body if kind == SDP else b""


def write_request(method: str, uri: str, fields: Fields, body: bytes = b"") -> bytes:
    """Write a request; Content-Length is added, everything else is the caller's.

    Raises `MalformedMessage` for a value with a line break, which would become a header of its own.
    """
    return _write(f"{method} {uri} SIP/2.0\r\n", fields, body)


def write_response(status: int, fields: Fields, body: bytes = b"") -> bytes:
    """Write a response with the standard reason phrase; Content-Length is added. Raises as `write_request`."""
    return _write(f"SIP/2.0 {status} {REASONS.get(status, 'Unknown')}\r\n", fields, body)


def _write(start: str, fields: Fields, body: bytes) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in fields]
    head = start + "".join(lines)
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        raise MalformedMessage("a header to be written contains a line break")
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("utf-8", "surrogateescape") + body
