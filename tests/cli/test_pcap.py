"""The capture's bytes, read by hand; a foreign dissector reads one in tests/journeys/test_explained_calls.py."""

import struct
from datetime import UTC, datetime

from offhook.cli.pcap import capture, packets_of
from offhook.cli.pcap_packets import datagram
from offhook.domain.sip_messages import SipMessage

BEGAN = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
SIX = ("2001:db8::1", 5060)


def message(at_ms: float, local: tuple[str, int], peer: tuple[str, int], *, is_ours: bool = True) -> SipMessage:
    return SipMessage(at_ms, 1, is_ours, "UDP", local, peer, b"OPTIONS sip:x SIP/2.0\r\n\r\n")


def packets(written: bytes) -> list[tuple[int, int, int, bytes]]:
    """Return seconds, microseconds, length on the wire and bytes of each packet."""
    assert struct.unpack("!IHHiIII", written[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 0x40000, 101)
    found, place = [], 24
    while place < len(written):
        seconds, micros, kept, size = struct.unpack("!IIII", written[place : place + 16])
        found.append((seconds, micros, size, written[place + 16 : place + 16 + kept]))
        place += 16 + kept
    return found


def test_a_message_is_a_datagram_between_its_two_ends() -> None:
    ours = message(1500.25, ("192.0.2.1", 5060), ("192.0.2.7", 5070))
    ((seconds, micros, size, packet),) = packets(capture(packets_of([ours], BEGAN)))
    assert (seconds, micros) == (int(BEGAN.timestamp()) + 1, 500_250)
    assert size == len(packet) == 28 + len(ours.data)
    assert (packet[12:16], packet[16:20]) == (bytes([192, 0, 2, 1]), bytes([192, 0, 2, 7]))
    assert struct.unpack("!HHH", packet[20:26]) == (5060, 5070, 8 + len(ours.data))
    assert sum(struct.unpack("!10H", packet[:20])) % 0xFFFF == 0
    whole = packet[12:20] + struct.pack("!II", len(packet) - 20, 17) + packet[20:] + b"\0" * (len(packet) % 2)
    assert sum(struct.unpack(f"!{len(whole) // 2}H", whole)) % 0xFFFF == 0
    assert packet[28:] == ours.data


def test_what_came_goes_the_other_way() -> None:
    theirs = message(0.0, ("192.0.2.1", 5060), ("192.0.2.7", 5070), is_ours=False)
    ((_, _, _, packet),) = packets(capture(packets_of([theirs], BEGAN)))
    assert struct.unpack("!HH", packet[20:24]) == (5070, 5060)


def test_ipv6_has_its_own_header_and_a_checksum() -> None:
    ours = message(0.0, SIX, ("2001:db8::2", 5070))
    ((_, _, _, packet),) = packets(capture(packets_of([ours], BEGAN)))
    assert packet[0] >> 4 == 6
    datagram = packet[40:]
    pseudo = packet[8:40] + struct.pack("!II", len(datagram), 17)
    whole = pseudo + datagram + b"\0" * (len(datagram) % 2)
    assert sum(struct.unpack(f"!{len(whole) // 2}H", whole)) % 0xFFFF == 0


def test_packets_stand_in_the_order_of_time() -> None:
    late, early = (message(at, SIX, ("2001:db8::2", 5070)) for at in (30.0, 10.0))
    times = [micros for _, micros, _, _ in packets(capture(packets_of([late, early], BEGAN)))]
    assert times == [10_000, 30_000]


def test_a_peer_known_by_name_only_is_left_out() -> None:
    named = message(0.0, ("", 5060), ("gateway.example", 5060))
    assert packets(capture(packets_of([named], BEGAN))) == []


def test_of_what_is_cut_the_size_stays() -> None:
    cut = datagram(BEGAN, ("192.0.2.1", 4000), ("192.0.2.7", 4002), b"\x80" * 12, 172)
    ((_, _, size, packet),) = packets(capture([cut]))
    assert (size, len(packet)) == (28 + 172, 28 + 12)
    assert struct.unpack("!H", packet[24:26]) == (180,)
