import asyncio

from guarded import LOOPBACK
from offhook.actionserver.client import ActionServers
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.observing import observed, observer
from offhook.actionserver.sessions import open_session
from offhook.domain.questions import Question
from rawserver import Reply, Request, raw_server


async def answer(request: Request, reply: Reply) -> None:
    if request.target.startswith("/lost"):
        reply.close()
    elif request.target.startswith("/moved"):
        reply.respond(status=301, Location="/")
    else:
        reply.respond(b"hangup", Content_Type="text/plain", X_Own="1")


async def test_each_exchange_is_seen_with_its_times_and_headers() -> None:
    async with (
        raw_server(answer) as server,
        open_session(Guard(LOOPBACK), Limits(), traces=[observer()]) as session,
    ):
        servers = ActionServers(session, Limits())
        with observed() as seen:
            await servers.ask(Question(server.url("/moved", host="localhost"), (("caller", "1"),)))
        with observed() as later:
            await servers.ask(Question(server.url("/lost"), ()))
        # What nobody observes is kept by nobody.
        await servers.ask(Question(server.url(), ()))
    assert [(one.url.partition("?")[0].partition(":")[2][-6:], one.status) for one in seen] == [
        ("/moved", 301),
        (f":{server.port}/"[-6:], 200),
    ]
    moved, final = seen
    assert moved.dns_ms is not None
    assert moved.connect_ms is not None
    assert moved.connect_ms >= moved.dns_ms
    assert (final.dns_ms, final.connect_ms) == (None, None)
    assert final.first_byte_ms is not None
    assert final.headers == {"content-length": "6", "content-type": "text/plain"}
    assert [(one.status, one.first_byte_ms) for one in later] == [(None, None)] * len(later)
    assert later


async def test_questions_at_the_same_time_are_told_apart() -> None:
    async with (
        raw_server(answer) as server,
        open_session(Guard(LOOPBACK), Limits(), traces=[observer()]) as session,
    ):
        servers = ActionServers(session, Limits())

        async def ask(number: int) -> list[str]:
            with observed() as seen:
                await servers.ask(Question(server.url(), (("call_id", str(number)),)))
            return [one.url[-9:] for one in seen]

        found = await asyncio.gather(*(ask(number) for number in range(3)))
    assert found == [[f"call_id={number}"] for number in range(3)]
