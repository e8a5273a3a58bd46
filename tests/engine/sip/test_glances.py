"""What a glance at a stranger's request finds, and that nothing hurts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.glances import LOOKED_AT, Glance, glance
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from sip_peer import SDP, Fields, Peer, write

FOUND = Glance("BYE", "call-1", "them", "t1")


def bye(**fields: str | None) -> bytes:
    replaced: Fields = {name.replace("_", "-"): value for name, value in fields.items()}
    return Peer(us="t1").request("BYE", fields=replaced)


@pytest.mark.parametrize("method", ["ACK", "BYE", "INFO", "INVITE", "REFER", "UPDATE"])
def test_a_request_within_a_dialog_names_it(method: str) -> None:
    said = glance(Peer(us="t1").request(method, body=SDP))
    assert said == Glance(method, "call-1", "them", "t1")


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER", "CANCEL", "bye", "BYEBYE"])
def test_other_methods_are_not_looked_at(method: str) -> None:
    assert glance(Peer(us="t1").request(method)) is None


@pytest.mark.parametrize("missing", ["Call-ID", "From", "To"])
def test_who_names_no_dialog_is_within_none(missing: str) -> None:
    assert glance(bye(**{missing: None})) is None


def test_a_new_call_is_within_no_dialog() -> None:
    assert glance(Peer().request("INVITE", body=SDP)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"To": "<sip:a@b> ; TAG = t1;x=y"},
        {"To": '"a;tag=no" <sip:a@b;tag=no>;x=y;tag=t1'},
        {"To": "sip:a@b;tag=t1"},
        {"To": None, "t": "<sip:a@b>;tag=t1"},
        {"From": None, "f": "<sip:a@b>;tag=them"},
        {"Call-ID": None, "i": "call-1"},
        {"Call-ID": None, "CALL-id ": "call-1"},
        {"Subject": "To: <sip:a@b>;tag=no"},
    ],
)
def test_headers_are_found_however_they_are_written(fields: Fields) -> None:
    assert glance(Peer(us="t1").request("BYE", fields=fields)) == FOUND


def test_the_body_and_what_stands_far_behind_are_not_read() -> None:
    assert glance(Peer().request("BYE", body=b"To: <sip:a@b>;tag=t1\r\n")) is None
    head: Fields = {"X": "x" * LOOKED_AT, "To": "<sip:a@b>;tag=t1", "From": "<sip:a@b>;tag=them", "Call-ID": "call-1"}
    assert glance(write("BYE sip:a SIP/2.0", head)) is None


def test_bytes_that_are_no_text_are_compared_as_the_parser_reads_them() -> None:
    data = Peer(us="t1").request("BYE", fields={"Call-ID": "caf\udce9"})
    said, message = glance(data), parse(data)
    assert said is not None
    assert said.call_id == message.first("Call-ID")


_PARTS = st.sampled_from(
    [b"BYE ", b"INFO ", b"To:", b"t:", b"From: ", b"Call-ID: x", b"\r\n", b"\n", b";tag=", b"t1", b"<", b">", b'"',
     b"\xff", b" ", b"\r\n\r\n", b";" * 300]
)  # fmt: skip


@given(st.lists(_PARTS, max_size=40).map(b"".join))
def test_whatever_comes_it_finds_something_or_nothing(noise: bytes) -> None:
    said = glance(b"BYE " + noise)
    assert said is None or all((said.call_id, said.from_tag, said.to_tag))


@given(st.text(alphabet="ab;=<>@ ", max_size=12))
def test_it_finds_the_tag_that_the_parser_finds(display: str) -> None:
    data = bye(To=f'"{display}" <sip:a@b>;tag=t1')
    said, message = glance(data), parse(data)
    assert isinstance(message, Request)
    try:
        tag = parse_address(message.first("To")).parameter("tag")
    except MalformedMessage:
        return
    assert said is not None
    assert said.to_tag == tag
