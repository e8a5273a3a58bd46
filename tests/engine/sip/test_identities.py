"""Who a request says that it is from, in the ways in which networks write it, and what is left of hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.headers import LIST_LIMIT, parse_address
from offhook.engine.sip.identities import (
    LONGEST_SIGNATURE,
    MOST_ASSERTED,
    MOST_SIGNATURES,
    address_in,
    asserted,
    has_digit,
    is_anonymous,
    number_in,
    privacy_of,
    signatures_of,
    subscriber_parameter,
    verstat_of,
)
from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from offhook.engine.sip.uri import parse_uri
from sip_peer import Fields, Peer


def _invite(fields: Fields) -> Request:
    request = parse(Peer().request("INVITE", fields=fields))
    assert isinstance(request, Request)
    return request


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:+81312345678@gw.example;user=phone", "+81312345678"),
        ("tel:+81-3-1234-5678", "+81-3-1234-5678"),
        ("tel:03-1234-5678;phone-context=+81", "03-1234-5678;phone-context=+81"),
        ("tel:0312345678;ext=7;Phone-Context=+81", "0312345678;phone-context=+81"),
        ("sip:0312345678;phone-context=+81@gw.example;user=phone", "0312345678;phone-context=+81"),
        ("sip:0312345678;phone-context=%2B81@gw.example;user=phone", "0312345678;phone-context=+81"),
        ("sip:0312345678@gw.example;user=phone;phone-context=+81", "0312345678;phone-context=+81"),
        ("sip:0312345678;phone-context=ims.example@gw.example", "0312345678"),
        ("sip:0312345678;phone-context=@gw.example", "0312345678"),
        (f"sip:0312345678;phone-context=+{'8' * 41}@gw.example", "0312345678"),
        ("sip:+81312345678;phone-context=+1@gw.example", "+81312345678"),
        ("sip:gw.example", ""),
    ],
)
def test_a_number_brings_the_context_that_it_is_at_home_in(uri: str, number: str) -> None:
    assert number_in(parse_uri(uri)) == number


@pytest.mark.parametrize(
    ("number", "has"),
    [("+1", True), ("a1", True), ("", False), ("alice", False), ("１", False), (";phone-context=+81", False)],
)
def test_a_number_has_a_digit_of_its_own(number: str, has: bool) -> None:
    assert has_digit(number) is has


def test_a_parameter_is_looked_for_in_the_number_before_the_uri() -> None:
    assert subscriber_parameter(parse_uri("sip:1;x=in%0Aner@gw.example;x=outer"), "x") == "in ner"
    assert subscriber_parameter(parse_uri("sip:1;y@gw.example;x=outer"), "x") == "outer"
    assert subscriber_parameter(parse_uri("sip:1@gw.example"), "x") == ""


def test_a_header_that_is_broken_or_missing_has_no_address() -> None:
    assert address_in("") is None
    assert address_in("<sip:1@gw.example") is None
    assert address_in("<mailto:a@b.example>") is None
    assert address_in("<sip:1@gw.example>") == parse_address("<sip:1@gw.example>")


def test_asserted_identities_are_read_in_their_order_and_broken_ones_left_out() -> None:
    lines: list[str] = ['"Cullen, J." <sip:fluffy@cisco.example>, tel:+14085264000', "<oops", "<sip:+8190@gw.example>"]
    found = asserted(_invite({"P-Asserted-Identity": lines}))
    assert [(address.name, address.uri.user) for address in found] == [
        ("Cullen, J.", "fluffy"),
        ("", "+14085264000"),
        ("", "+8190"),
    ]


def test_only_so_many_asserted_identities_are_looked_at() -> None:
    many = ", ".join(f"<sip:{number}@gw.example>" for number in range(LIST_LIMIT))
    assert len(asserted(_invite({"P-Asserted-Identity": many}))) == MOST_ASSERTED
    assert asserted(_invite({"P-Asserted-Identity": f"{many}, <sip:more@gw.example>"})) == []
    assert asserted(_invite({})) == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["id"], {"id"}),
        ([" Header ;ID; critical"], {"header", "id", "critical"}),
        (["none", "user,session"], {"none", "user", "session"}),
        ([], set()),
    ],
)
def test_the_words_of_privacy_are_those_of_all_its_lines(lines: list[str], words: set[str]) -> None:
    assert privacy_of(_invite({"Privacy": list(lines)})) - {""} == words


@pytest.mark.parametrize(
    ("address", "nobody"),
    [
        ("<sip:anonymous@anonymous.invalid>", True),
        ("<sip:+8190@Anonymous.Invalid.>", True),
        ("<sip:Anonymous@gw.example>", True),
        ("<sip:unavailable@unknown.invalid>", False),
        ('"Anonymous" <sip:+8190@gw.example>', False),
        ("<sip:anonymous.invalid@gw.example>", False),
    ],
)
def test_some_addresses_stand_for_nobody(address: str, nobody: bool) -> None:
    assert is_anonymous(parse_address(address)) is nobody


@pytest.mark.parametrize(
    ("address", "verstat"),
    [
        ("<sip:+8190;verstat=TN-Validation-Passed@gw.example;user=phone>", "TN-Validation-Passed"),
        ("<tel:+8190;verstat=tn-validation-failed>", "TN-Validation-Failed"),
        ("tel:+8190;verstat=No-TN-Validation", "No-TN-Validation"),
        ("<sip:+8190@gw.example;verstat=TN-Validation-Passed>", "TN-Validation-Passed"),
        ("<sip:+8190;verstat=Surely@gw.example>", ""),
        ("<sip:+8190;verstat@gw.example>", ""),
        ("<sip:+8190@gw.example>", ""),
    ],
)
def test_a_result_of_validation_is_one_of_three_words(address: str, verstat: str) -> None:
    assert verstat_of(parse_address(address)) == verstat


def test_signatures_are_taken_whole_or_not_at_all() -> None:
    one = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln;info=<https://cert.example/a.pem>;alg=ES256;ppt=shaken"
    lines: list[str] = [one, "x" * (LONGEST_SIGNATURE + 1), "sign\xe9e", "x" * LONGEST_SIGNATURE]
    assert signatures_of(_invite({"Identity": lines})) == (one, "x" * LONGEST_SIGNATURE)
    assert signatures_of(_invite({"y": one})) == (one,)
    assert signatures_of(_invite({})) == ()


def test_only_so_many_signatures_are_taken() -> None:
    assert len(signatures_of(_invite({"Identity": [f"{n}.b.c" for n in range(10)]}))) == MOST_SIGNATURES


@given(st.text(st.characters(exclude_characters="\r\n\0"), max_size=60))
def test_nothing_that_a_peer_writes_does_harm(text: str) -> None:
    request = Request("INVITE", "sip:a", {"P-Asserted-Identity": [text], "Privacy": [text], "Identity": [text]}, b"", 1)
    for address in asserted(request):
        assert number_in(address.uri).isprintable()
        assert verstat_of(address) in ("", "TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation")
    assert all(signature.isascii() for signature in signatures_of(request))
    assert all(word == word.strip() for word in privacy_of(request))
