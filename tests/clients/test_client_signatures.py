"""Signatures are checked as the vectors say; what is refused is refused for its reason."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.actionserver import signature
from offhook_client import Refusal, SignatureRefused, verify_event, verify_request
from offhook_client.signatures import signed_text

FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "signatures.json").read_text(encoding="utf-8"))
RECEIVED: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "received.json").read_text(encoding="utf-8"))
NOW = 1_790_000_000
PARAMETERS = [("call_id", "0f3a9c"), ("caller", "819012345678"), ("event", "incoming")]
SECRET = "whsec_first"


def pairs(vector: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in vector["parameters"]]


def reason_of(header: str | None, parameters: Any = PARAMETERS, secrets: Any = SECRET, now: float = NOW) -> Refusal:
    with pytest.raises(SignatureRefused) as caught:
        verify_request(header, parameters, secrets, now=now)
    return caught.value.reason


@pytest.mark.parametrize("vector", VECTORS["signed"], ids=lambda vector: vector["name"])
def test_what_is_signed_is_accepted(vector: dict[str, Any]) -> None:
    assert signed_text(pairs(vector), vector["t"]) == vector["text"]
    for parameters in (pairs(vector), vector["query"], dict(pairs(vector))):
        known = verify_request(vector["header"], parameters, vector["secrets"], now=vector["t"])
        assert known == dict(pairs(vector))


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=lambda vector: vector["name"])
def test_what_is_good_is_accepted(vector: dict[str, Any]) -> None:
    verify_request(vector["header"], pairs(vector), vector["secrets"], now=vector["now"])


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_not_is_refused(vector: dict[str, Any]) -> None:
    reason_of(vector["header"], pairs(vector), vector["secrets"], vector["now"])


@pytest.mark.parametrize("vector", RECEIVED["requests"], ids=lambda vector: vector["name"])
def test_a_request_is_judged_as_in_every_language(vector: dict[str, Any]) -> None:
    given = (vector["header"], vector["query"], vector["secrets"])
    if vector["is_good"]:
        known = verify_request(*given, now=vector["now"])
        assert {"call_id", "event"} <= known.keys()
    else:
        reason_of(*given, vector["now"])


@pytest.mark.parametrize("vector", RECEIVED["events"], ids=lambda vector: vector["name"])
def test_an_event_is_judged_as_in_every_language(vector: dict[str, Any]) -> None:
    given = (vector["header"], base64.b64decode(vector["body"]), vector["secrets"])
    if vector["is_good"]:
        verify_event(*given, now=vector["now"])
    else:
        with pytest.raises(SignatureRefused):
            verify_event(*given, now=vector["now"])


def test_each_reason_is_told() -> None:
    good = signature.sign(PARAMETERS, [SECRET], NOW)
    assert reason_of(None) is Refusal.NO_SIGNATURE
    assert reason_of("") is Refusal.NO_SIGNATURE
    assert reason_of(good, secrets=[]) is Refusal.NO_SECRET
    assert reason_of(good, secrets="") is Refusal.NO_SECRET
    assert reason_of("t=1") is Refusal.MALFORMED
    assert reason_of(good, now=NOW + 301) is Refusal.TOO_FAR
    assert reason_of(good, now=float("nan")) is Refusal.TOO_FAR
    assert reason_of(good, parameters=PARAMETERS[1:]) is Refusal.PARAMETERS
    assert reason_of(good, secrets="whsec_other") is Refusal.DIGEST


def test_only_what_is_vouched_for_comes_back() -> None:
    header = signature.sign(PARAMETERS, [SECRET], NOW)
    known = verify_request(header, [("shop", "7"), *PARAMETERS, ("trunk", "forged")], SECRET, now=NOW)
    assert known == dict(PARAMETERS)


def test_a_parameter_that_a_framework_lists_twice_is_refused() -> None:
    header = signature.sign(PARAMETERS, [SECRET], NOW)
    once = {name: [value] for name, value in PARAMETERS}
    assert verify_request(header, once, [SECRET], now=NOW) == dict(PARAMETERS)
    assert reason_of(header, {**once, "caller": ["819012345678", "1"]}) is Refusal.PARAMETERS


def test_an_event_is_vouched_for_by_its_body() -> None:
    body = b'{"event": "call.ended"}'
    header = signature.sign([("body_sha256", hashlib.sha256(body).hexdigest())], ["new", "old"], NOW)
    for secret in ("new", "old"):
        verify_event(header, body, [secret], now=NOW)
    for wrong in (body + b" ", b""):
        with pytest.raises(SignatureRefused) as caught:
            verify_event(header, wrong, ["new"], now=NOW)
        assert caught.value.reason is Refusal.DIGEST


def test_the_signature_of_an_event_vouches_for_no_request_and_the_other_way_round() -> None:
    body = b"{}"
    digest = hashlib.sha256(body).hexdigest()
    of_event = signature.sign([("body_sha256", digest)], [SECRET], NOW)
    assert reason_of(of_event, [*PARAMETERS, ("body_sha256", digest)]) is Refusal.PARAMETERS
    with pytest.raises(SignatureRefused):
        verify_event(signature.sign(PARAMETERS, [SECRET], NOW), body, SECRET, now=NOW)


def test_now_is_now() -> None:
    header = signature.sign(PARAMETERS, [SECRET], NOW)
    with pytest.raises(SignatureRefused):
        verify_request(header, PARAMETERS, SECRET)
    verify_request(header, PARAMETERS, SECRET, now=NOW + 400, tolerance_s=500)


@given(st.dictionaries(st.text(), st.text(), max_size=5), st.text(min_size=1))
def test_what_the_server_signs_the_client_accepts(own: dict[str, str], secret: str) -> None:
    parameters = [*{**own, "call_id": "c", "event": "incoming"}.items()]
    secret = secret.encode(errors="replace").decode()
    header = signature.sign(parameters, [secret], NOW)
    assert verify_request(header, parameters, secret, now=NOW) == dict(parameters)


@given(st.text())
def test_whatever_the_header_holds_nothing_else_is_raised(header: str) -> None:
    with pytest.raises(SignatureRefused):
        verify_request(header, PARAMETERS, SECRET, now=NOW)
