"""SIP messages that came by TCP or TLS, as the segments of TCP that a dissector puts together again.

There is no handshake: each direction of a connection begins at one, and goes on by what was said, so that numbers and
acknowledgements fit. What TLS had sealed stands there in the clear, as TCP at the port of TLS.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from offhook.cli.pcap_messages import framed
from offhook.cli.pcap_packets import End, Packet
from offhook.domain.sip_messages import SipMessage

TCP = 6
CHECKSUM_AT = 16
MOST_PAYLOAD = 1400
"""Bytes of a segment: what fits a packet of Ethernet, whatever stands before it."""

_HEADER_WORDS = 5
_PSH_ACK = 0x18
_WINDOW = 0xFFFF
_FIRST = 1


class Streams:
    """The connections of one call: what was sent on each so far, by its direction."""

    def __init__(self) -> None:
        self._sent: Counter[tuple[str, End, End]] = Counter()

    def packets(self, message: SipMessage, at: datetime, source: End, target: End) -> Iterator[Packet]:
        """Yield the segments of a message, the last of which says how much of it is not known."""
        data, missing = framed(message.data)
        ours, theirs = (message.transport, source, target), (message.transport, target, source)
        for start in range(0, len(data), MOST_PAYLOAD):
            payload = data[start : start + MOST_PAYLOAD]
            lacks = missing if start + MOST_PAYLOAD >= len(data) else 0
            sequence, acknowledged = _FIRST + self._sent[ours], _FIRST + self._sent[theirs]
            head = _head(source[1], target[1], sequence, acknowledged)
            yield Packet(at, source, target, TCP, head, payload, len(payload) + lacks, CHECKSUM_AT)
            self._sent[ours] += len(payload) + lacks


def _head(source: int, target: int, sequence: int, acknowledged: int) -> bytes:
    return struct.pack(
        "!HHIIBBHHH",
        source,
        target,
        sequence & 0xFFFFFFFF,
        acknowledged & 0xFFFFFFFF,
        _HEADER_WORDS << 4,
        _PSH_ACK,
        _WINDOW,
        0,
        0,
    )
