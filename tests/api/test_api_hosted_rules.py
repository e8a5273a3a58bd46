"""`.../rules/`: what a number does by itself, tried before it counts, and served to whoever knows the URL."""

import json
from pathlib import Path
from typing import Any

import pytest

from api_house import OTHER_SID, OTHER_TOKEN, House, Server, open_house
from rule_documents import OFFICE

PATH = "/voice/dins/subscriptions/"
SIMPLE = {"time_zone": "UTC", "open": "reject"}


def rules_of(uid: str) -> str:
    return f"{PATH}{uid}/rules/"


def put(house: House, uid: str, document: object) -> dict[str, Any]:
    answer = house.ask("PUT", rules_of(uid), json=document)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def served(house: House, url: str) -> str:
    """Ask as an action request does: without credentials, with parameters of its own."""
    answer = house.get(url.removeprefix(house.url), who=None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def test_rules_are_set_read_and_taken_away(house: House) -> None:
    uid = house.subscribe()
    assert (house.get(rules_of(uid)).status_code, house.get(rules_of(uid)).json()["code"]) == (404, "rules-not-found")
    told = put(house, uid, OFFICE)
    assert (told["din_uid"], told["rules"]) == (uid, OFFICE)
    assert told["url"].startswith(f"{house.url}/hosted/")
    assert house.get(rules_of(uid)).json() == told
    assert put(house, uid, SIMPLE) == told | {"rules": SIMPLE}
    # Both spellings of a path, and what was read can be sent as it is.
    assert house.ask("PUT", rules_of(uid)[:-1], json=told["rules"]).json() == told
    gone = house.delete(rules_of(uid))
    assert (gone.status_code, gone.json()) == (200, told)
    assert house.delete(rules_of(uid)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"opne": "reject"}, "opne", "There is no such field."),
        ({"time_zone": "Mars/Base"}, "time_zone", "'Mars/Base' is no time zone that this server knows."),
        (
            {"open": "pause 1\nplaybak https://a.example/"},
            "open",
            'Unknown-verb, line 2, column 1: there is no action "playbak". Did you mean "playback"?',
        ),
        ({"block": {"callers": ["x"], "script": "reject"}}, "block.callers[0]", "'x' is not 1 to 15 digits."),
    ],
)
def test_what_is_wrong_is_a_400_that_names_its_place(
    house: House, wrong: dict[str, object], field: str, sentence: str
) -> None:
    uid = house.subscribe()
    answer = house.ask("PUT", rules_of(uid), json=SIMPLE | wrong)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert answer.json()[field][0].startswith(sentence)
    assert house.get(rules_of(uid)).status_code == 404


def test_only_one_json_object_is_a_document(house: House) -> None:
    uid = house.subscribe()

    def refused(body: bytes, kind: str = "application/json") -> tuple[int, object]:
        answer = house.ask("PUT", rules_of(uid), body=body, headers={"Content-Type": kind})
        told = answer.json()
        return answer.status_code, told.get("code", list(told))

    assert refused(b'{"open": "reject", "open": "hangup"}') == (400, ["open"])
    assert refused(b'{"open": "reject", "allow": {"x": 1, "x": 2}}') == (400, ["x"])
    assert refused(b'["reject"]') == (400, ["rules"])
    assert refused(b'{"open": ') == (400, "malformed-body")
    assert refused(b"") == (400, "malformed-body")
    assert refused(b"open=reject", "application/x-www-form-urlencoded") == (415, "unsupported-media-type")
    assert refused(json.dumps({"open": "x" * 70_000}).encode()) == (413, "body-too-large")


