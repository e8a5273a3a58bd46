"""`/voice/calls/`: the log, its filters, CSV and the timelines."""

import csv

import pytest

from api_house import OTHER_SID, OTHER_TOKEN, House
from offhook.domain.calls import Reason

PATH = "/voice/calls/"


@pytest.fixture
def log(house: House) -> House:
    house.post(
        "/voice/dins/subscriptions/", form={"din_uid": house.uid(), "action_url": "https://shop.example/calls?a=1,2"}
    )
    house.receive_call("one", 1)
    house.receive_call("two", 2, caller="4930999")
    house.receive_call("three", 3, refusal=Reason.OVERLOAD)
    return house


def _ids(house: House, query: str) -> list[str]:
    return [call["call_id"] for call in house.get(PATH + query).json()]


def test_a_call_looks_as_the_published_api_has_it(log: House) -> None:
    assert log.get(f"{PATH}one/").json() == {
        "call_id": "one",
        "callid": "one",
        "uuid": "one",
        "direction": "inbound",
        "caller": "819012345678",
        "recipient": "815012345678",
        "status": "completed",
        "reason": None,
        "start_time": "2026-11-23T06:01:00Z",
        "answer_time": "2026-11-23T06:01:02Z",
        "end_time": "2026-11-23T06:01:43Z",
        "duration": 42,
        "cost": 1.0,
        "actionurl": "https://shop.example/calls?a=1,2",
        "apiuser": "Shop",
    }


def test_a_refused_call_tells_its_reason(log: House) -> None:
    call = log.get(f"{PATH}three/").json()
    assert (call["status"], call["reason"], call["answer_time"], call["cost"]) == ("refused", "overload", None, 0.0)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["three", "two", "one"]),
        ("?status=completed", ["two", "one"]),
        ("?reason=overload", ["three"]),
        ("?caller=4930999", ["two"]),
        ("?number=815012345678", ["three", "two", "one"]),
        ("?number=81312345678", []),
        ("?since=2026-11-23T06:02:00Z", ["three", "two"]),
        ("?until=2026-11-23T15:02:00%2B09:00", ["one"]),
        ("?limit=1", ["three"]),
        ("?limit=1&before=three", ["two"]),
    ],
)
def test_filters_filter(log: House, query: str, ids: list[str]) -> None:
    assert _ids(log, query) == ids


def test_pages_follow_each_other_by_their_links(log: House) -> None:
    first = log.get(f"{PATH}?limit=2")
    second = log.get(first.links["next"]["url"].removeprefix(log.url))
    assert [call["call_id"] for call in first.json() + second.json()] == ["three", "two", "one"]
    assert "Link" not in second.headers


@pytest.mark.parametrize(
    ("query", "headers"), [("?format=csv", {}), ("", {"Accept": "text/csv"}), ("?format=csv", {"Accept": "text/html"})]
)
def test_the_log_can_be_had_as_csv(log: House, query: str, headers: dict[str, str]) -> None:
    answer = log.get(PATH + query, headers=headers)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert list(rows[0]) == [
        *("caller", "cost", "direction", "recipient", "start_time", "end_time", "duration", "status", "apiuser"),
        *("uuid", "actionurl"),
    ]
    assert [row["uuid"] for row in rows] == ["three", "two", "one"]
    assert rows[2]["actionurl"] == "https://shop.example/calls?a=1,2"
    assert (rows[2]["cost"], rows[2]["duration"]) == ("1.0", "42")


def test_csv_is_filtered_too(log: House) -> None:
    lines = log.get(f"{PATH}?format=csv&status=completed&until=2026-11-23T06:02:00Z").text.splitlines()
    assert [line.split(",")[9] for line in lines] == ["uuid", "one"]


def test_csv_goes_on_after_a_call(log: House) -> None:
    lines = log.get(f"{PATH}?format=csv&before=two").text.splitlines()
    assert [line.split(",")[9] for line in lines] == ["uuid", "one"]


def test_csv_has_pages_for_those_who_want_them(log: House) -> None:
    answer = log.get(f"{PATH}?format=csv&limit=2")
    assert len(answer.text.splitlines()) == 3
    assert "before=two" in answer.links["next"]["url"]
    assert "calls-until" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_strangers_calls_are_not_exported(log: House) -> None:
    assert len(log.get(f"{PATH}?format=csv", who=(OTHER_SID, OTHER_TOKEN)).text.splitlines()) == 1


def test_json_can_be_asked_for_by_name(log: House) -> None:
    assert log.get(f"{PATH}?format=json", headers={"Accept": "text/csv"}).headers["Content-Type"] == "application/json"


def test_a_timeline_is_told_moment_by_moment(log: House) -> None:
    told = log.get(f"{PATH}one/timeline/").json()
    first, second = (event for event in told if event["kind"] != "posting")
    why = {"code": None, "sentence": "The call went as wished: it lasted 42 s.", "cure": ""}
    arrived = {"at_ms": 0.0, "kind": "arrived", "code": None, "text": "a call from the trunk carrier", "data": {}}
    assert first == {**arrived, "cause": why}
    assert (second["at_ms"], second["data"], second["cause"]) == (12.4, {"attempt": 1}, None)
    posted = [(event["text"], event["data"]["change"]) for event in told if event["kind"] == "posting"]
    assert posted == [("1 credit held for minute 1", 0.0), ("1 minute charged at 1 credit", -1.0)]


@pytest.mark.parametrize("path", [f"{PATH}one/", f"{PATH}one/timeline/", f"{PATH}none/", f"{PATH}%00/"])
def test_a_call_of_nobody_or_of_another_account_is_a_404(log: House, path: str) -> None:
    answer = log.get(path, who=(OTHER_SID, OTHER_TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (404, "call-not-found")


def test_another_accounts_log_is_empty(log: House) -> None:
    assert log.get(PATH, who=(OTHER_SID, OTHER_TOKEN)).json() == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?since=yesterday", "since"),
        ("?since=2026-11-23T06:00:00", "since"),
        ("?until=1700000000", "until"),
        ("?until=0001-01-01T00:00:00%2B14:00", "until"),
        ("?status=lost", "status"),
        ("?reason=No%20Credit", "reason"),
        ("?caller=anonymous", "caller"),
        ("?number=%2B81", "number"),
        ("?format=xml", "format"),
        ("?before=%00", "before"),
        ("?colour=red", "colour"),
    ],
)
def test_a_bad_filter_is_a_400_that_names_it(house: House, query: str, field: str) -> None:
    answer = house.get(PATH + query)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
