"""Exports over HTTP: sent while they are read, whole or visibly broken."""

import csv
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
import requests
import structlog
from sqlalchemy import insert

from api_house import BEGIN, SID, TOKEN, House
from offhook.domain.calls import Status
from offhook.service.exports import BROKEN_OFF, PART
from offhook.service.ports import Work
from offhook.storage import DatabaseAway
from offhook.storage.schema import calls
from offhook.storage.work import Work as StoredWork

T = TypeVar("T")

PARTS = 4
COUNT = PARTS * PART - 1
CALLS = "/voice/calls/?format=csv"
GRACE_S = 10
AWAY = DatabaseAway("the disk has gone")


@pytest.fixture
def log(house: House, request: pytest.FixtureRequest) -> House:
    """Return a house with calls for four parts, of so many bytes a call."""
    size = getattr(request, "param", 20)

    def fill(work: StoredWork) -> None:
        account = work.accounts.by_name("Shop")
        assert account is not None
        row = {
            **dict.fromkeys(("api_user", "trunk", "source", "caller_raw", "caller_name", "node"), ""),
            **dict.fromkeys(("duration_s", "minute_cost", "held_minutes", "cost"), 0),
            "account_id": account.id,
            "direction": "inbound",
            "caller": "819012345678",
            "anonymous": False,
            "recipient": "815012345678",
            "action_url": "https://shop.example/" + "x" * size,
            "status": Status.COMPLETED.value,
        }
        work.connection.execute(
            insert(calls),
            [
                {**row, "call_id": f"call-{number}", "started_at": BEGIN + timedelta(seconds=number)}
                for number in range(COUNT)
            ],
        )

    house.database.write_now(fill)
    return house


class Reads:
    """Counts the reads of a house's database, and lets those after the first few fail."""

    def __init__(self, house: House, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._lasts = 1000
        self._error: Exception = AWAY
        real = house.database.read

        async def read(unit: Callable[[Work], T]) -> T:
            self.count += 1
            if self.count > self._lasts:
                raise self._error
            return await real(unit)

        patch.setattr(house.database, "read", read)

    def fail_after(self, parts: int, error: Exception = AWAY) -> None:
        """Let the parts after so many of an export fail; one read more is that of the credentials."""
        self.count, self._lasts = 0, parts + 1
        self._error = error


@pytest.fixture
def reads(log: House, monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(log, monkeypatch)


def _send(house: House, path: str, version: str) -> socket.socket:
    """Ask without a client that would hide how the answer ends."""
    host, port = house.url.removeprefix("http://").split(":")
    request = requests.Request("GET", house.url + path, auth=(SID, TOKEN)).prepare()
    connection = socket.create_connection((host, int(port)), timeout=GRACE_S)
    credentials = str(request.headers["Authorization"])
    connection.sendall(f"GET {path} HTTP/{version}\r\nHost: a\r\nAuthorization: {credentials}\r\n\r\n".encode())
    return connection


def _receive_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_all_calls_are_sent_each_once(log: House, reads: Reads) -> None:
    answer = log.get(CALLS)
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["uuid"] for row in rows] == [f"call-{number}" for number in reversed(range(COUNT))]
    assert "Link" not in answer.headers
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert reads.count == PARTS + 1


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (CALLS, "calls-until-2026-11-23T060000Z.csv"),
        (f"{CALLS}&since=2026-11-01T00:00:00Z", "calls-since-2026-11-01-until-2026-11-23T060000Z.csv"),
        (
            f"{CALLS}&since=2026-11-01T09:00:00%2B09:00&until=2026-12-01T12:30:00Z",
            "calls-since-2026-11-01-until-2026-12-01T123000Z.csv",
        ),
        ("/account/ledger/?format=csv&until=2026-12-01T00:00:00Z", "ledger-until-2026-12-01.csv"),
        ("/account/usage/?format=csv", "usage-since-2026-11-01-until-2026-11-24.csv"),
    ],
)
def test_a_file_is_called_by_what_is_in_it(house: House, path: str, name: str) -> None:
    assert house.get(path).headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_database_that_is_away_at_the_beginning_is_a_503(log: House, reads: Reads) -> None:
    reads.fail_after(0)
    answer = log.get(CALLS)
    assert (answer.status_code, answer.json()["code"]) == (503, "database-away")
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize(("error", "code"), [(AWAY, "database-away"), (ZeroDivisionError(), "internal-error")])
def test_what_cannot_be_read_to_its_end_is_broken_and_not_short(
    log: House, reads: Reads, error: Exception, code: str
) -> None:
    reads.fail_after(2, error)
    with structlog.testing.capture_logs() as logs, pytest.raises(requests.exceptions.ChunkedEncodingError):
        log.get(CALLS)
    assert [entry["code"] for entry in logs] == [code]
    reads.fail_after(PARTS)
    assert log.get(CALLS).status_code == 200


def test_it_is_broken_also_where_a_closed_connection_is_the_end(log: House, reads: Reads) -> None:
    with _send(log, CALLS, "1.0") as connection:
        whole = _receive_all(connection).partition(b"\r\n\r\n")[2].decode()
    assert len(list(csv.reader(whole.splitlines(keepends=True), strict=True))) == COUNT + 1
    reads.fail_after(2)
    with _send(log, CALLS, "1.0") as connection:
        broken = _receive_all(connection).partition(b"\r\n\r\n")[2].decode()
    assert broken.endswith("\r\n" + BROKEN_OFF)
    with pytest.raises(csv.Error, match="unexpected end"):
        list(csv.reader(broken.splitlines(keepends=True), strict=True))


@pytest.mark.parametrize("log", [20_000], indirect=True)
def test_a_client_that_goes_away_ends_the_reading(log: House, reads: Reads) -> None:
    # Ten megabytes a part are more than the kernel takes on the way to somebody who reads nothing.
    with _send(log, CALLS, "1.1") as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        seen = _until_still(reads)
        assert seen < PARTS + 1
    time.sleep(0.2)
    assert reads.count <= seen + 1


def _until_still(reads: Reads) -> int:
    deadline = time.monotonic() + GRACE_S
    count = -1
    while count != reads.count:
        assert time.monotonic() < deadline
        count = reads.count
        time.sleep(0.2)
    return count
