"""Bodies: form-encoded or JSON, read strictly."""

import pytest

from api_house import House

PATH = "/voice/dins/subscriptions/"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def _post(house: House, body: bytes, kind: str) -> tuple[int, dict[str, object]]:
    answer = house.post(PATH, body=body, headers={"Content-Type": kind})
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (JSON, b'{"din_uid": "a", "din_uid": "b"}', "din_uid"),
        (FORM, b"din_uid=a&din_uid=b", "din_uid"),
        (JSON, b'{"din_uid": 7}', "din_uid"),
        (JSON, b'{"din_uid": ["a"]}', "din_uid"),
        (JSON, b'{"din_uid": null}', "din_uid"),
        (JSON, b'{"din_uid": true}', "din_uid"),
        (JSON, b'{"din_uid": "a\\u0000b"}', "din_uid"),
        (JSON, b'{"din_uid": "\\ud800"}', "din_uid"),
        (FORM, b"din_uid=a%00b", "din_uid"),
        (FORM, b"din_uid=", "din_uid"),
        (JSON, b"{}", "din_uid"),
        (JSON, b'{"din_uid": "a", "colour": "red"}', "colour"),
        (JSON, b'{"din_uid": "a", "\\ud800": "red"}', "?"),
    ],
)
def test_a_bad_field_is_a_400_that_names_it(house: House, kind: str, body: bytes, field: str) -> None:
    status, answer = _post(house, body, kind)
    assert (status, list(answer)) == (400, [field])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b'{"din_uid": '),
        (JSON, b'["din_uid"]'),
        (JSON, b"NaN"),
        (JSON, b'{"din_uid": NaN}'),
        (JSON, b"\xff\xfe"),
        (JSON, b"[" * 60_000),
        (FORM, b"din_uid"),
        (FORM, b"din_uid=%ff"),
        (FORM, "din_uid=é".encode()),
        (FORM, b"a=1&" * 200 + b"a=1"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(house: House, kind: str, body: bytes) -> None:
    status, answer = _post(house, body, kind)
    assert (status, answer["code"]) == (400, "malformed-body")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", f"{JSON}; charset=utf-16", ""])
def test_a_body_of_another_type_is_a_415(house: House, kind: str) -> None:
    status, answer = _post(house, b"din_uid=a", kind)
    assert (status, answer["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize("kind", [f"{JSON}; charset=UTF-8", 'application/JSON;charset="utf-8"'])
def test_utf_8_may_be_named(house: House, kind: str) -> None:
    assert _post(house, b'{"din_uid": "a"}', kind)[0] == 404


def test_a_body_without_end_is_cut_at_the_limit(house: House) -> None:
    status, answer = _post(house, b'{"din_uid": "' + b"a" * 70_000 + b'"}', JSON)
    assert (status, answer["code"]) == (413, "body-too-large")


def test_action_text_may_have_several_lines(house: House) -> None:
    uid = house.subscribe()
    text = 'say en "One"\npause 1\nsay en "Two"'
    assert house.post(f"{PATH}{uid}/", form={"default_action": text}).json()["default_action"] == text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("POST", PATH),
        ("GET", f"{PATH}x/"),
        ("DELETE", f"{PATH}x/"),
        ("GET", "/voice/calls/x/"),
        ("GET", "/voice/calls/x/timeline/"),
        ("GET", "/account/"),
        ("GET", "/account/ledger/"),
    ],
)
def test_every_endpoint_refuses_a_query_it_does_not_know(house: House, method: str, path: str) -> None:
    answer = house.ask(method, f"{path}?colour=red", form={"din_uid": "a"} if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (400, {"colour": ["There is no such field."]})
