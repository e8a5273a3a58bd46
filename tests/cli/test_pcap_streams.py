"""Messages of TCP and TLS in a capture: segments read by hand, and by a foreign dissector."""

import struct
import subprocess
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from offhook.cli.pcap import capture, first_packets_of, packets_of
from offhook.cli.pcap_messages import framed
from offhook.cli.pcap_packets import in_ip
from offhook.cli.pcap_streams import MOST_PAYLOAD
from offhook.domain.calls import TimelineEvent
from offhook.domain.sip_messages import SipMessage

BEGAN = datetime(2026, 11, 23, 6, 0, 0, tzinfo=UTC)
OURS, THEIRS = ("192.0.2.1", 5060), ("192.0.2.7", 40123)
OURS_6, THEIRS_6 = ("2001:db8::1", 5060), ("2001:db8::7", 40123)
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def written(start: str, cseq: str, *fields: str, body: str = "", said: int | None = None) -> bytes:
    head = (
        start, "Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK1", "From: <sip:a@x>;tag=1", "To: <sip:b@x>;tag=2",
        "Call-ID: c",
        f"CSeq: {cseq}", *fields, *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body) if said is None else said}", "", "",
    )  # fmt: skip
    return ("\r\n".join(head) + body).encode()


INVITE = written("INVITE sip:b@192.0.2.1 SIP/2.0", "1 INVITE", body=SDP)
OK = written("SIP/2.0 200 OK", "1 INVITE", body=SDP.replace("4000", "5000"))
ACK, BYE, GONE = (
    written("ACK sip:b@192.0.2.1 SIP/2.0", "1 ACK"),
    written("BYE sip:a@192.0.2.7 SIP/2.0", "2 BYE"),
    written("SIP/2.0 200 OK", "2 BYE"),
)
LINES = ["INVITE sip:b@192.0.2.1 SIP/2.0", "SIP/2.0 200 OK", "ACK sip:b@192.0.2.1 SIP/2.0"]


def said(*messages: tuple[bool, bytes], transport: str = "TCP", ours: object = OURS, theirs: object = THEIRS) -> bytes:
    """Return the capture of what was said, by us or by them, a tenth of a second apart."""
    at = count(0, 100)
    told = [SipMessage(next(at), 1, one, transport, ours, theirs, data) for one, data in messages]  # type: ignore[arg-type]
    return capture(packets_of(told, BEGAN))


def segments(*messages: tuple[bool, bytes]) -> list[tuple[int, int, int, bytes]]:
    """Return source port, sequence, acknowledgement and payload of each segment."""
    at = count(0, 100)
    told = [SipMessage(next(at), 1, one, "TCP", OURS, THEIRS, data) for one, data in messages]
    found = []
    for packet in packets_of(told, BEGAN):
        data = in_ip(packet)[20:]
        source, _, sequence, acknowledged, offset, flags = struct.unpack("!HHIIBB", data[:14])
        assert (offset, flags) == (5 << 4, 0x18)
        found.append((source, sequence, acknowledged, data[20:]))
    return found


def test_each_direction_goes_on_where_it_was_and_acknowledges_the_other() -> None:
    (invite, ok, ack) = segments((False, INVITE), (True, OK), (False, ACK))
    assert invite == (40123, 1, 1, INVITE)
    assert ok == (5060, 1, 1 + len(INVITE), OK)
    assert ack == (40123, 1 + len(INVITE), 1 + len(OK), ACK)


def test_a_long_message_is_cut_into_segments_with_checksums_that_fit() -> None:
    long = written("INVITE sip:b@192.0.2.1 SIP/2.0", "1 INVITE", f"Subject: {'x' * 100_000}")
    parts = segments((False, long), (True, OK))
    assert b"".join(payload for _, _, _, payload in parts[:-1]) == long
    assert {len(payload) for _, _, _, payload in parts[:-2]} == {MOST_PAYLOAD}
    assert [sequence for _, sequence, _, _ in parts[:-1]] == list(range(1, 1 + len(long), MOST_PAYLOAD))
    assert parts[-1][2] == 1 + len(long)
    for packet in packets_of([SipMessage(0.0, 1, False, "TCP", OURS, THEIRS, long)], BEGAN):
        data = in_ip(packet)
        whole = data[12:20] + struct.pack("!II", len(data) - 20, 6) + data[20:] + b"\0" * (len(data) % 2)
        assert sum(struct.unpack(f"!{len(whole) // 2}H", whole)) % 0xFFFF == 0


