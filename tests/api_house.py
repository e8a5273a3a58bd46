"""A house with its HTTP door open: a real server on loopback over a real database, and a clock to turn."""

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import requests
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Receive, Scope, Send

from offhook.api import create_app
from offhook.api.door import Diagnoses
from offhook.audio.shelf import Shelf
from offhook.domain.calls import Admission, Arrival, Caller, Ending, Reason, Status, TimelineEvent
from offhook.domain.credits import CREDIT
from offhook.domain.diagnosis.findings import Finding
from offhook.service import accounts, desk, numbers
from offhook.storage import Database, open_database

SID, TOKEN = "shop-sid", "shop-token"
OTHER_SID, OTHER_TOKEN = "other-sid", "other-token"
FIRST_CREDIT = 1000
NODE = "node-1"
BEGIN = datetime(2026, 11, 23, 6, 0, 0, 123456, UTC)

POOL = """\
din,country_code,prefix,monthly_cost,minute_cost,trunk
815012345678,81,50,650,1,
81312345678,81,3,900,1.5,
81312345679,81,3,2000,1,
4930123456,49,30,5.25,0,
"""


@dataclass(slots=True)
class House:
    """The house and a visitor's hands."""

    database: Database
    url: str
    session: requests.Session
    now: datetime = BEGIN
    troubles: dict[str, str | None] = field(default_factory=dict)
    seconds: float = 0.0
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def ask(
        self,
        method: str,
        path: str,
        *,
        who: tuple[str, str] | None = (SID, TOKEN),
        form: dict[str, str] | None = None,
        json: Any = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send one request; a redirect would be a failure, so none is followed."""
        content: Any = body if body is not None else form
        return self.session.request(
            method,
            self.url + path,
            auth=who,
            data=content,
            json=json,
            headers=headers,
            allow_redirects=False,
            timeout=10,
        )

    def get(self, path: str, **how: Any) -> requests.Response:
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> requests.Response:
        return self.ask("POST", path, **how)

    def delete(self, path: str, **how: Any) -> requests.Response:
        return self.ask("DELETE", path, **how)

    def pass_time(self, **parts: float) -> None:
        """Turn the calendar forward."""
        self.now += timedelta(**parts)

    def uid(self, din: str = "815012345678") -> str:
        """Find a free number's uid as a customer would."""
        [number] = self.get(f"/voice/dins/?prefix={din}").json()
        return str(number["din_uid"])

    def subscribe(self, din: str = "815012345678", **how: Any) -> str:
        """Subscribe a number and return its uid."""
        uid = self.uid(din)
        assert self.post("/voice/dins/subscriptions/", form={"din_uid": uid}, **how).status_code == 201
        return uid

    def add_numbers(self, *dins: str) -> None:
        """Add Japanese numbers that cost 1 credit."""
        fresh = _counter(1000)
        rows = [
            {"din": din, "country_code": "81", "prefix": "", "monthly_cost": "1", "minute_cost": "1"} for din in dins
        ]
        report = self.database.write_now(partial(numbers.import_numbers, rows=rows, now=BEGIN, fresh=fresh))
        assert report.added == len(dins)

    def receive_call(
        self,
        call_id: str,
        minute: int = 0,
        *,
        din: str = "815012345678",
        caller: str = "819012345678",
        refusal: Reason | None = None,
    ) -> None:
        """Let a call come in `minute` minutes after the beginning; unless refused it talks for 42 seconds and ends."""
        at = BEGIN + timedelta(minutes=minute)
        arrival = Arrival(call_id, at, "carrier", "192.0.2.1", (f"+{din}",), Caller(caller, caller), refusal)
        admitted = self.database.write_now(partial(desk.admit, arrival=arrival, now=at))
        if not isinstance(admitted, Admission):
            return
        answered, ended = at + timedelta(seconds=2), at + timedelta(seconds=43.5)
        self.database.write_now(partial(desk.answered, call_id=call_id, at=answered))
        ending = Ending(call_id, Status.COMPLETED, None, ended, answered, 41.5)
        events = [
            TimelineEvent(0.0, "arrived", "a call from the trunk carrier"),
            TimelineEvent(12.4, "action-requested", "asked https://shop.example/ (attempt 1)", data={"attempt": 1}),
        ]
        self.database.write_now(partial(desk.close, ending=ending, events=events, node="a"))

    def balance(self) -> float:
        return float(self.get("/account/").json()["balance"])


class Looks:
    """Who looks at numbers in a test: finds what it is told to find."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.asked: list[tuple[str, int]] = []
        self.error: Exception | None = None

    async def of(self, din: str, account_id: int) -> Sequence[Finding]:
        self.asked.append((din, account_id))
        if self.error is not None:
            raise self.error
        return self.found


class Server:
    """One real HTTP server for all tests; each puts its own app behind it."""

    def __init__(self, listener: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.app: ASGIApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def do(self, work: Coroutine[object, object, None]) -> None:
        """Do something where the app was served."""
        if self._loop is None:
            work.close()
        else:
            asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        assert self.app is not None
        await self.app(scope, receive, send)


@contextmanager
def open_server() -> Iterator[Server]:
    """Serve on a port of the system's choice, in a thread of its own."""
    # Only for a socket that says it is TCP does asyncio turn Nagle's delay of 40 ms off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    behind = Server(listener)
    server = uvicorn.Server(uvicorn.Config(behind, log_config=None, lifespan="off"))

    def run() -> None:
        asyncio.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=run, name="http-server")
    thread.start()
    try:
        yield behind
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def furnish(path: Path) -> Path:
    """Make a database with two accounts and a pool of four numbers."""
    database = open_database(f"sqlite:///{path}")
    _fill(database)
    database.close()
    return path


@contextmanager
def open_house(
    server: Server, furnished: Path, folder: Path, *, rate: float = 1000.0, diagnoses: Diagnoses | None = None
) -> Iterator[House]:
    """Open a house over its own copy of a furnished database."""
    database = open_database(f"sqlite:///{shutil.copy(furnished, folder / 'offhook.db')}")
    with requests.Session() as session:
        house, shelf = House(database, server.url, session), Shelf(folder)
        server.app = create_app(
            database,
            now=lambda: house.now,
            health_of=lambda: house.troubles,
            registry=house.registry,
            rate=rate,
            clock=lambda: house.seconds,
            shelf=shelf,
            node=NODE,
            diagnoses=diagnoses,
        )
        try:
            yield house
        finally:
            server.app = None
            server.do(shelf.stop())
            database.close()


def _fill(database: Database) -> None:
    for name, sid, token in (("Shop", SID, TOKEN), ("Other", OTHER_SID, OTHER_TOKEN)):
        create = partial(
            accounts.create_account, name=name, credit=FIRST_CREDIT * CREDIT, sid=sid, token=token, now=BEGIN
        )
        database.write_now(create)
    rows = list(numbers.read_rows(POOL.splitlines()))
    bring = partial(numbers.import_numbers, rows=rows, now=BEGIN, fresh=_counter())
    assert database.write_now(bring).added == len(rows)


def _counter(first: int = 1) -> Callable[[], str]:
    serial = count(first)
    return lambda: f"{next(serial):014}"
