"""Bodies: form-encoded or JSON, read strictly."""

import re
import socket
import time
from base64 import b64encode
from urllib.parse import quote

import pytest
import requests

from api_house import SID, TOKEN, House
from offhook.api.errors import as_sentence

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
        (JSON, b'{"din_uid": "a", "action_url": {"a": 1, "a": 2}}', "action_url"),
        (FORM, b"din_uid=a%00b", "din_uid"),
        (FORM, b"din_uid=%ff", "din_uid"),
        (FORM, b"din_uid=a&%ff=b", "?"),
        (FORM, b"din_uid=a&=b", ""),
        (FORM, b"din_uid=a&din_uid[]=b", "din_uid[]"),
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
        (JSON, b'{"din_uid": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
        (JSON, b'{"din_uid": "a"} {}'),
        (JSON, b'{"din_uid": "a\nb"}'),
        (JSON, b"\xef\xbb\xbf{}"),
        (JSON, b" "),
        (JSON, b"null"),
        (FORM, b"din_uid"),
        (FORM, "din_uid=é".encode()),
        (FORM, b"a=1&" * 200 + b"a=1"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(house: House, kind: str, body: bytes) -> None:
    status, answer = _post(house, body, kind)
    assert (status, answer["code"]) == (400, "malformed-body")


BAD_VALUES = {
    "a number": b"7",
    "a fraction": b"0.5",
    "more than 64 bits": b"9" * 30,
    "a number of 5,000 digits": b"-" + b"9" * 5_000,
    "more than any float": b"1e999",
    "a truth": b"true",
    "a list": b'["https://a.example/"]',
    "an object": b'{"a": 1, "a": 2}',
    "a nest": b"[" * 500 + b"]" * 500,
    "a NUL": b'"a\\u0000"',
    "an escape": b'"\\u001b[2J"',
    "a DEL": b'"\\u007f"',
    "half a character": b'"\\ud83d"',
    "the other half": b'"\\ude00\\ud83d"',
    "too long": b'"' + b"x" * 60_000 + b'"',
}
"""JSON that no field of a body takes."""


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
def test_no_field_takes_a_bad_value(house: House, value: bytes) -> None:
    uid = house.subscribe()
    for path, field, before in (
        (PATH, "din_uid", b""),
        (PATH, "action_url", b'"din_uid": "' + house.uid("4930123456").encode() + b'", '),
        (f"{PATH}{uid}/", "action_url", b""),
        (f"{PATH}{uid}/", "fallback_url", b""),
        (f"{PATH}{uid}/", "default_action", b""),
    ):
        body = b"{" + before + b'"' + field.encode() + b'": ' + value + b"}"
        _assert_refused(house.post(path, body=body, headers={"Content-Type": JSON}), field)
    changed = house.get(f"{PATH}{uid}/").json()
    assert (changed["action_url"], changed["fallback_url"], changed["default_action"]) == (None, None, None)


@pytest.mark.parametrize("field", ["action_url", "fallback_url", "default_action"])
def test_a_field_is_given_once(house: House, field: str) -> None:
    path = f"{PATH}{house.subscribe()}/"
    for kind, body in (
        (FORM, f"{field}=&{field}="),
        (FORM, f"{field}=a&{field}=b"),
        (JSON, f'{{"{field}": null, "{field}": null}}'),
    ):
        answer = house.post(path, body=body.encode(), headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()) == (400, {field: ["This field is given more than once."]})
    # A body has fields and a query has filters: what stands in both is one too many.
    answer = house.post(f"{path}?{field}=", form={field: ""})
    assert (answer.status_code, answer.json()) == (400, {field: ["There is no such field."]})


RULES = "/voice/dins/subscriptions/{din_uid}/rules/"
TOLD_ALL = {"/hosted/{token}/"}
"""An action server is told more than it asks for, and minds nothing of it."""
LINKS = {f"/voice/recordings/{{recording_uid}}/audio.{form}/" for form in ("wav", "mp3")}
"""What is wrong with a link is never told by its parts: see test_api_recordings.py."""
BAD_FILTERS = {
    "/voice/dins/": {
        "country": ["J", "JPN", "jp", "ＪＰ", "QQ", "JP\n", " JP"],
        "prefix": ["81a", "+81", "８１", "٣", "1" * 16, "-1", "81 ", "1.5"],
        "contains": ["%", "_", "８", "1" * 16, "0x1"],
        "max_monthly_cost": ["-1", "+1", "1e3", "1,5", ".5", "1.", "NaN", "Infinity", "٣", "0.0000001", "9" * 19],
        "max_minute_cost": ["-1", "+1", "1e3", "NaN", "٣", "0.0000001", "9" * 19],
        "features": ["fax", "transfer,", ",transfer", "transfer, verification", "TRANSFER", "transfer\n", "ｔransfer"],
        "limit": ["0", "-1", "+1", "1.0", "1_0", " 1", "1e2", "0x1", "１", "٣", "1001", "9" * 30, "true"],
        "after": ["JP00000000000001", "1" * 16, "８"],
    },
    "/voice/calls/": {
        "since": [
            "now",
            "2026-11-23",
            "2026-11-23T06:00:00",
            "1700000000",
            "2026-02-30T00:00:00Z",
            "２026-11-23T06:00Z",
        ],
        "until": ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T25:00:00Z"],
        "number": ["+81", "８１", "1" * 33, "81a"],
        "caller": ["anonymous", "+81", "1" * 33],
        "status": ["lost", "Completed", "completed,failed"],
        "reason": ["No credit", "a" * 65, "no_credit"],
        "limit": ["0", "1001", "1_0", "9" * 30],
        "before": ["x" * 201],
        "format": ["xml", "CSV", "text/csv"],
    },
    "/voice/recordings/": {
        "since": ["now", "2026-11-23", "2026-11-23T06:00:00"],
        "until": ["2026-11-23T25:00:00Z"],
        "number": ["+81", "８１", "1" * 33, "81a"],
        "heard": ["yes", "True", "1", "true,false"],
        "limit": ["0", "1001", "1_0", "9" * 30],
        "before": ["x" * 201],
    },
    "/account/ledger/": {
        "since": ["now", "2026-11-23"],
        "until": ["2026-11-23T25:00:00Z"],
        "limit": ["0", "1001", "1_0", "9" * 30],
        "before": ["x" * 301],
        "format": ["xml", "CSV"],
    },
    "/account/usage/": {
        "since": ["now", "2026-02-30", "2026-11-23T06:00:00Z", "２026-11-23"],
        "until": ["2026-13-01", "20261123"],
        "limit": ["0", "1001", "1_0", "9" * 30],
        "after": ["2026-11-23", "815012345678", "2026-02-30-81", "x" * 300],
        "format": ["xml", "CSV"],
    },
    f"{RULES}preview/": {
        "at": ["now", "2026-11-23", "2026-11-23T06:00:00", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"],
        "caller": ["anonymous", "８１", "1" * 16, "*"],
        "anonymous": ["perhaps", "2", "１"],
    },
}
"""What the filters of each list do not take, besides what none takes."""
NEVER = ["", "\0", "\x1b[2J", "\x7f", "9" * 5_000]


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, filters in BAD_FILTERS.items() for name in filters])
def test_a_bad_filter_is_a_400_that_names_it(house: House, path: str, name: str) -> None:
    written = [quote(value) for value in NEVER + BAD_FILTERS[path][name]]
    # Bytes that are no UTF-8, a surrogate in what looks like UTF-8, and a filter without its sign.
    for value in [*(f"={text}" for text in [*written, "%ff", "%ed%a0%80", f"1&{name}=1"]), ""]:
        _assert_refused(house.get(f"{path}?{name}{value}"), name)


def test_the_tables_of_filters_are_whole(house: House) -> None:
    paths = house.get("/openapi.json").json()["paths"]
    known = {
        path: {parameter["name"] for parameter in methods["get"].get("parameters", ()) if parameter["in"] == "query"}
        for path, methods in paths.items()
        if "get" in methods and path not in TOLD_ALL | LINKS
    }
    assert {path: set(filters) for path, filters in BAD_FILTERS.items()} == {p: f for p, f in known.items() if f}


def _assert_refused(answer: requests.Response, field: str) -> None:
    assert answer.status_code == 400, answer.text
    [(name, sentences)] = answer.json().items()
    assert name == field
    for sentence in sentences:
        assert as_sentence(sentence) == sentence


def test_a_body_that_ends_early_is_no_defect_of_ours(house: House) -> None:
    host, port = house.url.removeprefix("http://").split(":")
    head = [
        "POST /voice/dins/subscriptions/ HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        "Content-Length: 9",
    ]
    token = b64encode(f"{SID}:{TOKEN}".encode()).decode()
    with socket.create_connection((host, int(port))) as client:
        client.sendall("\r\n".join([*head, f"Authorization: Basic {token}", "", "{"]).encode())
    assert _status_counted(house) == 400


def _status_counted(house: House) -> int:
    """Return how the one POST of a house was answered, as soon as it was."""
    for _ in range(200):
        if found := re.search(
            r'method="POST",route="/voice/dins/subscriptions/",status="(\d+)"', house.get("/metrics").text
        ):
            return int(found[1])
        time.sleep(0.02)
    return 0


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
