"""A diagnosis by HTTP: of one's own numbers, as often as it may be, and in the words of the doctor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api_house import OTHER_SID, OTHER_TOKEN, House, Looks, Server, open_house
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning
from offhook.storage import DatabaseAway


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def house(server: Server, furnished: Path, tmp_path: Path, looks: Looks) -> Iterator[House]:
    with open_house(server, furnished, tmp_path, diagnoses=looks) as opened:
        yield opened


def path(uid: str) -> str:
    return f"/voice/dins/subscriptions/{uid}/diagnosis/"


def test_every_finding_is_told_and_the_worst_of_them(house: House, looks: Looks) -> None:
    uid = house.subscribe()
    looks.found = [
        good(Check.SUBSCRIBED, "it is"),
        unknown(Check.TEXT, "no answer"),
        bad(Check.ANSWERS, "it is late", "Be quick.", reason="timeout", elapsed_ms=8000.0),
    ]
    answer = house.get(path(uid))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["din"], told["din_uid"], told["verdict"]) == ("815012345678", uid, "bad")
    assert told["at"] == "2026-11-23T06:00:00Z"
    assert told["findings"][2] == {
        "code": "action-url-answers",
        "verdict": "bad",
        "sentence": "it is late",
        "cure": "Be quick.",
        "data": {"reason": "timeout", "elapsed_ms": 8000.0},
    }
    assert [din for din, _ in looks.asked] == ["815012345678"]


@pytest.mark.parametrize(
    ("found", "verdict"), [([unknown(Check.TEXT, "")], "good"), ([warning(Check.CREDIT, "")], "warning")]
)
def test_what_was_not_looked_at_is_no_fault(house: House, looks: Looks, found: list[Finding], verdict: str) -> None:
    looks.found = found
    assert house.get(path(house.subscribe())).json()["verdict"] == verdict


def test_a_number_of_another_account_is_not_looked_at(house: House, looks: Looks) -> None:
    uid = house.subscribe()
    for who, which in (((OTHER_SID, OTHER_TOKEN), uid), (None, uid)):
        assert house.get(path(which), who=who).status_code in (401, 404)
    assert house.get(path("JP00000000000999")).status_code == 404
    assert looks.asked == []


def test_an_account_may_have_one_for_a_hundred_requests(
    server: Server, furnished: Path, tmp_path: Path, looks: Looks
) -> None:
    with open_house(server, furnished, tmp_path, rate=50, diagnoses=looks) as house:
        uid = house.subscribe()
        assert house.get(path(uid)).status_code == 200
        refused = house.get(path(uid))
        assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
        assert int(refused.headers["Retry-After"]) >= 1
        # Others are not held up by it, nor is anything else of this account.
        assert house.get("/voice/dins/").status_code == 200
        other = house.subscribe("81312345678", who=(OTHER_SID, OTHER_TOKEN))
        assert house.get(path(other), who=(OTHER_SID, OTHER_TOKEN)).status_code == 200
        house.seconds += 2
        assert house.get(path(uid)).status_code == 200
    assert len(looks.asked) == 3


def test_a_database_that_is_away_meanwhile_is_a_503(house: House, looks: Looks) -> None:
    looks.error = DatabaseAway("it is away")
    answer = house.get(path(house.subscribe()))
    assert (answer.status_code, answer.json()["code"]) == (503, "database-away")


def test_a_server_without_instruments_says_so(server: Server, furnished: Path, tmp_path: Path) -> None:
    with open_house(server, furnished, tmp_path) as house:
        answer = house.get(path(house.subscribe()))
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")


def test_it_takes_no_query(house: House) -> None:
    assert house.get(f"{path(house.subscribe())}?deep=1").status_code == 400
