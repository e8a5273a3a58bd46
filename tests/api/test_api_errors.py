"""Every error has a status; every refusal has one of two shapes."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TypeVar

import pytest

import offhook
from api_house import SID, TOKEN, House
from offhook.api.errors import STATUSES, as_sentence, status_of
from offhook.api.meanings import meanings
from offhook.errors import ImpossibleMove, OffhookError
from offhook.service.ports import Work
from offhook.storage import DatabaseAway

T = TypeVar("T")


REACHED = ("offhook.errors", "offhook.domain", "offhook.service", "offhook.storage", "offhook.api")
"""Where an error can come from on its way to an HTTP answer."""
OPERATORS_OWN = {
    "account-name-taken",
    "api-user-not-found",
    "nickname-taken",
    "peer-user-taken",
    "sid-taken",
    "source-taken",
    "trunk-name-taken",
    "trunk-not-found",
}
"""Only the command line can cause these."""


def _every_error() -> Iterator[type[OffhookError]]:
    for module in pkgutil.walk_packages(offhook.__path__, "offhook."):
        if module.name.startswith(REACHED) and not module.name.startswith("offhook.storage.migrations"):
            importlib.import_module(module.name)
    left: list[type[OffhookError]] = [OffhookError]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if kind.__module__.startswith(REACHED):
            yield kind


def test_every_family_of_errors_has_its_own_line_in_the_table() -> None:
    families = {kind for kind in _every_error() if OffhookError in kind.__bases__}
    assert families - set(STATUSES) == set()
    assert len(families) >= 15


def test_every_error_that_a_customer_can_cause_is_explained_with_its_status() -> None:
    for kind in _every_error():
        status = status_of(kind.__new__(kind))
        if status is not HTTPStatus.INTERNAL_SERVER_ERROR and kind.code not in OPERATORS_OWN:
            assert meanings()[kind.code][0] == status, kind


def test_a_meaning_is_a_sentence() -> None:
    for status, meaning in meanings().values():
        assert 400 <= status < 600
        assert as_sentence(meaning) == meaning


@pytest.mark.parametrize(
    ("who", "headers"),
    [
        (None, {}),
        ((SID, "wrong"), {}),
        (("nobody", TOKEN), {}),
        ((SID.upper(), TOKEN), {}),
        (("", ""), {}),
        (("a\0b", TOKEN), {}),
        (None, {"Authorization": f"Bearer {TOKEN}"}),
        (None, {"Authorization": "Basic"}),
        (None, {"Authorization": "Basic !!!"}),
        (None, {"Authorization": "Basic c2hvcA=="}),
        (None, {"Authorization": "Basic /////w=="}),
    ],
)
def test_wrong_credentials_are_a_401_before_anything_else(
    house: House, who: tuple[str, str] | None, headers: dict[str, str]
) -> None:
    answer = house.get("/voice/dins/?colour=red", who=who, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert set(answer.json()) == {"detail", "code", "help"}
    assert answer.json()["code"] == "wrong-credentials"


@pytest.mark.parametrize(
    "path", ["/account/", "/voice/dins/", "/voice/calls/", "/voice/dins/subscriptions/", "/account/ledger/"]
)
def test_nothing_is_told_to_strangers(house: House, path: str) -> None:
    assert house.get(path, who=None).status_code == 401


def test_every_path_is_served_with_and_without_its_last_slash(house: House) -> None:
    uid = house.subscribe()
    for path in ("/voice/dins", "/voice/calls", "/account", "/account/ledger", f"/voice/dins/subscriptions/{uid}"):
        assert house.get(path).status_code == house.get(path + "/").status_code == 200
    for path in ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"):
        assert house.get(path, who=None).status_code == house.get(path + "/", who=None).status_code == 200
    assert house.post(f"/voice/dins/subscriptions/{uid}", form={"action_url": "http://a.example/"}).status_code == 200
    assert house.delete(f"/voice/dins/subscriptions/{uid}").status_code == 200


def test_an_unknown_path_is_a_404_in_our_shape(house: House) -> None:
    answer = house.get("/voice/faxes/")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-path")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "FAX"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/account", "GET"),
        ("/voice/dins/subscriptions/", "GET, POST"),
        ("/voice/dins/subscriptions/JP00000000000001/", "DELETE, GET, POST"),
        ("/docs", "GET"),
        ("/openapi.json", "GET, HEAD"),
    ],
)
def test_an_unknown_method_is_a_405_that_names_the_known_ones(
    house: House, method: str, path: str, allowed: str
) -> None:
    answer = house.ask(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == allowed


def test_help_leads_to_the_explanation_of_the_code(house: House) -> None:
    problem = house.get("/voice/faxes/").json()
    assert problem["help"] == f"{house.url}/docs/errors/no-such-path"
    assert problem["code"] in {error["code"] for error in house.get("/openapi.json").json()["x-errors"]}


def _break(house: House, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let everything that the API reads fail: no way of asking makes a sound database do that."""

    async def fail(unit: Callable[[Work], T]) -> T:
        raise error

    monkeypatch.setattr(house.database, "read", fail)


def test_a_database_that_is_away_is_a_503_that_keeps_its_secrets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _break(house, monkeypatch, DatabaseAway("the database cannot be used: disk I/O error in /var/secret"))
    answer = house.get("/account/")
    assert (answer.status_code, answer.json()["code"]) == (503, "database-away")
    assert answer.headers["Retry-After"] == "1"
    assert "secret" not in answer.text
    assert house.get("/readyz").status_code == 503
    assert house.get("/healthz").status_code == 200


@pytest.mark.parametrize("defect", [ZeroDivisionError("secret"), ImpossibleMove("secret", "x"), OffhookError("secret")])
def test_a_defect_is_a_500_in_our_shape_that_keeps_its_secrets(
    house: House, monkeypatch: pytest.MonkeyPatch, defect: Exception
) -> None:
    _break(house, monkeypatch, defect)
    answer = house.get("/account/")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "secret" not in answer.text
    assert 'status="500"' in house.get("/metrics").text
