"""Headers of strangers, and the one line of our own packets."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.rtp import FRAME_STEP, Stream, is_rtcp, parse_header

SPEECH = bytes(range(160))


def packet(
    *, first: int = 0x80, second: int = 0, sequence: int = 1, timestamp: int = 2, ssrc: int = 3, rest: bytes = SPEECH
) -> bytes:
    return pack("!BBHII", first, second, sequence, timestamp, ssrc) + rest


def payload(data: bytes) -> bytes | None:
    header = parse_header(data)
    return None if header is None else data[header[5] : header[6]]


def test_a_plain_header_is_read() -> None:
    data = packet(second=0x80 | 8, sequence=65535, timestamp=0xFFFFFFFF, ssrc=0xDEADBEEF)
    assert parse_header(data) == (8, True, 65535, 0xFFFFFFFF, 0xDEADBEEF, 12, 172)
    assert parse_header(packet(second=101)) == (101, False, 1, 2, 3, 12, 172)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_will_do(kind: type[bytes] | type[bytearray] | type[memoryview]) -> None:
    assert parse_header(kind(packet())) == (0, False, 1, 2, 3, 12, 172)


def test_sources_extension_and_padding_stand_around_the_payload() -> None:
    assert payload(packet(first=0x82, rest=b"aaaabbbb" + SPEECH)) == SPEECH
    assert payload(packet(first=0x90, rest=b"\xbe\xde\x00\x01eeee" + SPEECH)) == SPEECH
    assert payload(packet(first=0xA0, rest=SPEECH + b"\0\0\0\x04")) == SPEECH
    assert payload(packet(first=0xB1, rest=b"aaaa\xbe\xde\x00\x00" + SPEECH + b"\x01")) == SPEECH
    assert payload(packet(first=0x90, second=0x80, rest=b"\xbe\xde\0\0")) == b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        packet(rest=b"")[:11],
        packet(first=0x00),
        packet(first=0x40),
        packet(first=0xC0),
        packet(first=0x8F, rest=bytes(59)),
        packet(first=0x90, rest=b"\xbe\xde\0"),
        packet(first=0x90, rest=b"\xbe\xde\0\x02eeee"),
        packet(first=0xA0, rest=b"\0\0\0\0"),
        packet(first=0xA0, rest=b"\x02"),
        # Its padding is counted by the last byte of its SSRC, and reaches into the header.
        packet(first=0xA0, rest=b""),
    ],
)
def test_what_contradicts_itself_is_no_packet(data: bytes) -> None:
    assert parse_header(data) is None


@given(st.binary(max_size=80))
def test_random_bytes_never_raise_and_bounds_stay_inside(data: bytes) -> None:
    header = parse_header(data)
    if header is not None:
        assert 12 <= header[5] <= header[6] <= len(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"\x80\xc8", True), (b"\x80\xdf", True), (b"\x80\xe0", False), (b"\x80\x80", False), (b"\x80", False)],
)
def test_reports_are_told_by_their_second_byte(data: bytes, expected: bool) -> None:
    assert is_rtcp(data) is expected


def stream(*, sequence: int = 10, timestamp: int = 1000) -> Stream:
    return Stream(ssrc=0x01020304, sequence=sequence, timestamp=timestamp, payload_type=0)


def fields(data: bytes) -> tuple[int, bool, int, int]:
    header = parse_header(data)
    assert header is not None
    assert header[4] == 0x01020304
    return header[:4]


def test_only_the_first_packet_of_a_spurt_carries_the_marker() -> None:
    line = stream()
    assert fields(line.next_packet(SPEECH)) == (0, True, 10, 1000)
    assert fields(line.next_packet(SPEECH)) == (0, False, 11, 1160)
    line.pause(8000)
    assert fields(line.next_packet(SPEECH)) == (0, True, 12, 9320)


def test_sequence_and_timestamp_wrap() -> None:
    line = stream(sequence=65535, timestamp=0xFFFFFFFF)
    line.next_packet(SPEECH)
    assert fields(line.next_packet(SPEECH))[2:] == (0, 159)
    line.pause(0xFFFFFFFF)
    assert line.timestamp == (159 + 160 - 1)


def test_the_payload_follows_the_header() -> None:
    assert stream().next_packet(SPEECH)[12:] == SPEECH


def test_packets_of_a_key_share_a_timestamp_and_the_sequence_goes_on() -> None:
    line = stream()
    line.next_packet(SPEECH)
    sent = [fields(line.next_event(b"keys", 101, marker=number == 0)) for number in range(2)]
    assert sent == [(101, True, 11, 1160), (101, False, 12, 1160)]
    line.pause(800)
    assert fields(line.next_packet(SPEECH)) == (0, True, 13, 1960)


def test_what_was_sent_is_counted_for_the_reports() -> None:
    line = stream()
    line.next_packet(SPEECH)
    line.next_event(b"keys", 101, marker=True)
    assert (line.packets, line.octets) == (2, 164)


def test_another_codec_goes_on_with_the_same_line() -> None:
    line = stream()
    line.switch(8)
    assert fields(line.next_packet(SPEECH)) == (8, True, 10, 1000)
    line.switch(0)
    assert fields(line.next_packet(SPEECH)) == (0, False, 11, 1160)


def test_the_time_in_which_nothing_was_sent_is_caught_up_with_once() -> None:
    line = stream()
    line.next_packet(SPEECH)
    line.sent_at = 5.0
    line.catch_up(5.01)
    line.catch_up(6.0)
    line.catch_up(6.0)
    assert fields(line.next_packet(SPEECH)) == (0, True, 11, 1000 + 8000)


def test_a_line_that_has_never_sent_has_nothing_to_catch_up_with() -> None:
    line = stream()
    line.catch_up(99.0)
    assert fields(line.next_packet(SPEECH)) == (0, True, 10, 1000)


def test_what_never_came_leaves_its_place_free() -> None:
    line = stream()
    line.skip(2, 320)
    assert fields(line.next_packet(SPEECH)) == (0, True, 12, 1320)


def test_a_packet_may_stand_beside_the_line() -> None:
    line = stream()
    line.next_packet(SPEECH)
    assert fields(line.packet_at(-3, -480, SPEECH, None, marker=True)) == (0, True, 8, 680)
    line.mark()
    assert fields(line.next_packet(SPEECH)) == (0, True, 11, 1160)
    assert line.packets == 3


def _run(line: Stream, most: int) -> list[bytes]:
    """Send frames as a run of headers, as far as it goes."""
    header, count = line.frames_ahead()
    sent = [(header + place * FRAME_STEP).to_bytes(12, "big") + SPEECH for place in range(min(count, most))]
    line.advance(len(sent))
    return sent


def test_a_run_of_headers_is_what_packet_after_packet_would_be() -> None:
    line, other = stream(), stream()
    for one in (line, other):
        one.next_packet(SPEECH)
    assert _run(line, 100) == [other.next_packet(SPEECH) for _ in range(100)]
    assert (line.sequence, line.timestamp, line.packets, line.octets) == (111, 1000 + 101 * 160, 101, 101 * 160)
    line.sent_at = other.sent_at = 5.0
    line.catch_up(6.0)
    other.catch_up(6.0)
    assert line.next_packet(SPEECH) == other.next_packet(SPEECH)


def test_there_is_no_run_before_the_marker_has_been_sent() -> None:
    assert stream().frames_ahead() == (0, 0)


@given(st.integers(65_500, 65_535), st.integers(0xFFFFFFFF - 5000, 0xFFFFFFFF))
def test_a_run_ends_where_a_number_wraps(sequence: int, timestamp: int) -> None:
    line, other = (stream(sequence=sequence, timestamp=timestamp) for _ in range(2))
    expected = [other.next_packet(SPEECH) for _ in range(60)]
    sent: list[bytes] = []
    while len(sent) < 60:
        sent.append(line.next_packet(SPEECH))
        sent += _run(line, 60 - len(sent))
    assert sent == expected
