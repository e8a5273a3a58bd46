"""A customer's server is told of a platform's calls: in order, signed, after a failure again, of each end once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from time import time
from typing import Any

import pytest

import office
from action_server import ActionServer
from offhook.actionserver.signature import verify
from phone import phone
from rawserver import RawServer, Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform
from stages import call_of, until

pytestmark = pytest.mark.peers

NEXT = "819100000009"
ANSWER_IS_NOTED = "SELECT 1 FROM notices WHERE kind = 'call.answered' AND sent_at IS NOT NULL"


@asynccontextmanager
async def hook(refuses: Callable[[Request], bool]) -> AsyncIterator[RawServer]:
    """Run a customer's server, which answers 500 to what it refuses."""

    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(status=500 if refuses(request) else 200)

    async with raw_server(answer) as server:
        yield server


def told(server: RawServer, caller: str) -> list[dict[str, Any]]:
    """Return what was posted of a caller's calls, every attempt of it."""
    documents = [json.loads(request.body) for request in server.requests]
    return [document for document in documents if document["data"]["caller"] == caller]


def names(documents: list[dict[str, Any]]) -> list[str]:
    return [document["event"] for document in documents]


async def test_whatever_dies_each_call_is_told_in_order_and_its_end_once(
    mortal: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    refused: set[str] = set()

    def refuses(request: Request) -> bool:
        """Refuse the first attempt of each call's beginning."""
        uid = request.headers["offhook-event-id"]
        is_first = request.headers["offhook-event"] == "call.incoming" and uid not in refused
        refused.add(uid)
        return is_first

    async with hook(refuses) as server:
        await asyncio.to_thread(mortal.cli, "accounts", "contact", office.ACCOUNT, "--webhook", server.url("/events"))
        secret = json.loads(mortal.cli("accounts", "signing", "rotate", office.ACCOUNT, "--json"))["secret"]
        actions.says("pause 60")
        async with phone() as customer:
            assert await customer.call(NUMBER, mortal.sip, caller=caller) == 200
            await until(mortal, lambda: "call.answered" in names(told(server, caller)), "the answer to be told")
            # What a dead node had under way comes back when its lease ends, for which no test should wait.
            await until(mortal, lambda: mortal.rows(ANSWER_IS_NOTED), "the answer to be noted")
            mortal.kill()
            await asyncio.to_thread(mortal.start_again)
            await customer.hear_the_end()
        await until(mortal, lambda: "call.ended" in names(told(server, caller)), "the end to be told")
        async with phone() as customer:
            assert await customer.call(NUMBER, mortal.sip, caller=NEXT) == 200
            customer.hang_up()
            await until(mortal, lambda: "call.ended" in names(told(server, NEXT)), "the next end to be told")
        await until(
            mortal, lambda: mortal.rows("SELECT 1 FROM notices WHERE next_at IS NOT NULL") == [], "all to be noted"
        )
        lost, well = await call_of(mortal, caller), await call_of(mortal, NEXT)
    first, *_, end = told(server, caller)
    assert list(dict.fromkeys(names(told(server, caller)))) == ["call.incoming", "call.answered", "call.ended"]
    assert names(told(server, NEXT)) == ["call.incoming", "call.incoming", "call.answered", "call.ended"]
    # The same id, sent twice at most, is one event.
    assert len({document["id"] for document in told(server, caller)}) == 3
    assert names(told(server, caller))[:2] == ["call.incoming", "call.incoming"]
    assert first["data"]["call_id"] == lost["call_id"]
    assert [end["data"][name] for name in ("status", "reason", "cost")] == ["failed", "node-lost", lost["cost"]]
    last = told(server, NEXT)[-1]["data"]
    shown = ("status", "reason", "duration", "cost", "start_time", "answer_time", "end_time")
    assert {name: last[name] for name in shown} == {name: well[name] for name in shown}
    assert last["quality"]["codec"] == "PCMU"
    for request in server.requests:
        body = [("body_sha256", sha256(request.body).hexdigest())]
        verify(request.headers["offhook-signature"], body, [secret], time())
    kept = json.loads(mortal.cli("webhooks", "list", office.ACCOUNT, "--json"))
    assert sorted(event["event"] for event in kept) == sorted(["call.incoming", "call.answered", "call.ended"] * 2)
    assert all(event["delivered_at"] for event in kept)
