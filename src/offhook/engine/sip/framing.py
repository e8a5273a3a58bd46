"""A stream of bytes cut into messages (RFC 3261 sections 7.5 and 18.3), and the keep-alives between them.

Where a message ends is said by its Content-Length alone. A stream that leaves any doubt about it is no use any
more: what follows could be a message that somebody hid in a body.
"""

import re

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.parser import MESSAGE_LIMIT

HEAD_LIMIT = 32 * 1024
"""Bytes of a message's headers, of those that come by streams."""
PING = b"\r\n\r\n"
PONG = b"\r\n"
"""RFC 5626 section 4.4.1"""

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_DIGITS = re.compile(rb"[0-9]{1,5}")


class Framing:
    """One stream as it arrives."""

    __slots__ = ("_buffer", "_searched", "_wanted")

    def __init__(self) -> None:
        self._buffer = bytearray()
        # So many bytes the next message has, once its headers are here; 0 before.
        self._wanted = 0
        # So far there is no end of the headers.
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now, and `PING` for each that is to be answered with `PONG`.

        Raises `MalformedMessage` where it cannot be told where a message ends.
        """
        self._buffer += data
        found: list[bytes] = []
        while message := self._next():
            found.append(message)
        return found

    def _next(self) -> bytes | None:
        buffer = self._buffer
        if not self._wanted:
            if buffer.startswith(PING):
                del buffer[: len(PING)]
                return PING
            # A line end before a message is allowed (section 7.5); alone it may be half a ping.
            while buffer.startswith(PONG) and len(buffer) > len(PONG) and buffer[2:3] != b"\r":
                del buffer[: len(PONG)]
            if not self._measure():
                return None
        if len(buffer) < self._wanted:
            return None
        message = bytes(buffer[: self._wanted])
        del buffer[: self._wanted]
        self._wanted = self._searched = 0
        return message

    def _measure(self) -> bool:
        """Read how long the message is, if its headers are here."""
        buffer = self._buffer
        end = buffer.find(_END_OF_HEAD, self._searched)
        if end < 0:
            if len(buffer) > HEAD_LIMIT:
                raise MalformedMessage(f"the headers of a message are longer than {HEAD_LIMIT} bytes")
            self._searched = max(0, len(buffer) - len(_END_OF_HEAD) + 1)
            return False
        if end > HEAD_LIMIT:
            raise MalformedMessage(f"the headers of a message are longer than {HEAD_LIMIT} bytes")
        declared = set(_LENGTH.findall(bytes(buffer[: end + 2])))
        if len(declared) != 1:
            raise MalformedMessage("a message of a stream needs exactly one Content-Length")
        (length,) = declared
        if not _DIGITS.fullmatch(length):
            raise MalformedMessage("the Content-Length is not a number of at most five digits")
        self._wanted = end + len(_END_OF_HEAD) + int(length)
        if self._wanted > MESSAGE_LIMIT:
            raise MalformedMessage("a message is larger than 64 KiB", status=513)
        return True
