"""A call as a capture file that Wireshark, tshark and sngrep read: its SIP messages, and where its sound began.

Each message is put into an IP packet and a UDP datagram of its own, with the addresses between which it passed,
whatever carried it: what came by TCP or TLS is readable too. Of sound there is the RTP header of the first packet each
way, as a packet of which the rest is missing. The format is that of libpcap, with raw IP packets.
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.domain.calls import TimelineEvent
from offhook.domain.sip_messages import SipMessage

_MAGIC = 0xA1B2C3D4
_LINK_RAW_IP = 101
_UDP = 17
_UDP_HEADER = 8
RTP_BYTES = 12 + 160
"""20 ms of G.711 with its header: what a first packet is said to have been long."""
_MOST_PAYLOAD = 0xFFFF - 20 - _UDP_HEADER
_HOPS = 64


@dataclass(frozen=True, slots=True)
class Datagram:
    """One UDP datagram; `size` is how long its payload was, of which the beginning is here."""

    at: datetime
    source: tuple[str, int]
    target: tuple[str, int]
    payload: bytes
    size: int


def datagrams_of(messages: Iterable[SipMessage], began: datetime) -> Iterator[Datagram]:
    """Turn messages into datagrams; left out are those whose peer is known by its name only."""
    for message in messages:
        ends = (message.local, message.peer) if message.is_ours else (message.peer, message.local)
        if all(host for host, _ in ends) and _is_ip(message.peer[0]):
            data = message.data[:_MOST_PAYLOAD]
            yield Datagram(began + timedelta(milliseconds=message.at_ms), *ends, data, len(data))


def first_packets_of(events: Iterable[TimelineEvent], began: datetime) -> Iterator[Datagram]:
    """Return the RTP headers that a timeline keeps, as packets that are cut behind them."""
    for event in events:
        header, ends = event.data.get("rtp"), (event.data.get("source"), event.data.get("target"))
        if isinstance(header, str) and all(isinstance(end, str) for end in ends):
            source, target = (_end(str(end)) for end in ends)
            if _is_ip(source[0]) and _is_ip(target[0]):
                at = began + timedelta(milliseconds=event.at_ms)
                yield Datagram(at, source, target, bytes.fromhex(header), RTP_BYTES)


def capture(datagrams: Iterable[Datagram]) -> bytes:
    """Return the file, its packets in the order of time."""
    packets = [_record(one) for one in sorted(datagrams, key=lambda one: one.at)]
    return struct.pack("!IHHiIII", _MAGIC, 2, 4, 0, 0, 0xFFFF, _LINK_RAW_IP) + b"".join(packets)


def _record(datagram: Datagram) -> bytes:
    packet = _packet(datagram)
    seconds = int(datagram.at.timestamp())
    missing = datagram.size - len(datagram.payload)
    return struct.pack("!IIII", seconds, datagram.at.microsecond, len(packet), len(packet) + missing) + packet


def _packet(datagram: Datagram) -> bytes:
    is_v6 = ":" in datagram.source[0] or ":" in datagram.target[0]
    family = socket.AF_INET6 if is_v6 else socket.AF_INET
    source, target = (socket.inet_pton(family, _in_family(host, is_v6)) for host, _ in _ends(datagram))
    length = _UDP_HEADER + datagram.size
    ports = struct.pack("!HHH", datagram.source[1], datagram.target[1], length)
    if is_v6:
        head = struct.pack("!IHBB", 6 << 28, length, _UDP, _HOPS) + source + target
        # IPv6 wants a checksum (RFC 8200 section 8.1), which nothing can be said of where payload is missing.
        whole = datagram.size == len(datagram.payload)
        pseudo = source + target + struct.pack("!II", length, _UDP)
        checksum = _checksum(pseudo + ports + b"\0\0" + datagram.payload) or 0xFFFF if whole else 0
        return head + ports + struct.pack("!H", checksum) + datagram.payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, _HOPS, _UDP, 0) + source + target
    head = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
    # In IPv4 a checksum of 0 says that there is none (RFC 768).
    return head + ports + b"\0\0" + datagram.payload


def _ends(datagram: Datagram) -> tuple[tuple[str, int], tuple[str, int]]:
    return datagram.source, datagram.target


def _end(written: str) -> tuple[str, int]:
    host, _, port = written.rpartition(":")
    return host, int(port)


def _in_family(host: str, is_v6: bool) -> str:
    return f"::ffff:{host}" if is_v6 and ":" not in host else host


def _is_ip(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except OSError:
        return False
    return True


def _checksum(data: bytes) -> int:
    """Return the internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
