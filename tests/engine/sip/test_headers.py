import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import (
    LIST_LIMIT,
    Via,
    canonical,
    parse_address,
    parse_cseq,
    parse_parameters,
    parse_via,
    split_list,
    split_lists,
)
from offhook.engine.sip.uri import Uri


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Via", "Via"),
        ("v", "Via"),
        ("V", "Via"),
        ("cSeQ", "CSeq"),
        ("CALL-ID", "Call-ID"),
        ("call-id", "Call-ID"),
        ("i", "Call-ID"),
        ("m", "Contact"),
        ("e", "Content-Encoding"),
        ("l", "Content-Length"),
        ("c", "Content-Type"),
        ("f", "From"),
        ("s", "Subject"),
        ("k", "Supported"),
        ("t", "To"),
        ("p-asserted-IDENTITY", "P-Asserted-Identity"),
        ("x-carrier-thing", "X-Carrier-Thing"),
        ("extensionHeader-!.%*+_`'~", "Extensionheader-!.%*+_`'~"),
    ],
)
def test_every_spelling_of_a_header_has_one_name(spelling: str, name: str) -> None:
    assert canonical(spelling) == name


@pytest.mark.parametrize("name", ["", "Vi a", "Vi\ta", "Bé", "a:b", "a@b"])
def test_a_name_that_is_no_token_is_malformed(name: str) -> None:
    with pytest.raises(MalformedMessage):
        canonical(name)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("", []),
        (",", []),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ("a,,b,", ["a", "b"]),
        ('"Doe, J." <sip:a>, <sip:b,c>;x=1', ['"Doe, J." <sip:a>', "<sip:b,c>;x=1"]),
        (r'"a\", b" <sip:a>, "c"', [r'"a\", b" <sip:a>', '"c"']),
        ('"never closed, b', ['"never closed, b']),
        ('"ends in a backslash,\\', ['"ends in a backslash,\\']),
        ("<never closed, b", ["<never closed, b"]),
        ('<sip:a?"x>,y">, c', ['<sip:a?"x>,y">', "c"]),
    ],
)
def test_a_list_is_split_at_its_commas_but_not_at_quoted_or_bracketed_ones(value: str, parts: list[str]) -> None:
    assert split_list(value) == parts


@pytest.mark.parametrize(
    ("value", "via"),
    [
        ("SIP/2.0/UDP 10.0.0.1", Via("UDP", "10.0.0.1", None, "", False)),
        ("SIP/2.0/udp h.example:5070;branch=z9hG4bKa;rport", Via("UDP", "h.example", 5070, "z9hG4bKa", True)),
        ("SIP/2.0/UDP [2001:db8::9]:5060;branch=b", Via("UDP", "[2001:db8::9]", 5060, "b", False)),
        ("SIP/2.0/TCP h;Branch=b;received=1.2.3.4;rport=99", Via("TCP", "h", None, "b", True, "1.2.3.4")),
        (
            "SIP  / 2.0  / TCP     spindle.example.com   ; branch  =   z9 ",
            Via("TCP", "spindle.example.com", None, "z9", False),
        ),
        ("sip/2.0/UDP h : 5060 ;branch", Via("UDP", "h", 5060, "", False)),
        ("SIP/2.0/UDP h;maddr=239.0.0.1;ttl=3;branch=b", Via("UDP", "h", None, "b", False)),
    ],
)
def test_a_via_is_taken_apart(value: str, via: Via) -> None:
    assert parse_via(value) == via


@pytest.mark.parametrize(
    "value",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 h",
        "SIP//UDP h",
        "HTTP/2.0/UDP h",
        "SIP/2.0/UDP h:0",
        "SIP/2.0/UDP h:65536",
        "SIP/2.0/UDP h:99999",
        "SIP/2.0/UDP h:1234567",
        "SIP/2.0/UDP h:five",
        "SIP/2.0/UDP h branch=b",
        "SIP/2.0/UDP \u212a",
        "\u017fIP/2.0/UDP h",
    ],
)
def test_a_via_that_cannot_be_answered_is_malformed(value: str) -> None:
    with pytest.raises(MalformedMessage):
        parse_via(value)


def test_an_address_with_a_name_and_parameters_is_taken_apart() -> None:
    address = parse_address('"Doe, \\"J\\" ; <x>" <sip:j@h;lr>;tag=abc;q="0.5"')
    assert address.name == 'Doe, "J" ; <x>'
    assert address.uri == Uri("sip", "j", "h", None, (("lr", None),))
    assert address.parameters == (("tag", "abc"), ("q", "0.5"))
    assert address.tag == "abc"


def test_an_address_without_brackets_leaves_every_parameter_to_the_header() -> None:
    address = parse_address(" sip:j@h;user=phone;tag=abc ")
    assert address.uri.parameters == ()
    assert address.parameter("user") == "phone"
    assert address.tag == "abc"