def test_an_action_url_and_rules_refuse_each_other(house: House) -> None:
    uid = house.subscribe()
    url = {"action_url": "https://shop.example/"}
    house.post(f"{PATH}{uid}/", form=url)
    refused = house.ask("PUT", rules_of(uid), json=SIMPLE)
    assert (refused.status_code, list(refused.json())) == (400, ["action_url"])
    house.post(f"{PATH}{uid}/", form={"action_url": ""})
    put(house, uid, SIMPLE)
    refused = house.post(f"{PATH}{uid}/", form=url)
    assert (refused.status_code, list(refused.json())) == (400, ["action_url"])
    # What comes after the rules in the chain is set as ever.
    assert house.post(f"{PATH}{uid}/", form={"default_action": "hangup"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_accounts_rules_do_not_exist(house: House, method: str) -> None:
    uid = house.subscribe()
    put(house, uid, SIMPLE)
    document = SIMPLE if method == "PUT" else None
    answer = house.ask(method, rules_of(uid), who=(OTHER_SID, OTHER_TOKEN), json=document)
    assert (answer.status_code, answer.json()["code"]) == (404, "subscription-not-found")
    assert house.get(f"{rules_of(uid)}preview/", who=(OTHER_SID, OTHER_TOKEN)).status_code == 404


def test_a_preview_says_what_would_happen_and_why(house: House) -> None:
    uid = house.subscribe()
    put(house, uid, OFFICE)
    preview = house.get(f"{rules_of(uid)}preview/?at=2026-11-23T20:00:00%2B09:00&caller=%2B4930-123")
    assert preview.json() == {
        "rule": "block",
        "script": "reject declined",
        "why": "4930123 is, by 4930*, on the block list",
        "at": "2026-11-23T11:00:00Z",
        "local_time": "2026-11-23T20:00:00+09:00",
        "time_zone": "Asia/Tokyo",
    }
    # Without a moment it is now, and without a caller it is one without a number.
    now = house.get(f"{rules_of(uid)}preview/").json()
    assert (now["rule"], now["at"], now["why"]) == (
        "allow",
        "2026-11-23T06:00:00Z",
        "a caller without a number is not on the allow list",
    )
    assert "withheld" in house.get(f"{rules_of(uid)}preview/?anonymous=1").json()["why"]


@pytest.mark.parametrize(
    "query", ["at=tomorrow", "at=2026-11-23T06:00:00", "at=9999-12-31T23:00:00Z", "caller=x", "who=1"]
)
def test_a_preview_of_nothing_is_a_400_that_names_it(house: House, query: str) -> None:
    uid = house.subscribe()
    put(house, uid, SIMPLE)
    answer = house.get(f"{rules_of(uid)}preview/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [query.partition("=")[0]])


def test_rules_are_served_as_an_action_server_answers(house: House) -> None:
    uid = house.subscribe()
    url = put(house, uid, OFFICE)["url"]
    asked = "recipient=815012345678&call_id=c&event=incoming&trunk=carrier&at=2020-01-01T00:00:00Z"
    assert served(house, f"{url}?caller=4930123&{asked}") == "reject declined\n"
    assert served(house, f"{url}?caller=819012345678&{asked}") == 'say en "Welcome back."\n'
    assert served(house, f"{url}?caller=819012345678&anonymous=1&{asked}") == "reject busy\n"
    put(house, uid, {name: OFFICE[name] for name in ("time_zone", "hours", "open", "closed")})
    # It is Monday 15:00 in Tokyo, whatever the request says.
    assert served(house, f"{url}?{asked}") == "transfer 81312345678\n"
    house.pass_time(hours=3)
    assert served(house, url.removesuffix("/")) == 'say en "We are closed."\n'


def test_a_url_is_gone_with_its_rules_and_another_one_comes_with_others(house: House) -> None:
    uid = house.subscribe()
    url = put(house, uid, SIMPLE)["url"].removeprefix(house.url)
    house.delete(rules_of(uid))
    answer = house.get(url, who=None)
    assert (answer.status_code, answer.json()["code"]) == (404, "rules-url-not-found")
    again = put(house, uid, SIMPLE)["url"].removeprefix(house.url)
    assert again != url
    house.delete(f"{PATH}{uid}/")
    assert house.get(again, who=None).status_code == 404


def test_who_asks_too_often_waits_and_nobody_else_does(server: Server, furnished: Path, tmp_path: Path) -> None:
    with open_house(server, furnished, tmp_path, rate=1.0) as house:
        uid = house.uid()
        house.seconds += 10
        house.post(PATH, form={"din_uid": uid})
        house.seconds += 10
        url = put(house, uid, SIMPLE)["url"].removeprefix(house.url)
        assert [house.get(url, who=None).status_code for _ in range(3)] == [200, 200, 429]
        assert [house.get("/hosted/guess/", who=None).status_code for _ in range(3)] == [404, 404, 429]
        answer = house.get(url, who=None)
        assert (answer.json()["code"], answer.headers["retry-after"]) == ("throttled", "1")
        house.seconds += 10
        assert house.get(url, who=None).status_code == 200
