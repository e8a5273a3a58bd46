"""Packets of IPv4 and IPv6 as they stand in a capture, with checksums that fit."""

import socket
import struct
from dataclasses import dataclass
from datetime import datetime

_UDP = 17
_UDP_HEADER = 8
_HOPS = 64
LONGEST_DATAGRAM = 0xFFFF - 20 - _UDP_HEADER
"""Bytes that UDP can carry by IPv4."""

End = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet above IP: a header with room for a checksum at a place, and its payload.

    `size` is how long the payload was, of which the beginning is here.
    """

    at: datetime
    source: End
    target: End
    protocol: int
    head: bytes
    payload: bytes
    size: int
    checksum_at: int


def datagram(at: datetime, source: End, target: End, payload: bytes, size: int) -> Packet:
    """Return a datagram of UDP."""
    head = struct.pack("!HHHH", source[1], target[1], _UDP_HEADER + size, 0)
    return Packet(at, source, target, _UDP, head, payload, size, checksum_at=6)


def in_ip(packet: Packet) -> bytes:
    """Return a packet with the header of IP before it: of version 6 if one of its ends has such an address."""
    is_v6 = ":" in packet.source[0] or ":" in packet.target[0]
    family = socket.AF_INET6 if is_v6 else socket.AF_INET
    ends = b"".join(socket.inet_pton(family, _in_family(host, is_v6)) for host in (packet.source[0], packet.target[0]))
    length = len(packet.head) + packet.size
    if is_v6:
        head = struct.pack("!IHBB", 6 << 28, length, packet.protocol, _HOPS) + ends
    else:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, _HOPS, packet.protocol, 0) + ends
        head = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
    return head + _checked(packet, ends, length)


def _checked(packet: Packet, ends: bytes, length: int) -> bytes:
    """Return header and payload with their checksum; 0, for none, where payload is missing: nobody can know it."""
    data = packet.head + packet.payload
    if packet.size != len(packet.payload):
        return data
    # The pseudo header of IPv4 and that of IPv6 add up to the same (RFC 768, RFC 8200 section 8.1).
    found = _checksum(ends + struct.pack("!II", length, packet.protocol) + data)
    if packet.protocol == _UDP:
        # There 0 says that there is none.
        found = found or 0xFFFF
    return data[: packet.checksum_at] + struct.pack("!H", found) + data[packet.checksum_at + 2 :]


def _in_family(host: str, is_v6: bool) -> str:
    return f"::ffff:{host}" if is_v6 and ":" not in host else host


def _checksum(data: bytes) -> int:
    """Return the internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