def test_a_bare_parameter_is_empty_and_a_missing_one_is_none() -> None:
    address = parse_address("<sip:h>;Flag")
    assert address.parameter("flag") == ""
    assert address.parameter("other") is None
    assert address.tag == ""


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Anna <sip:a@h>", "Anna"),
        ("<sip:a@h>", ""),
        ('"山田 太郎"<tel:+813>', "山田 太郎"),
        ("A b  C\t<sip:a@h>", "A b  C"),
        ('"bad \udcff byte" <sip:a@h>', "bad \ufffd byte"),
        ('"bell \x07" <sip:a@h>', "bell \ufffd"),
    ],
)
def test_a_display_name_is_readable(value: str, name: str) -> None:
    assert parse_address(value).name == name


@pytest.mark.parametrize(
    "value",
    ["", "Anna", '"Anna <sip:a@h>', "<sip:a@h", "<sip:a@h> tag=1", "<>", 'A "b" <sip:a@h>', "<sip:a>, <sip:b>", "*"],
)
def test_an_address_that_is_none_is_malformed(value: str) -> None:
    with pytest.raises(MalformedMessage):
        parse_address(value)


def test_a_cseq_is_a_number_and_a_method() -> None:
    assert parse_cseq("0009 \t INVITE") == (9, "INVITE")
    assert parse_cseq("2147483647 BYE") == (2**31 - 1, "BYE")


@pytest.mark.parametrize(
    "value", ["", "INVITE", "1", "-1 BYE", "2147483648 BYE", "1 BY E", "\u0663 BYE", "12345678901 BYE"]
)
def test_a_cseq_that_is_none_is_malformed(value: str) -> None:
    with pytest.raises(MalformedMessage):
        parse_cseq(value)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        (";", ()),
        (";a;B=c; d = e ", (("a", None), ("b", "c"), ("d", "e"))),
        (';a="x;y";b', (("a", "x;y"), ("b", None))),
        (r';a="x\"y"', (("a", 'x"y'),)),
        (';a="', (("a", '"'),)),
    ],
)
def test_parameters_are_pairs_in_their_order(text: str, pairs: tuple[tuple[str, str | None], ...]) -> None:
    assert parse_parameters(text) == pairs


@pytest.mark.parametrize("text", [";;", ";;a", ";a;;b", ";a; ;", ";=b;a"])
def test_a_parameter_without_a_name_is_malformed_unless_it_is_a_semicolon_too_many(text: str) -> None:
    """RFC 4475 section 3.1.2.1 shows such a Contact."""
    with pytest.raises(MalformedMessage, match="a parameter without a name"):
        parse_parameters(text)
    assert parse_parameters(";a;") == (("a", None),)


def test_a_via_of_another_version_and_with_odd_parameters_is_read_so_that_it_can_be_answered() -> None:
    assert parse_via("SIP/7.0/UDP h:5;;branch=b;") == Via("UDP", "h", 5, "b", has_rport=False)


def test_a_list_without_end_is_malformed() -> None:
    assert len(split_list(",".join(["a"] * LIST_LIMIT))) == LIST_LIMIT
    for value in (",".join(["a"] * (LIST_LIMIT + 1)), "," * LIST_LIMIT):
        with pytest.raises(MalformedMessage, match="more than 64 values"):
            split_list(value)
    assert split_lists(["a, b", "c"]) == ["a", "b", "c"]
    with pytest.raises(MalformedMessage, match="more than 64 values"):
        split_lists([",".join(["a"] * LIST_LIMIT), "b"])


@given(st.text(max_size=100) | st.text(' \t"\\<>;,=:@/.sip20UDPv[]', max_size=100))
def test_any_value_is_read_or_malformed(value: str) -> None:
    for read in (parse_via, parse_address, parse_cseq, parse_parameters, split_list):
        try:
            read(value)
        except MalformedMessage:
            continue


_N = 60_000


@pytest.mark.parametrize(
    "value",
    [
        "a" + " " * _N + '"<sip:a@h>',
        '"' + " " * _N + "<sip:a@h>",
        '"' + "\\" * _N,
        '"a"' + " " * _N + "x<",
        "<sip:a@h>" + " " * _N + "x",
        "SIP/2.0/UDP h" + " " * _N + "x",
        "SIP/2.0/UDP" + " " * _N,
        "SIP/2.0/UDP " + "a." * (_N // 2) + "!",
        ";" * _N,
        "," * _N,
        '"' * _N + ",",
        "<" * _N + ",",
    ],
    ids=range(12),
)
def test_a_hostile_value_costs_no_more_than_its_length(value: str) -> None:
    began = time.process_time()
    for read in (parse_via, parse_address, parse_cseq, parse_parameters, split_list):
        try:
            read(value)
        except MalformedMessage:
            continue
    # A quadratic pattern takes minutes here.
    assert time.process_time() - began < 1.0
