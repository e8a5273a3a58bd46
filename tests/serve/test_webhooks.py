"""Events on their way to a real web server: what it gets, how its answer counts, and what the customers' page says."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from time import time

import pytest

from house import NOW, House, empty_file
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.sessions import open_session
from offhook.actionserver.signature import verify
from offhook.actionserver.webhooks import Webhooks
from offhook.domain.calls import Ending, Status, TimelineEvent
from offhook.domain.notices import NoticeKind
from offhook.domain.webhooks import Backlog, name_of
from offhook.serve.webhooks import Courier, Deliveries
from offhook.service import desk, notices, signing, webhooks
from rawserver import RawServer, Reply, Request, raw_server

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
QUALITY = TimelineEvent(43000.0, "quality", "well", None, {"codec": "PCMU", "round_trip_ms": 20.0})


@dataclass
class Counted:
    outcomes: list[str] = field(default_factory=list)
    tried: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def webhook_tried(self, outcome: str) -> None:
        self.outcomes.append(outcome)
        self.tried.release()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.subscribed()
    yield opened
    opened.close()


@pytest.fixture
async def hook() -> AsyncIterator[RawServer]:
    """A server that answers the statuses of its URL's query one after the other, and then the last of them."""
    served = 0

    async def answer(request: Request, reply: Reply) -> None:
        nonlocal served
        statuses = (request.target.partition("?")[2] or "200").split(",")
        served += 1
        reply.respond(b"thank you", status=int(statuses[min(served, len(statuses)) - 1]), Location="/elsewhere")

    async with raw_server(answer) as server:
        yield server


def use(house: House, url: str) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email=None, webhook_url=url))


def whole_call(house: House) -> str:
    call_id = house.ring()
    house.answer(call_id, NOW + timedelta(seconds=2))
    ending = Ending(call_id, Status.COMPLETED, None, NOW + timedelta(seconds=43), None, 40.6)
    house.write(lambda work: desk.close(work, ending, [QUALITY], "node-1", terms=house.terms))
    return call_id


@asynccontextmanager
async def deliveries(
    house: House,
    counted: Counted | None = None,
    *,
    allow: str = "127.0.0.0/8",
    at: datetime = NOW + timedelta(seconds=60),
    answers_within_s: float = 5.0,
) -> AsyncIterator[Deliveries]:
    async with open_session(Guard((ip_network(allow),), ()), Limits()) as session:
        courier = Courier(Webhooks(session, Limits(response_s=answers_within_s)), now=lambda: datetime.now(UTC))
        yield Deliveries(house.database, courier.deliver, counted or Counted(), now=lambda: at, chance=lambda: 0.5)


async def work_off(
    house: House, counted: Counted | None = None, *, allow: str = "127.0.0.0/8", after_s: float = 60
) -> int:
    async with deliveries(house, counted, allow=allow, at=NOW + timedelta(seconds=after_s)) as job:
        return await job.work_off()


def errors(house: House) -> list[str | None]:
    listed = house.read(lambda work: webhooks.list_events(work, name="Shop", limit=100, undelivered=True))
    return [event.error for event in listed]


async def test_a_call_is_told_in_order_as_the_page_shows_it_and_once(house: House, hook: RawServer) -> None:
    use(house, hook.url("/events"))
    whole_call(house)
    assert await work_off(house) == 3
    assert await work_off(house, after_s=10**6) == 0
    told = [json.loads(request.body) for request in hook.requests]
    assert [document["event"] for document in told] == ["call.incoming", "call.answered", "call.ended"]
    for document, example in zip(told, EXAMPLES, strict=False):
        example["id"] = document["id"]
        example["data"]["call_id"] = document["data"]["call_id"]
        assert document == example
    assert len({document["id"] for document in told}) == 3
    # One connection was enough.
    assert hook.connections == 1


async def test_a_notice_is_told_as_the_page_shows_it(house: House, hook: RawServer) -> None:
    use(house, hook.url("/events"))
    low = {"account_id": house.shop.id, "available": 40_000_000, "minimum": 50_000_000}
    house.write(lambda work: notices.low_credit(work, **low, now=NOW))
    await work_off(house)
    (request,) = hook.requests
    document = json.loads(request.body)
    assert document == {**EXAMPLES[-1], "id": document["id"]}


def test_the_page_names_every_event() -> None:
    assert all(f"`{name_of(kind)}`" in PAGE for kind in NoticeKind)


