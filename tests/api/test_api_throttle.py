"""How fast one API user may ask."""

from functools import partial
from pathlib import Path

import pytest

from api_house import OTHER_SID, OTHER_TOKEN, Server, open_house
from offhook.api.throttle import Throttle
from offhook.service import api_users


def test_a_burst_is_let_through_and_then_the_pace_is_kept() -> None:
    throttle = Throttle(rate=10)
    assert [throttle.wait_s(1, 0.0) for _ in range(20)] == [0.0] * 20
    assert throttle.wait_s(1, 0.0) == pytest.approx(0.1)
    assert throttle.wait_s(1, 0.1) == 0.0
    assert throttle.wait_s(1, 0.1) > 0


def test_who_is_refused_is_not_punished_for_asking() -> None:
    throttle = Throttle(rate=1)
    assert [throttle.wait_s(1, 0.0) for _ in range(5)] == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert throttle.wait_s(1, 1.0) == 0.0


def test_who_was_quiet_saves_up_no_more_than_a_burst() -> None:
    throttle = Throttle(rate=1)
    throttle.wait_s(1, 0.0)
    assert [bool(throttle.wait_s(1, 1000.0)) for _ in range(3)] == [False, False, True]


def test_users_do_not_slow_each_other() -> None:
    throttle = Throttle(rate=1)
    assert [throttle.wait_s(1, 0.0) for _ in range(3)][-1] > 0
    assert throttle.wait_s(2, 0.0) == 0.0


def test_a_throttled_request_says_when_to_come_back(server: Server, furnished: Path, tmp_path: Path) -> None:
    with open_house(server, furnished, tmp_path, rate=1) as house:
        answers = [house.get("/account/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "1"
        assert answers[2].json()["detail"] == "Request was throttled. Expected available in 1 second."
        assert answers[2].json()["code"] == "throttled"
        assert house.get("/account/", who=(OTHER_SID, OTHER_TOKEN)).status_code == 200
        house.seconds += 1
        assert house.get("/account/").status_code == 200


def test_a_second_user_of_the_account_has_a_budget_of_its_own(server: Server, furnished: Path, tmp_path: Path) -> None:
    with open_house(server, furnished, tmp_path, rate=1) as house:
        house.database.write_now(
            partial(api_users.add_user, account="Shop", nickname="Till", sid="till", token="t", now=house.now)
        )
        assert [house.get("/account/").status_code for _ in range(3)] == [200, 200, 429]
        answers = [house.get("/account/", who=("till", "t")) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "1"
        assert answers[2].json() == {
            "detail": "Request was throttled. Expected available in 1 second.",
            "code": "throttled",
            "help": f"{house.url}/docs/errors/throttled",
        }
