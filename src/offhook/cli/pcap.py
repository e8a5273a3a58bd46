"""A call as a capture file that Wireshark, tshark and sngrep read: its SIP messages, and where its sound began.

Each message is put into IP packets between the addresses between which it passed: a datagram of UDP, or segments of
TCP (`pcap_streams`), what TLS had sealed in the clear. Of sound there is the RTP header of the first packet each way,
as a packet of which the rest is missing. The format is that of libpcap, with raw IP packets.
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from offhook.cli.pcap_messages import framed
from offhook.cli.pcap_packets import LONGEST_DATAGRAM, End, Packet, datagram, in_ip
from offhook.cli.pcap_streams import Streams
from offhook.domain.calls import TimelineEvent
from offhook.domain.sip_messages import SipMessage

RTP_BYTES = 12 + 160
"""20 ms of G.711 with its header: what a first packet is said to have been long."""

_MAGIC = 0xA1B2C3D4
_LINK_RAW_IP = 101
_LONGEST_PACKET = 0x40000
"""What readers take as the largest packet of a file; one of IPv6 may be longer than 64 KiB."""


def packets_of(messages: Iterable[SipMessage], began: datetime) -> Iterator[Packet]:
    """Turn messages into packets; left out are those whose peer is known by its name only."""
    streams = Streams()
    for message in sorted(messages, key=lambda message: message.at_ms):
        ends = (message.local, message.peer) if message.is_ours else (message.peer, message.local)
        if not all(host for host, _ in ends) or not _is_ip(message.peer[0]):
            continue
        at = began + timedelta(milliseconds=message.at_ms)
        if message.transport == "UDP":
            # No datagram is longer.
            data = framed(message.data)[0][:LONGEST_DATAGRAM]
            yield datagram(at, *ends, data, len(data))
        else:
            yield from streams.packets(message, at, *ends)


def first_packets_of(events: Iterable[TimelineEvent], began: datetime) -> Iterator[Packet]:
    """Return the RTP headers that a timeline keeps, as packets that are cut behind them."""
    for event in events:
        header, ends = event.data.get("rtp"), (event.data.get("source"), event.data.get("target"))
        if isinstance(header, str) and all(isinstance(end, str) for end in ends):
            source, target = (_end(str(end)) for end in ends)
            if _is_ip(source[0]) and _is_ip(target[0]):
                at = began + timedelta(milliseconds=event.at_ms)
                yield datagram(at, source, target, bytes.fromhex(header), RTP_BYTES)


def capture(packets: Iterable[Packet]) -> bytes:
    """Return the file, its packets in the order of time."""
    records = [_record(one) for one in sorted(packets, key=lambda one: one.at)]
    return struct.pack("!IHHiIII", _MAGIC, 2, 4, 0, 0, _LONGEST_PACKET, _LINK_RAW_IP) + b"".join(records)


def _record(packet: Packet) -> bytes:
    data = in_ip(packet)
    seconds = int(packet.at.timestamp())
    missing = packet.size - len(packet.payload)
    return struct.pack("!IIII", seconds, packet.at.microsecond, len(data), len(data) + missing) + data


def _end(written: str) -> End:
    host, _, port = written.rpartition(":")
    return host.strip("[]"), int(port)


def _is_ip(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except OSError:
        return False
    return True
