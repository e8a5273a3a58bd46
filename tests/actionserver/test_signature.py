"""Signatures against vectors whose texts were written by hand and whose digests OpenSSL computed."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.actionserver.errors import SignatureRefused
from offhook.actionserver.signature import percent_encode, sign, signed_text, verify


class Signed(TypedDict):
    name: str
    t: int
    secrets: list[str]
    parameters: list[tuple[str, str]]
    query: str
    text: str
    header: str


class Received(TypedDict):
    name: str
    header: str
    parameters: list[tuple[str, str]]
    secrets: list[str]
    now: int


class Vectors(TypedDict):
    signed: list[Signed]
    accepted: list[Received]
    refused: list[Received]


VECTORS: Vectors = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text("utf-8"))


def name(vector: Signed | Received) -> str:
    return vector["name"]


def pairs(vector: Signed | Received) -> list[tuple[str, str]]:
    return [(name, value) for name, value in vector["parameters"]]


@pytest.mark.parametrize("vector", VECTORS["signed"], ids=name)
def test_the_signed_text_and_the_header_are_those_of_the_vector(vector: Signed) -> None:
    assert signed_text(pairs(vector), vector["t"]) == vector["text"]
    assert sign(pairs(vector), vector["secrets"], vector["t"]) == vector["header"]


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=name)
def test_a_good_signature_is_accepted(vector: Received) -> None:
    verify(vector["header"], pairs(vector), vector["secrets"], vector["now"])


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=name)
def test_a_bad_signature_is_refused(vector: Received) -> None:
    with pytest.raises(SignatureRefused):
        verify(vector["header"], pairs(vector), vector["secrets"], vector["now"])


RECEIVED = json.loads((Path(__file__).parents[1] / "vectors" / "received.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", RECEIVED["requests"], ids=lambda vector: vector["name"])
def test_a_request_is_judged_as_every_client_judges_it(vector: dict[str, Any]) -> None:
    query = parse_qsl(vector["query"].removeprefix("?"), keep_blank_values=True)
    secrets = [secret for secret in vector["secrets"] if secret]
    # What a signature is for is known by who asks; here only whether it is one.
    assert is_good(vector["header"] or "", query, secrets, vector["now"]) is (
        vector["is_good"] or vector["is_of_purpose"]
    )


@pytest.mark.parametrize("vector", RECEIVED["events"], ids=lambda vector: vector["name"])
def test_an_event_is_judged_as_every_client_judges_it(vector: dict[str, Any]) -> None:
    parameters = [("body_sha256", sha256(b64decode(vector["body"])).hexdigest())]
    assert is_good(vector["header"], parameters, vector["secrets"], vector["now"]) is vector["is_good"]


def is_good(header: str, parameters: list[tuple[str, str]], secrets: list[str], now: int) -> bool:
    try:
        verify(header, parameters, secrets, now)
    except SignatureRefused:
        return False
    return True


def test_everything_but_letters_digits_and_four_signs_is_encoded() -> None:
    ascii_signs = "".join(map(chr, range(128)))
    kept = "".join(sign for sign in ascii_signs if percent_encode(sign) == sign)
    assert set(kept) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    assert percent_encode("\n") == "%0A"


def test_a_lone_surrogate_is_signed_as_a_question_mark() -> None:
    assert percent_encode("a\udc80") == "a%3F"


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1), st.lists(st.text("abc~é", min_size=1), min_size=1))
def test_what_was_signed_is_accepted_with_any_of_its_secrets(values: dict[str, str], secrets: list[str]) -> None:
    header = sign(values.items(), secrets, 1_790_000_000)
    for secret in secrets:
        verify(header, values.items(), [secret], 1_790_000_000)
