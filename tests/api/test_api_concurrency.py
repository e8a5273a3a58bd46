"""Two hundred clients want the same thing at the same moment, from one process or from several on one database."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode

import pytest

from api_node import nodes
from offhook.domain.credits import CREDIT
from offhook.service import accounts, audit, numbers
from offhook.service.ports import Work
from offhook.storage import Database, open_database

CLIENTS = 200
WITH_ONE_KEY = 50
CREDITS = 1000
COST = 650
UID = "JP00000000000001"
POOL = f"din,country_code,prefix,monthly_cost,minute_cost,trunk\n815012345678,81,50,{COST},1,\n"
PATH = "/voice/dins/subscriptions/"


@dataclass(frozen=True, slots=True)
class Market:
    """One number, the accounts that may take it, and where the API is."""

    database: Database
    ports: Sequence[int]

    def at_once(self, customers: Sequence[int], **headers: str) -> list[tuple[int, str, str]]:
        """Let all of these ask for the number at once; return each one's status, code and body."""
        barrier = Barrier(len(customers))

        def ask(place: int) -> tuple[int, str, str]:
            connection = HTTPConnection("127.0.0.1", self.ports[place % len(self.ports)], timeout=60)
            connection.connect()
            barrier.wait(60)
            return _ask(connection, customers[place], headers)

        with ThreadPoolExecutor(len(customers)) as threads:
            return list(threads.map(ask, range(len(customers))))

    def balances(self) -> Counter[float]:
        """Return how many accounts have how many credits."""

        def read(work: Work) -> Counter[float]:
            return Counter(summary.available / CREDIT for summary in accounts.list_accounts(work))

        return self.database.read_now(read)

    def findings(self) -> Sequence[object]:
        """Return what is wrong with the books."""
        return self.database.read_now(audit.verify).findings


@pytest.fixture(params=["one process on sqlite", "one process on postgresql", "three processes on postgresql"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    how_many, kind = request.param.split()[0], request.param.split()[-1]
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('market') / 'offhook.db'}"
    else:
        url = request.getfixturevalue("furnished_postgres_url")
    database = open_database(url)
    database.write_now(_open_market)
    with nodes(url, 3 if how_many == "three" else 1) as ports:
        yield Market(database, ports)
    database.close()


def test_one_of_two_hundred_clients_gets_the_number_and_nobody_else_pays(market: Market) -> None:
    answers = market.at_once(range(CLIENTS))
    assert Counter(status for status, _, _ in answers) == {201: 1, 409: CLIENTS - 1}
    assert {code for status, code, _ in answers if status == 409} == {"number-taken"}
    assert market.balances() == {CREDITS - COST: 1, CREDITS: CLIENTS - 1}
    assert market.findings() == ()


def test_one_key_of_fifty_clients_is_one_subscription_and_one_answer(market: Market) -> None:
    key = {"Idempotency-Key": "order-17"}
    answers = market.at_once([0] * WITH_ONE_KEY, **key)
    bodies = {body for status, _, body in answers if status == 201}
    assert len(bodies) == 1
    assert {(status, code) for status, code, _ in answers} <= {(201, ""), (409, "idempotency-key-in-progress")}
    assert market.at_once([0], **key) == [(201, "", *bodies)]
    assert market.balances() == {CREDITS - COST: 1, CREDITS: CLIENTS - 1}
    assert market.findings() == ()


def _ask(connection: HTTPConnection, customer: int, headers: dict[str, str]) -> tuple[int, str, str]:
    credentials = b64encode(":".join(_credentials(customer)).encode()).decode()
    said = {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded", **headers}
    try:
        connection.request("POST", PATH, urlencode({"din_uid": UID}), said)
        response = connection.getresponse()
        body = response.read().decode()
    finally:
        connection.close()
    return response.status, json.loads(body).get("code", ""), body


def _credentials(customer: int) -> tuple[str, str]:
    return f"client-sid-{customer}", f"client-token-{customer}"


def _open_market(work: Work) -> None:
    now = datetime.now(UTC)
    for customer in range(CLIENTS):
        sid, token = _credentials(customer)
        accounts.create_account(work, name=f"Client {customer}", credit=CREDITS * CREDIT, sid=sid, token=token, now=now)
    rows = list(numbers.read_rows(POOL.splitlines()))
    numbers.import_numbers(work, rows=rows, now=now, fresh=lambda: UID[2:])
