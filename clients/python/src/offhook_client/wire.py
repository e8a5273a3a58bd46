"""What of HTTP both clients share: headers that go out, answers that come in, and why none came."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2

from offhook_client.answers import Answer
from offhook_client.asks import Ask
from offhook_client.errors import (
    ConnectionBroken,
    ConnectionRefused,
    HostNotFound,
    NetworkError,
    TimedOut,
    TlsFailed,
    UnexpectedAnswer,
)

USER_AGENT = "offhook-client-python/0.1.0"
# A few compressed bytes can become gigabytes, so nothing compressed is asked for, and none is unpacked.
HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
_LONGEST_RETRY_AFTER = 10
"""Digits."""
_LONGEST_REASON = 200


def headers_of(ask: Ask[object]) -> dict[str, str]:
    """Return the headers of a request."""
    headers = {"Accept": ask.accept}
    if ask.body is not None:
        headers["Content-Type"] = "application/json"
    if ask.key is not None:
        headers["Idempotency-Key"] = ask.key
    return headers


class Incoming:
    """A body on its way, at most as long as its request allows."""

    def __init__(self, where: str, response: httpx2.Response, largest: int) -> None:
        self._where, self._response, self._largest = where, response, largest
        self._body = bytearray()
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            what = "The answer is compressed, which nobody asked for; a proxy on the way may have done it."
            raise UnexpectedAnswer(where, response.status_code, what)

    def add(self, chunk: bytes) -> None:
        """Take a part; raises UnexpectedAnswer if it is too much."""
        self._body += chunk
        if len(self._body) > self._largest:
            what = f"The answer is longer than {self._largest:,} bytes."
            raise UnexpectedAnswer(self._where, self._response.status_code, what)

    def answer(self, now: float) -> Answer:
        """Return what came; `now` is Unix time."""
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        wait_s = retry_after_s(headers.get("retry-after", ""), now)
        return Answer(self._where, self._response.status_code, headers, bytes(self._body), wait_s)


def retry_after_s(written: str, now: float) -> float | None:
    """Read a Retry-After, seconds or a date (RFC 9110 section 10.2.3); None if there is none that can be read."""
    if written.isascii() and written.isdigit():
        return float(written[:_LONGEST_RETRY_AFTER])
    try:
        at = parsedate_to_datetime(written)
        return max(0.0, at.replace(tzinfo=at.tzinfo or UTC).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def network_error(where: str, error: httpx2.RequestError) -> NetworkError:
    """Say why no answer came."""
    if isinstance(error, httpx2.TimeoutException):
        return TimedOut(where)
    for cause in _causes(error):
        match cause:
            case socket.gaierror():
                return HostNotFound(where)
            case ssl.SSLError():
                return TlsFailed(where, str(cause))
            case ConnectionRefusedError():
                return ConnectionRefused(where)
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError | httpx2.UnsupportedProtocol):
        return NetworkError(where, str(error))
    return ConnectionBroken(where, str(error)[:_LONGEST_REASON])


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__context__, cause.__cause__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
