import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.uri import URI_LIMIT, Uri, parse_uri


def test_a_sip_uri_is_taken_apart() -> None:
    uri = parse_uri("sip:+81312345678:secret@Carrier.example:5062;transport=udp;lr?Subject=hi")
    assert uri == Uri(
        "sip", "+81312345678:secret", "Carrier.example", 5062, (("transport", "udp"), ("lr", None)), "Subject=hi"
    )
    assert uri.dialled == "+81312345678"


@pytest.mark.parametrize(
    "text",
    [
        "sip:10.0.0.1",
        "sips:bob@example.com",
        "sip:[2001:db8::1]:5060",
        "sip:bob@[::1];maddr=10.0.0.1",
        "sip:+81-3-1234;ext=5@gw.example;user=phone",
        "sip:a?b@example.com.",
        "sip:host_name-1.internal:1",
        "tel:+81312345678",
        "tel:1234;phone-context=+8131",
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
        "sip:山田@example.com",
    ],
)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_uri(text)) == text


def test_the_scheme_is_told_in_lower_case_whatever_its_spelling() -> None:
    assert parse_uri("SIP:bob@example.com").scheme == "sip"
    assert parse_uri("TEL:+1-212-555").scheme == "tel"


def test_a_tel_uri_has_its_number_as_user_and_no_host() -> None:
    uri = parse_uri("tel:+81-3-1234-5678;phone-context=example.com;ext")
    assert (uri.scheme, uri.user, uri.host) == ("tel", "+81-3-1234-5678", "")
    assert uri.parameters == (("phone-context", "example.com"), ("ext", None))


def test_a_telephone_subscriber_is_dialled_without_its_parameters() -> None:
    assert parse_uri("sip:+81312345678;phone-context=x@gw.example;user=phone").dialled == "+81312345678"


def test_escapes_are_undone_and_what_nobody_could_print_is_replaced() -> None:
    assert parse_uri("sip:%2B813@gw.example").dialled == "+813"
    assert parse_uri("sip:1%0D%0AEvil:%00%ff@gw.example").dialled == "1  Evil"
    assert parse_uri("sip:1%00%ff@gw.example").dialled == "1\ufffd\ufffd"


def test_parameters_are_found_in_any_case_and_bare_ones_are_empty() -> None:
    uri = parse_uri("sip:h;LR;Transport=TCP")
    assert uri.parameter("lr") == ""
    assert uri.parameter("transport") == "TCP"
    assert uri.parameter("maddr") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "sip:bob@",
        "sip:bob@exa mple.com",
        "sip:bob@-example.com",
        "sip:bob@a..b",
        f"sip:bob@{'a' * 64}.example",
        "sip:a@b@c",
        "sip:h:0",
        "sip:h:65536",
        "sip:h:99999",
        "sip:h:123456",
        "sip:[::1",
        "sip:h\r\nVia: x",
        "\u017fip:h",
        "sip:\u212a",
        "tel:",
        "tel:abc xyz",
        "tel:+81;x=\x01",
        "sip:a\x00@h",
        "sip:a\x7f@h",
        "sip:h;x=\x1f",
        "sip:h?x=\x1b",
        "bob",
        "*",
        f"sip:{'a' * URI_LIMIT}",
    ],
)
def test_what_is_not_a_uri_deserves_400(text: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_uri(text)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "text", ["mailto:bob@example.com", "https://example.com", "nobodyKnowsThisScheme:totallyopaque"]
)
def test_another_scheme_deserves_416(text: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_uri(text)
    assert caught.value.status == 416


@given(st.text(max_size=80) | st.from_regex(r"sips?:[ -~]{0,40}", fullmatch=True))
def test_any_text_is_a_uri_or_malformed_and_a_uri_survives_being_written(text: str) -> None:
    try:
        uri = parse_uri(text)
    except MalformedMessage:
        return
    assert parse_uri(str(uri)) == uri
    assert uri.port is None or 0 < uri.port < 65536
    assert uri.dialled.isprintable()


@pytest.mark.parametrize("text", ["sip:" + "a." * 997, "sip:" + ";" * 1990, "sip:h" + ";a=" * 660, "sip:" + "@" * 1990])
def test_a_hostile_uri_costs_little(text: str) -> None:
    began = time.process_time()
    for _ in range(20):
        try:
            parse_uri.__wrapped__(text)
        except MalformedMessage:
            continue
    assert time.process_time() - began < 0.5
