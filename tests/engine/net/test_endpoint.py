"""A SIP agent on a real socket: what it says is sent, and it is woken when it asks."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from offhook.engine.net.endpoint import look_up
from offhook.engine.sip.outputs import Confirmed, Destination, Dropped, HungUp, Invited, Lost, Send
from offhook.errors import SetupError
from sip_end import HOST, WAIT_S, End
from sip_peer import SDP


@pytest.fixture
async def us() -> AsyncIterator[End]:
    end = End()
    yield end
    end.endpoint.close()


@pytest.fixture
async def them() -> AsyncIterator[End]:
    end = End()
    yield end
    end.endpoint.close()


async def test_a_call_comes_in_is_answered_and_ended(us: End, them: End) -> None:
    leg = us.call(them.destination)
    invited = await them.hears(Invited)
    assert isinstance(invited, Invited)
    assert invited.source.host == HOST
    theirs = them.endpoint
    theirs.do(theirs.agent.answer(invited.leg, SDP, theirs.now()))
    await them.hears(Confirmed)
    us.endpoint.do(us.endpoint.agent.hang_up(leg, us.endpoint.now()))
    await them.hears(HungUp)


async def test_a_leg_that_we_ended_is_waited_for_until_the_peer_has_answered(us: End, them: End) -> None:
    leg = us.call(them.destination)
    invited = await them.hears(Invited)
    assert isinstance(invited, Invited)
    them.endpoint.do(them.endpoint.agent.answer(invited.leg, SDP, them.endpoint.now()))
    await them.hears(Confirmed)
    us.endpoint.do(us.endpoint.agent.hang_up(leg, us.endpoint.now()))
    assert us.endpoint.agent.has(leg)
    await us.endpoint.forgets([leg])
    assert not us.endpoint.agent.has(leg)


async def test_a_leg_whose_peer_never_answers_is_not_waited_for_without_end(us: End, them: End) -> None:
    them.permits = False
    leg = us.call(them.destination)
    us.endpoint.do(us.endpoint.agent.hang_up(leg, us.endpoint.now()))
    async with asyncio.timeout(WAIT_S):
        await us.endpoint.forgets([leg])
    assert us.endpoint.agent.has(leg)


async def test_who_is_not_permitted_is_not_even_parsed(us: End, them: End) -> None:
    them.permits = False
    us.call(them.destination)
    await them.is_asked()
    assert them.news == []
    assert them.asked == [(HOST, us.endpoint.port)]


async def test_the_agent_is_woken_when_it_asks_to_be(us: End, them: End) -> None:
    them.permits = False
    us.call(them.destination)
    # Timer A of RFC 3261 section 17.1.1.2: the INVITE comes again after 500 ms.
    await them.is_asked(2)


async def test_what_is_dropped_is_logged_and_the_rest_goes_on(us: End, them: End) -> None:
    with capture_logs() as lines:
        us.endpoint.do([Dropped("nonsense", them.destination), Send(b"hello", them.destination)])
    assert (lines[0]["event"], lines[0]["text"]) == ("sip message dropped", "nonsense")
    await them.is_asked()


async def test_a_name_is_looked_up_off_the_loop(us: End, them: End) -> None:
    us.endpoint.do([Send(b"hello", Destination("localhost", them.endpoint.port))])
    await them.is_asked()


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 64 + ".example", "a..b"])
async def test_a_name_that_cannot_be_looked_up_hurts_nobody(us: End, them: End, name: str) -> None:
    with pytest.raises(SetupError, match="cannot be resolved"):
        await look_up(name, 5060, HOST)
    with capture_logs() as lines:
        us.endpoint.do([Send(b"lost", Destination(name, 5060))])
        await asyncio.gather(*us.endpoint._lookups)
    assert lines[0]["event"] == "sip host not found"
    us.endpoint.do([Send(b"hello", them.destination)])
    await them.is_asked()


async def test_a_bad_port_behind_a_name_is_refused_and_hurts_nobody(us: End, them: End) -> None:
    with capture_logs() as lines:
        us.endpoint.do([Send(b"lost", Destination("localhost", 99_999)), Send(b"hello", them.destination)])
        await asyncio.gather(*us.endpoint._lookups)
    assert {line["event"] for line in lines} & {"sip destination refused", "sip host not found"}
    await them.is_asked()


async def test_garbage_hurts_nobody(us: End, them: End) -> None:
    with capture_logs():
        for garbage in (b"", b"\x00" * 100, b"INVITE\r\n\r\n", b"\xff" * 2000, b"SIP/2.0 200 OK\r\n\r\n"):
            us.endpoint.do([Send(garbage, them.destination)])
        us.call(them.destination)
        await them.hears(Invited)
    assert not any(isinstance(news, Lost) for news in them.news)


async def test_we_know_our_address_as_a_peer_sees_it(us: End) -> None:
    assert us.endpoint.local_toward("127.0.0.1") == HOST
