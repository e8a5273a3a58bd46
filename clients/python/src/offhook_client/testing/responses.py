"""What came back from an action server, whoever it is, and the few words by which a test shows it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx2

from offhook_client.script import LONGEST_TEXT_BYTES
from offhook_client.testing.failures import CallFailed
from offhook_client.testing.problems import harmless

MORE_THAN_IS_READ = LONGEST_TEXT_BYTES + 1
SHOWN_LINES = 5
SHOWN_WIDTH = 100

_TITLE = re.compile(r"<title[^>]*>\s*([^<]*?)\s*</title", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; of the body at most one byte more than may be read."""

    status: int
    headers: httpx2.Headers
    body: bytes

    @property
    def shown(self) -> str:
        """Return the beginning of the body for people: of a page its title, of a text its first lines."""
        text = self.body.decode(errors="replace")
        if title := _TITLE.search(text):
            return harmless(f"<title>{title[1]}</title>"[:SHOWN_WIDTH])
        lines = [harmless(line)[:SHOWN_WIDTH] for line in text.splitlines() if line.strip()]
        return "\n".join([*lines[:SHOWN_LINES], *["…"] * (len(lines) > SHOWN_LINES)])


def of_broken_application(error: Exception) -> Response:
    """Return what a server makes of an exception of its application, with the exception as its body."""
    return Response(500, httpx2.Headers(), f"{type(error).__name__}: {error}".encode(errors="replace"))


def headers_of(pairs: Iterable[Any], standard: str) -> httpx2.Headers:
    """Read the headers that an application gives; raises CallFailed."""
    try:
        return httpx2.Headers([(name, value) for name, value in pairs])
    except (TypeError, ValueError, AttributeError) as error:
        raise CallFailed(f"The application's headers are no pairs as {standard} wants them: {error}.") from None


def piece_of(body: Any, standard: str) -> bytes:
    """Return a piece of a body; raises CallFailed."""
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    cure = "return a list with them in it" if isinstance(body, int) else "encode it as UTF-8"
    raise CallFailed(f"The application's body holds {body!r}, but {standard} wants bytes: {cure}.")
