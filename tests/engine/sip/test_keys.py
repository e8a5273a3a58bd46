"""What devices write into the body of an INFO, and what is no key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.keys import BARE, BODY_LIMIT, KEYS, LONGEST_MS, RELAY, USUAL_MS, Press, read_press, write_press
from offhook.engine.sip.message import Request


def info(body: bytes, kind: str | None = RELAY, **headers: str) -> Request:
    told = {"Content-Type": [kind]} if kind is not None else {}
    return Request(
        "INFO", "sip:a@h", told | {name.replace("_", "-"): [value] for name, value in headers.items()}, body, 2
    )


@pytest.mark.parametrize(
    ("body", "key", "duration_ms"),
    [
        (b"Signal=5\r\nDuration=160\r\n", "5", 160),
        (b"Signal= 5\r\nDuration= 250", "5", 250),
        (b"Signal=*\nDuration=100\n", "*", 100),
        (b"signal = #\r\n", "#", USUAL_MS),
        (b"SIGNAL=a\r\n\r\n", "A", USUAL_MS),
        (b"Signal=D\rDuration=1\r", "D", 1),
        (b"Signal=10\r\n", "*", USUAL_MS),
        (b"Signal=11\r\n", "#", USUAL_MS),
        (b"Signal=15\r\n", "D", USUAL_MS),
        (b"Duration=999999\r\nVendor-Word=any thing\r\nSignal=0", "0", LONGEST_MS),
    ],
)
def test_a_relayed_key_is_read_as_devices_write_it(body: bytes, key: str, duration_ms: int) -> None:
    for kind in (RELAY, "Application/DTMF-Relay ;charset=us-ascii"):
        assert read_press(info(body, kind)) == Press(key, duration_ms)


@pytest.mark.parametrize(("body", "key"), [(b"5", "5"), (b" # \r\n", "#"), (b"c", "C"), (b"10", "*"), (b"11\r\n", "#")])
def test_a_bare_key_is_the_whole_body(body: bytes, key: str) -> None:
    assert read_press(info(body, BARE)) == Press(key)


@given(st.sampled_from(KEYS), st.integers(0, LONGEST_MS))
def test_what_we_write_is_what_we_read(key: str, duration_ms: int) -> None:
    assert read_press(info(write_press(Press(key, duration_ms)))) == Press(key, duration_ms)


def test_an_empty_info_tells_no_key_whatever_it_says_of_its_type() -> None:
    for kind in (None, RELAY, "text/plain"):
        assert read_press(info(b"", kind)) is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (RELAY, b"Duration=160\r\n"),
        (RELAY, b"Signal=\r\n"),
        (RELAY, b"Signal=16\r\n"),
        (RELAY, b"Signal=55\r\n"),
        (RELAY, b"Signal=!\r\n"),
        (RELAY, b"Signal=5\r\nSignal=6\r\n"),
        (RELAY, b"Signal=5\r\nDuration=long\r\n"),
        (RELAY, b"Signal=5\r\nDuration=-1\r\n"),
        (RELAY, b"Signal=5\r\nDuration=1234567\r\n"),
        (RELAY, b"5"),
        (RELAY, b"=5"),
        (RELAY, b" \r\n"),
        (RELAY, b"Signal=5\r\n" + b"".join(b"X%d=1\r\n" % number for number in range(8))),
        (RELAY, b"Signal=5\r\nX=" + b"x" * BODY_LIMIT),
        (RELAY, b"Signal=\xd9\xa1\r\n"),
        (BARE, b" "),
        (BARE, b"123"),
        (BARE, b"Signal=5"),
        (BARE, b"\x00"),
        (BARE, b"\xff"),
    ],
)
def test_what_is_no_key_is_a_bad_request(kind: str, body: bytes) -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_press(info(body, kind))
    assert caught.value.status == 400


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/dtmf-relays", "application/sdp"])
def test_another_type_is_not_supported(kind: str | None) -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_press(info(b"Signal=5", kind))
    assert caught.value.status == 415


def test_a_packed_key_is_not_supported_and_one_that_is_said_to_be_plain_is() -> None:
    with pytest.raises(MalformedMessage) as caught:
        read_press(info(b"5", BARE, Content_Encoding="gzip"))
    assert caught.value.status == 415
    assert read_press(info(b"5", BARE, Content_Encoding="Identity")) == Press("5")
