"""Messages between processes: four bytes of length, then JSON (a list: the name, then the fields)."""

import json
from struct import Struct

from offhook.errors import ProtocolError

FRAME_LIMIT = 1 << 20

_LENGTH = Struct(">I")

Fields = list[object]


def encode(fields: Fields) -> bytes:
    """Write one frame."""
    body = json.dumps(fields, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Bytes in as they come, whole frames out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Fields]:
        """Take bytes; return the frames that are complete. Raises `ProtocolError` for what is none."""
        self._buffer += data
        frames: list[Fields] = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if length > FRAME_LIMIT:
                raise ProtocolError(f"a frame claims {length} bytes")
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            frames.append(_fields(self._buffer[start + _LENGTH.size : end]))
            start = end
        del self._buffer[:start]
        return frames


def _fields(body: bytearray) -> Fields:
    try:
        found = json.loads(body)
    except ValueError:
        raise ProtocolError("a frame is not JSON") from None
    if not isinstance(found, list):
        raise ProtocolError("a frame is not a list")
    return found
