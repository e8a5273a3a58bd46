import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import parse_address, parse_via
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.parser import (
    HEADER_LINE_LIMIT,
    HEADER_LINES_LIMIT,
    HEADERS_OF_A_KIND_LIMIT,
    MESSAGE_LIMIT,
    BrokenRequest,
    parse,
)
from sip_peer import SDP, Fields, write

HEAD: Fields = {
    "Via": "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa",
    "Max-Forwards": "70",
    "From": "<sip:a@h>;tag=1",
    "To": "<sip:b@h>",
    "Call-ID": "c",
    "CSeq": "1 INVITE",
}


def invite(fields: Fields | None = None, body: bytes = b"", start: str = "INVITE sip:b@h SIP/2.0") -> bytes:
    return write(start, HEAD | (fields or {}), body)


def request(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def broken(data: bytes) -> BrokenRequest:
    with pytest.raises(BrokenRequest) as caught:
        parse(data)
    return caught.value


def test_a_request_is_taken_apart() -> None:
    message = request(invite({"Content-Length": str(len(SDP))}, SDP))
    assert (message.method, message.uri, message.cseq, message.body) == ("INVITE", "sip:b@h", 1, SDP)
    assert message.first("From") == "<sip:a@h>;tag=1"


def test_a_response_is_taken_apart() -> None:
    message = parse(write("SIP/2.0 480 Nobody is home", HEAD))
    assert isinstance(message, Response)
    assert (message.status, message.reason, message.cseq, message.method) == (480, "Nobody is home", 1, "INVITE")


def test_a_response_may_have_no_reason() -> None:
    message = parse(write("SIP/2.0 200 ", HEAD))
    assert isinstance(message, Response)
    assert message.reason == ""


def test_compact_folded_and_oddly_spelt_headers_are_the_same_headers() -> None:
    message = request(
        b"INVITE sip:b@h SIP/2.0\r\nv:SIP/2.0/UDP 10.0.0.1\r\n ;branch=z9hG4bKa\r\nf :\r\n\t<sip:a@h>  \r\n ;tag=1\r\n"
        b"T: <sip:b@h>\r\ni: c\r\ncseq: 1\r\n  INVITE\r\nl: 0\r\nS: two\r\n  \r\n lines\r\n\r\n"
    )
    assert parse_via(message.first("Via")).branch == "z9hG4bKa"
    assert parse_address(message.first("From")).tag == "1"
    assert message.first("Call-ID") == "c"
    assert message.cseq == 1
    assert message.first("Subject").split() == ["two", "lines"]


def test_headers_of_one_name_keep_their_order() -> None:
    message = request(invite({"Route": ["<sip:1>", "<sip:2>, <sip:3>"]}))
    assert message.headers["Route"] == ["<sip:1>", "<sip:2>, <sip:3>"]


def test_empty_lines_before_a_message_are_nothing() -> None:
    assert request(b"\r\n\r\n" + invite()).method == "INVITE"


def test_without_a_length_the_body_ends_with_the_datagram_and_with_one_the_rest_is_left() -> None:
    assert request(invite(body=b"all of it")).body == b"all of it"
    assert request(invite({"Content-Length": "3"}, b"all of it")).body == b"all"


@pytest.mark.parametrize(
    ("fields", "start", "status"),
    [
        ({"Via": None}, "", 400),
        ({"From": None}, "", 400),
        ({"To": ""}, "", 400),
        ({"Call-ID": ["a", "b"]}, "", 400),
        ({"CSeq": "1 BYE"}, "", 400),
        ({"CSeq": "99999999999 INVITE"}, "", 400),
        ({"Max-Forwards": "256"}, "", 400),
        ({"Max-Forwards": "00000300"}, "", 400),
        ({"Max-Forwards": "-1"}, "", 400),
        ({"Max-Forwards": "many"}, "", 400),
        ({"Max-Forwards": ["1", "2"]}, "", 400),
        ({"Content-Type": ["a/b", "c/d"]}, "", 400),
        ({"Content-Length": "1"}, "", 400),
        ({"Content-Length": "-1"}, "", 400),
        ({"Content-Length": "\u0661"}, "", 400),
        ({"Content-Length": "1" * 5000}, "", 400),
        ({"Bad Name": "x"}, "", 400),
        ({"Route": ["<sip:a>"] * (HEADERS_OF_A_KIND_LIMIT + 1)}, "", 400),
        ({}, "INVITE  SIP/2.0", 400),
        ({}, "INVITE  sip:b@h SIP/2.0", 400),
        ({}, "INVITE sip:b@h ;lr SIP/2.0", 400),
        ({}, "INVITE sip:b@h SIP/2.0 ", 400),
        ({}, "INVITE sip:b@h SIP/7.0", 505),
    ],
)
def test_a_broken_request_says_what_it_deserves_and_keeps_its_headers(fields: Fields, start: str, status: int) -> None:
    error = broken(invite(fields, start=start or "INVITE sip:b@h SIP/2.0"))
    assert (error.status, error.method) == (status, "INVITE")
    if "From" not in fields:
        assert error.headers["From"] == ["<sip:a@h>;tag=1"]


def test_a_header_line_without_a_colon_breaks_a_request_and_spoils_a_response() -> None:
    line = b"\r\nno colon here\r\nTo:"
    assert broken(invite().replace(b"\r\nTo:", line)).headers["To"] == ["<sip:b@h>"]
    with pytest.raises(MalformedMessage):
        parse(write("SIP/2.0 200 OK", HEAD).replace(b"\r\nTo:", line))


@pytest.mark.parametrize("hops", ["0", "70", "0068", "255"])
def test_max_forwards_is_any_number_of_a_byte(hops: str) -> None:
    assert request(invite({"Max-Forwards": hops})).first("Max-Forwards") == hops


@pytest.mark.parametrize("smuggled", [b"7\x000", b"7\n0", b"7\r0"])
def test_a_line_that_smuggles_another_is_refused_and_never_echoed(smuggled: bytes) -> None:
    with pytest.raises(BrokenRequest, match="a NUL or a lone CR or LF") as caught:
        parse(invite().replace(b"70", smuggled))
    assert "Max-Forwards" not in caught.value.headers
    assert caught.value.headers["Via"]


def test_a_response_that_smuggles_a_line_is_not_answered() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(write("SIP/2.0 200 OK", HEAD).replace(b"Via: ", b"X: \x00\r\nVia: "))
    assert not isinstance(caught.value, BrokenRequest)


def test_too_many_header_lines_are_refused() -> None:
    with pytest.raises(BrokenRequest, match="header lines"):
        parse(invite({f"X-{number}": "1" for number in range(HEADER_LINES_LIMIT)}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 40,
        b"INVITE sip:b@h SIP/2.0\r\nVia: x\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"INVITE\r\n\r\n",
        b"INV\xc3\xa9 sip:b@h SIP/2.0\r\n\r\n",
        b"INVITE sip:b@h\x00 SIP/2.0\r\nVia: x\r\n\r\n",
        write("SIP/2.0 20 OK", HEAD),
        write("SIP/2.0 700 OK", HEAD),
        write("SIP/2.0 2\u06610 OK", HEAD),
        write("SIP/3.0 200 OK", HEAD),
        write("SIP/2.0 200 OK", HEAD | {"Via": None}),
        write("SIP/2.0 200 OK", HEAD | {"Content-Length": "7"}),
    ],
    ids=range(13),
)
def test_what_cannot_be_answered_is_malformed_and_nothing_more(data: bytes) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(data)
    assert not isinstance(caught.value, BrokenRequest)


def test_a_message_beyond_the_limit_deserves_513() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(invite(body=b"x" * MESSAGE_LIMIT))
    assert caught.value.status == 513


def test_a_nul_may_stand_in_a_quoted_name_and_nowhere_else() -> None:
    """RFC 3261 section 25.1 knows it as a quoted pair; RFC 4475 section 3.1.1.2 shows one."""
    quoted = b'To: "a\\\x00b" <sip:b@h>'
    assert (
        parse_address(request(invite().replace(b"To: <sip:b@h>", quoted)).first("To")).name
        == "a\N{REPLACEMENT CHARACTER}b"
    )
    for line in (
        quoted.replace(b"\\", b""),
        quoted.replace(b"To", b"Subject"),
        quoted.replace(b"@h", b"@\x00"),
        quoted[:9],
    ):
        with pytest.raises(BrokenRequest, match="a NUL or a lone CR or LF"):
            parse(invite().replace(b"To: <sip:b@h>", line))


def test_a_line_too_long_for_any_header_is_refused_and_never_read() -> None:
    longest = "x" * (HEADER_LINE_LIMIT - len("Subject: "))
    assert request(invite({"Subject": longest})).first("Subject") == longest
    error = broken(invite({"Subject": longest + "x"}))
    assert (error.sentence, "Subject" in error.headers) == ("a header is longer than 8,192 characters", False)


def test_a_first_line_is_never_folded() -> None:
    with pytest.raises(MalformedMessage, match="goes on in a second one"):
        parse(invite(start="INVITE sip:b@h\r\n SIP/2.0"))


def test_a_version_may_be_spelt_in_small_letters() -> None:
    assert request(invite(start="INVITE sip:b@h sip/2.0")).method == "INVITE"
    assert isinstance(parse(write("sip/2.0 200 OK", HEAD)), Response)


@given(st.binary(max_size=300))
def test_random_bytes_are_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(data)


_SEED = invite({"Contact": '"A, b" <sip:a@h;lr>;q=1', "Content-Length": str(len(SDP))}, SDP)
_CUTS = st.tuples(
    st.integers(0, len(_SEED)), st.integers(0, 12), st.binary(max_size=6) | st.sampled_from([b"\r\n", b" ", b"\r\n "])
)


@given(st.lists(_CUTS, min_size=1, max_size=6))
def test_a_mutated_request_is_read_or_malformed_and_nothing_else(cuts: list[tuple[int, int, bytes]]) -> None:
    data = _SEED
    for place, length, patch in cuts:
        data = data[:place] + patch + data[place + length :]
    try:
        message = parse(data)
    except MalformedMessage:
        return
    assert message.first("Call-ID")


@pytest.mark.parametrize(
    "filler",
    [b" " * 60_000, b"\r\n " * 20_000, b"\t\r\n\t" * 15_000, b":" * 60_000, b"," * 60_000, b"\xff" * 60_000],
    ids=range(6),
)
def test_a_hostile_message_costs_no_more_than_its_length(filler: bytes) -> None:
    data = invite().replace(b"70", b"7\r\n 0\r\nX: a" + filler + b"b")
    began = time.process_time()
    with suppress(MalformedMessage):
        parse(data)
    # A quadratic pattern takes minutes here.
    assert time.process_time() - began < 0.5
