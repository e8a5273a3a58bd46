"""Who calls and what was dialled, in all the ways in which trunks write it."""

import pytest

from offhook.engine.net.callers import caller, dialled
from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from sip_peer import Fields, Peer


def _invite(uri: str = "sip:+81312345678@10.0.0.9", **fields: str) -> Request:
    named: Fields = {name.replace("_", "-"): value for name, value in fields.items()}
    request = parse(Peer().request("INVITE", uri=uri, fields=named))
    assert isinstance(request, Request)
    return request


@pytest.mark.parametrize(
    ("uri", "to", "expected"),
    [
        ("sip:+81312345678@10.0.0.9", "<sip:+81312345678@10.0.0.9>", ("+81312345678",)),
        ("sip:0312345678@10.0.0.9", "<sip:+81312345678@carrier.example>", ("0312345678",)),
        ("sip:10.0.0.9", "<sip:+81312345678@10.0.0.9>", ("+81312345678",)),
        ("sip:10.0.0.9", "<sip:10.0.0.9>", ()),
        ("tel:+81-3-1234-5678", "<tel:+81312345678>", ("+81-3-1234-5678",)),
        ("sip:+81312345678;npdi;rn=1@10.0.0.9;user=phone", "<sip:x@y>", ("+81312345678",)),
        ("sip:%2B81312345678@10.0.0.9", "<sip:%2B81312345678@10.0.0.9>", ("+81312345678",)),
    ],
)
def test_the_number_stands_in_the_request_uri_or_else_in_to(uri: str, to: str, expected: tuple[str, ...]) -> None:
    assert dialled(_invite(uri, To=to)) == expected


@pytest.mark.parametrize(
    ("from_", "expected"),
    [
        ("<sip:+81900000001@10.0.0.1>;tag=1", ("+81900000001", "", False)),
        ('"Zoë Müller" <sip:+81900000001@10.0.0.1>;tag=1', ("+81900000001", "Zoë Müller", False)),
        ("山田 <sip:+81900000001@10.0.0.1>;tag=1", ("+81900000001", "山田", False)),
        ("sip:100@10.0.0.1;tag=1", ("100", "", False)),
        ("<tel:+81-90-0000-0001>;tag=1", ("+81-90-0000-0001", "", False)),
        ("<sip:10.0.0.1>;tag=1", ("", "", False)),
        ("<sip:+81900000001:secret@10.0.0.1>;tag=1", ("+81900000001", "", False)),
    ],
)
def test_a_caller_has_a_number_and_perhaps_a_name(from_: str, expected: tuple[str, str, bool]) -> None:
    assert caller(_invite(From=from_)) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'},
        {"From": "<sip:+81900000001@ANONYMOUS.invalid>;tag=1"},
        {"From": "<sip:Anonymous@10.0.0.1>;tag=1"},
        {"From": "<sip:+81900000001@10.0.0.1>;tag=1", "Privacy": "id"},
        {"From": "<sip:+81900000001@10.0.0.1>;tag=1", "Privacy": "header;ID;critical"},
        {"From": "<sip:+81900000001@10.0.0.1>;tag=1", "Privacy": " user "},
    ],
)
def test_who_withholds_the_number_is_nobody(fields: dict[str, str]) -> None:
    assert caller(_invite(**fields)) == ("", "", True)


@pytest.mark.parametrize("privacy", ["none", "session", ""])
def test_other_wishes_for_privacy_withhold_nothing(privacy: str) -> None:
    number, _, anonymous = caller(_invite(From="<sip:+81900000001@10.0.0.1>;tag=1", Privacy=privacy))
    assert (number, anonymous) == ("+81900000001", False)


@pytest.mark.parametrize("name", ["\udcff\udcfe", "\x07bell", "\x1b[31m", "a\u202eb", "\x7f"])
def test_bytes_that_are_no_text_do_not_travel_on_in_a_name(name: str) -> None:
    _, shown, _ = caller(_invite(From=f'"{name}" <sip:1@10.0.0.1>;tag=1'))
    assert shown.isprintable()
    shown.encode()
