import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import REASONS, Request, Response, sdp_of, write_request, write_response
from offhook.engine.sip.parser import parse

FIELDS = [("Via", "SIP/2.0/UDP h;branch=z9hG4bKa"), ("From", "<sip:a@h>;tag=1"), ("To", "<sip:b@h>"), ("Call-ID", "c")]


def test_a_request_is_written_with_its_length() -> None:
    data = write_request("OPTIONS", "sip:b@h", [("Via", "x"), ("Subject", "山田")], b"body")
    assert data == "OPTIONS sip:b@h SIP/2.0\r\nVia: x\r\nSubject: 山田\r\nContent-Length: 4\r\n\r\nbody".encode()


def test_a_response_is_written_with_its_reason() -> None:
    assert write_response(486, []) == b"SIP/2.0 486 Busy Here\r\nContent-Length: 0\r\n\r\n"
    assert write_response(299, []) == b"SIP/2.0 299 Unknown\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("value", ["a\r\nEvil: 1", "a\nEvil: 1", "a\rEvil: 1", "a\r\n", "\n\r"])
def test_a_value_with_a_line_break_cannot_be_written(value: str) -> None:
    with pytest.raises(MalformedMessage):
        write_request("BYE", "sip:h", [("Subject", value)])
    with pytest.raises(MalformedMessage):
        write_response(200, [("Subject", value)])
    with pytest.raises(MalformedMessage):
        write_request("BYE", value, [])


def test_bytes_that_are_not_utf_8_come_out_as_they_came_in() -> None:
    raw = b'OPTIONS sip:b@h SIP/2.0\r\nVia: v\r\nFrom: "\xff\xc3" <sip:a@h>\r\nTo: t\r\ni: c\r\nCSeq: 1 OPTIONS\r\n\r\n'
    message = parse(raw)
    assert b'From: "\xff\xc3" <sip:a@h>\r\n' in write_response(200, [("From", message.first("From"))])


def test_values_are_read_one_by_one_whatever_lines_they_came_on() -> None:
    headers = {"Route": ["<sip:a>, <sip:b>", "<sip:c>"], "Supported": [""]}
    for message in (Request("BYE", "sip:h", headers, b"", 1), Response(200, "OK", headers, b"", 1, "BYE")):
        assert message.values("Route") == ["<sip:a>", "<sip:b>", "<sip:c>"]
        assert message.values("Supported") == []
        assert message.values("Contact") == []
        assert message.first("Route") == "<sip:a>, <sip:b>"
        assert message.first("Contact") == ""


@pytest.mark.parametrize("kind", ["application/sdp", "Application/SDP ; charset=utf-8"])
def test_a_body_of_the_right_kind_is_a_session_description(kind: str) -> None:
    assert sdp_of(Request("INVITE", "sip:h", {"Content-Type": [kind]}, b"v=0", 1)) == b"v=0"


@pytest.mark.parametrize("headers", [{}, {"Content-Type": ["multipart/mixed"]}])
def test_a_body_of_another_kind_is_no_session_description(headers: dict[str, list[str]]) -> None:
    assert sdp_of(Response(183, "", headers, b"v=0", 1, "INVITE")) == b""


_VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)


@given(st.sampled_from(["INVITE", "ACK", "BYE"]), _VALUES, st.binary(max_size=200), st.integers(0, 2**31 - 1))
def test_a_request_that_was_written_is_read_as_the_same(method: str, subject: str, body: bytes, cseq: int) -> None:
    fields = [*FIELDS, ("CSeq", f"{cseq} {method}"), ("Subject", subject)]
    message = parse(write_request(method, "sip:b@h", fields, body))
    assert isinstance(message, Request)
    assert (message.method, message.uri, message.body, message.cseq) == (method, "sip:b@h", body, cseq)
    assert message.headers == {name: [value] for name, value in fields} | {"Content-Length": [str(len(body))]}


@given(st.sampled_from(sorted(REASONS)), _VALUES, st.binary(max_size=200))
def test_a_response_that_was_written_is_read_as_the_same(status: int, subject: str, body: bytes) -> None:
    fields = [*FIELDS, ("CSeq", "7 INVITE"), ("Subject", subject)]
    message = parse(write_response(status, fields, body))
    assert isinstance(message, Response)
    assert (message.status, message.reason, message.body) == (status, REASONS[status], body)
    assert (message.cseq, message.method) == (7, "INVITE")
    assert message.headers["Subject"] == [subject]
