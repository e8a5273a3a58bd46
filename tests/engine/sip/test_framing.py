"""A stream is cut at the same places however it arrives, and not at all where a cut would be in doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.framing import HEAD_LIMIT, PING, PONG, Framing
from offhook.engine.sip.parser import MESSAGE_LIMIT


def message(body: bytes = b"", name: str = "Content-Length", start: str = "INVITE sip:a@b SIP/2.0") -> bytes:
    return f"{start}\r\nVia: x\r\n{name}: {len(body)}\r\nTo: y\r\n\r\n".encode() + body


BODIES = st.binary(max_size=40) | st.just(b"\r\n\r\nBYE sip:a@b SIP/2.0\r\n\r\n")
PIECES = st.lists(
    st.builds(message, BODIES, st.sampled_from(["Content-Length", "l", "L", "CONTENT-LENGTH"])) | st.just(PING)
)


@given(PIECES, st.lists(st.integers(1, 30), min_size=1))
def test_however_a_stream_arrives_it_is_cut_alike(pieces: list[bytes], sizes: list[int]) -> None:
    stream, framing, found, place = b"".join(pieces), Framing(), list[bytes](), 0
    for turn in range(len(stream)):
        size = sizes[turn % len(sizes)]
        found += framing.feed(stream[place : place + size])
        place += size
    assert found == pieces


def test_a_line_end_before_a_message_and_a_pong_say_nothing() -> None:
    framing = Framing()
    assert framing.feed(PONG) == []
    assert framing.feed(PONG + b"I") == [PING]
    framing = Framing()
    assert framing.feed(PONG) == []
    assert framing.feed(message()) == [message()]


def test_a_message_waits_for_its_body() -> None:
    framing, whole = Framing(), message(b"12345")
    assert framing.feed(whole[:-1]) == []
    assert framing.feed(whole[-1:] + whole) == [whole, whole]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("", "exactly one"),
        ("Content-Length: 1\r\nl: 2\r\n", "exactly one"),
        ("Content-Length: -1\r\n", "not a number"),
        ("Content-Length: 1 2\r\n", "not a number"),
        ("Content-Length:\r\n 5\r\n", "not a number"),
        ("Content-Length: 999999\r\n", "not a number"),
        (f"Content-Length: {MESSAGE_LIMIT}\r\n", "larger than 64 KiB"),
    ],
)
def test_a_stream_that_may_be_cut_in_two_ways_is_not_cut(lines: str, complaint: str) -> None:
    with pytest.raises(MalformedMessage, match=complaint):
        Framing().feed(f"INVITE sip:a@b SIP/2.0\r\n{lines}\r\n".encode())


def test_headers_without_an_end_are_not_kept() -> None:
    framing = Framing()
    assert framing.feed(b"x" * HEAD_LIMIT) == []
    with pytest.raises(MalformedMessage, match="longer than"):
        framing.feed(b"x")
    with pytest.raises(MalformedMessage, match="longer than"):
        Framing().feed(b"x" * (HEAD_LIMIT + 1) + b"\r\n\r\n")
