"""SIP messages as a database keeps them: JSON, compressed, and never more than a few thousand bytes a call.

What would be larger loses first the bodies and then all but the first lines: who said what and when stays.
"""

import json
import zlib
from collections.abc import Callable, Sequence

from offhook.domain.sip_messages import SipMessage

MOST_BYTES = 6 * 1024
"""Compressed. An answered call with a transfer takes about 2,000."""
_WRITER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
_LEVEL = 1
"""The fastest: higher ones take twice as long and save a fiftieth."""
_CUTS: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: data,
    lambda data: data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    lambda data: data.partition(b"\r\n")[0][:80],
)


def pack(messages: Sequence[SipMessage]) -> bytes | None:
    """Return messages as they are kept, None for none."""
    if not messages:
        return None
    packed = b""
    for cut in _CUTS:
        rows = [
            # Latin-1 is a byte for a character, so any byte comes back as it was.
            (one.at_ms, one.leg, one.is_ours, one.transport, one.local, one.peer, cut(one.data).decode("latin-1"))
            for one in messages
        ]
        packed = zlib.compress(_WRITER.encode(rows).encode(), _LEVEL)
        if len(packed) <= MOST_BYTES:
            break
    return packed


def unpack(packed: bytes | None) -> list[SipMessage]:
    """Read what `pack` wrote."""
    if not packed:
        return []
    return [
        SipMessage(at_ms, leg, is_ours, transport, (local[0], local[1]), (peer[0], peer[1]), data.encode("latin-1"))
        for at_ms, leg, is_ours, transport, local, peer, data in json.loads(zlib.decompress(packed))
    ]