async def test_who_reads_the_page_can_check_the_signature(house: House, hook: RawServer) -> None:
    use(house, hook.url("/events"))
    house.ring()
    old, new = "the-old-secret-01", "the-new-secret-02"
    for secret in (old, new):
        house.write(partial(signing.rotate_secret, account_id=house.shop.id, secret=secret, now=NOW))
    await work_off(house)
    (request,) = hook.requests
    header = request.headers["offhook-signature"]
    page: dict[str, object] = {}
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    # It is what customers are told to run.
    exec(snippet, page)
    is_ours = page["is_ours"]
    assert callable(is_ours)
    assert is_ours(header, request.body, new)
    assert is_ours(header, request.body, old)
    assert not is_ours(header, request.body, "another")
    assert not is_ours(header, request.body + b" ", new)
    assert not is_ours(header.replace("t=", "t=1"), request.body, new)
    # What checks the requests to action URLs checks events too.
    verify(header, [("body_sha256", sha256(request.body).hexdigest())], [new], time())


async def test_an_attempt_after_a_failure_carries_the_same_id(house: House, hook: RawServer) -> None:
    use(house, hook.url("/?500,503,200"))
    counted = Counted()
    whole_call(house)
    assert await work_off(house, counted) == 1
    assert errors(house)[-1] == f"127.0.0.1:{hook.port} answered with status 500."
    assert await work_off(house, counted, after_s=64) == 0
    assert await work_off(house, counted, after_s=65) == 1
    assert await work_off(house, counted, after_s=95) == 3
    told = [(request.headers["offhook-event"], request.headers["offhook-attempt"]) for request in hook.requests]
    assert told == [
        ("call.incoming", "1"),
        ("call.incoming", "2"),
        ("call.incoming", "3"),
        ("call.answered", "1"),
        ("call.ended", "1"),
    ]
    same = hook.requests[:3]
    assert len({request.headers["offhook-event-id"] for request in same}) == 1
    assert len({request.body for request in same}) == 1
    assert json.loads(same[0].body)["id"] == same[0].headers["offhook-event-id"]
    assert counted.outcomes == ["failed", "failed", "delivered", "delivered", "delivered"]


@pytest.mark.parametrize("status", [302, 404])
async def test_a_redirect_is_not_followed_and_any_other_status_is_a_failure(
    house: House, hook: RawServer, status: int
) -> None:
    use(house, hook.url(f"/?{status}"))
    house.ring()
    await work_off(house)
    assert len(hook.requests) == 1
    assert errors(house) == [f"127.0.0.1:{hook.port} answered with status {status}."]


async def test_a_server_that_says_gone_is_told_nothing_any_more(house: House, hook: RawServer) -> None:
    use(house, hook.url("/?410"))
    counted = Counted()
    whole_call(house)
    await work_off(house, counted)
    house.ring()
    assert await work_off(house, counted, after_s=10**5) == 0
    assert counted.outcomes == ["given-up"]
    assert errors(house) == [f"127.0.0.1:{hook.port} answered with status 410: the webhook was switched off."] * 3


async def test_a_webhook_inside_the_house_is_out_of_reach(house: House, hook: RawServer) -> None:
    use(house, hook.url())
    house.ring()
    await work_off(house, allow="192.0.2.0/24")
    assert hook.requests == []
    (error,) = errors(house)
    assert "127.0.0.1" in (error or "")


async def test_a_silent_server_does_not_keep_the_others_waiting(house: House, hook: RawServer) -> None:
    async def hang(_request: Request, reply: Reply) -> None:
        await reply.hang()

    async with raw_server(hang) as silent:
        use(house, silent.url())
        house.ring()
        other = house.open_account("Other", 1000)
        house.subscribe(house.add_number("815012345679"), other)
        house.write(lambda work: notices.set_contact(work, name="Other", email=None, webhook_url=hook.url("/events")))
        counted = Counted()
        async with deliveries(house, counted, answers_within_s=30) as job:
            job.start()
            house.ring("815012345679")
            async with asyncio.timeout(10):
                await counted.tried.acquire()
            assert counted.outcomes == ["delivered"]
            assert len(silent.requests) == 1
            await job.stop()


async def test_what_was_delivered_before_a_stop_is_noted_and_not_sent_again(house: House, hook: RawServer) -> None:
    use(house, hook.url("/events"))
    counted = Counted()
    whole_call(house)
    async with deliveries(house, counted) as job:
        job.start()
        async with asyncio.timeout(10):
            for _ in range(3):
                await counted.tried.acquire()
        await job.stop()
    assert house.read(webhooks.backlog) == Backlog(0, None)
    assert await work_off(house, after_s=10**6) == 0
    assert len(hook.requests) == 3