@pytest.mark.parametrize(
    ("data", "shown", "missing"),
    [
        (INVITE, INVITE, 0),
        (ACK[:40], ACK[:40], 1),
        (
            b"BYE x SIP/2.0\r\nl : 99\r\n\r\na=crypto:1 X inline:(masked)\r\n",
            b"BYE x SIP/2.0\r\nl : 37\r\n\r\na=masked-crypto:1 X inline:(masked)\r\n",
            0,
        ),
    ],
)
def test_a_message_ends_where_it_says(data: bytes, shown: bytes, missing: int) -> None:
    assert framed(data) == (shown, missing)


@pytest.mark.peers
@pytest.mark.parametrize(
    ("transport", "ours", "theirs", "options"),
    [
        ("TCP", OURS, THEIRS, ()),
        ("TCP", OURS_6, THEIRS_6, ()),
        ("TLS", ("192.0.2.1", 5061), THEIRS, ("-d", "tcp.port==5061,sip")),
        ("TLS", ("2001:db8::1", 5061), THEIRS_6, ("-d", "tcp.port==5061,sip")),
    ],
)
def test_a_foreign_dissector_puts_the_messages_together(
    tmp_path: Path, transport: str, ours: tuple[str, int], theirs: tuple[str, int], options: tuple[str, ...]
) -> None:
    long = written("INFO sip:b@192.0.2.1 SIP/2.0", "2 INFO", *[f"Subject: {'x' * 900}" for _ in range(80)])
    sealed = written(*("SIP/2.0 200 OK", "1 INVITE"), body=f"{SDP}a=crypto:1 X inline:(masked)\r\n", said=400)
    told = [(False, INVITE), (True, sealed), (False, ACK), (False, long), (True, ACK[:60]), (True, BYE), (False, GONE)]
    (tmp_path / "call.pcap").write_bytes(said(*told, transport=transport, ours=ours, theirs=theirs))
    lines = dissected(tmp_path / "call.pcap", "sip", ("sip.Request-Line", "sip.Status-Line"), *options)
    assert [line for line in lines if line] == [
        *LINES,
        "INFO sip:b@192.0.2.1 SIP/2.0",
        "ACK sip:b@192.0.2.1 SIP/2.0",
        "BYE sip:a@192.0.2.7 SIP/2.0",
        "SIP/2.0 200 OK",
    ]
    assert dissected(tmp_path / "call.pcap", "tcp.analysis.flags", ("tcp.stream",), *options) == []
    wrong = ("-o", "tcp.check_checksum:TRUE")
    assert dissected(tmp_path / "call.pcap", "tcp.checksum.status == 0", ("frame.len",), *wrong, *options) == []


@pytest.mark.peers
def test_headers_of_sound_are_rtp_to_a_foreign_dissector_by_what_the_sdp_in_tcp_says(tmp_path: Path) -> None:
    at = count(0, 100)
    told = [
        SipMessage(next(at), 1, one, "TCP", OURS, THEIRS, data)
        for one, data in ((False, INVITE), (True, OK), (False, ACK))
    ]
    header = struct.pack("!BBHII", 0x80, 0, 7, 160, 0xABCDEF01).hex()
    data = {"source": "192.0.2.7:4000", "target": "192.0.2.1:5000", "rtp": header}
    first = TimelineEvent(400.0, "first-packet-in", "the first packet", None, data)
    (tmp_path / "call.pcap").write_bytes(capture([*packets_of(told, BEGAN), *first_packets_of([first], BEGAN)]))
    assert dissected(tmp_path / "call.pcap", "rtp", ("rtp.ssrc", "rtp.seq")) == ["0xabcdef01\t7"]


def dissected(file: Path, wanted: str, fields: tuple[str, ...], *options: str) -> list[str]:
    """Return these fields of what a display filter lets through."""
    names = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-r", str(file), *options, "-Y", wanted, "-T", "fields", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.strip() for line in done.stdout.splitlines()]
