"""What strangers say within calls of a real endpoint: told once, bounded, and of no other consequence."""

from collections.abc import AsyncIterator

import pytest

from offhook.engine.net.overhearing import LOOKS_A_SECOND, MOST_OF_A_LEG, Overhearing
from offhook.engine.sip.outputs import Confirmed, Destination, Invited, Overheard
from sip_end import HOST, End
from sip_peer import SDP, Peer

CARRIER = Destination("10.0.0.1", 5060)
ELSEWHERE = "203.0.113.9"


class Called:
    """An end that somebody has called, and who overhears it."""

    def __init__(self) -> None:
        self.end = End()
        self.legs: set[str] = set()
        self.overhearing = Overhearing(self.end.endpoint, self.legs)

    def call(self, number: int = 1) -> Peer:
        """Be called and answer, and return the peer of the dialog."""
        endpoint, peer = self.end.endpoint, Peer(call_id=f"call-{number}")
        endpoint.do(endpoint.agent.receive(peer.request("INVITE", body=SDP), CARRIER, HOST, endpoint.now()))
        invited = self.end.news.pop()
        assert isinstance(invited, Invited)
        peer.us = invited.leg
        endpoint.do(endpoint.agent.answer(invited.leg, SDP, endpoint.now()))
        endpoint.do(endpoint.agent.receive(peer.request("ACK", cseq=1), CARRIER, HOST, endpoint.now()))
        assert self.end.news.pop() == Confirmed(invited.leg, b"")
        self.legs.add(invited.leg)
        return peer

    def told(self) -> list[tuple[str, str]]:
        assert all(isinstance(one, Overheard) for one in self.end.news)
        return [(one.method, one.host) for one in self.end.news if isinstance(one, Overheard)]


@pytest.fixture
async def called() -> AsyncIterator[Called]:
    made = Called()
    yield made
    made.end.endpoint.close()


async def test_each_method_of_each_source_is_told_once(called: Called) -> None:
    peer = called.call()
    for method, host in (("BYE", ELSEWHERE), ("BYE", ELSEWHERE), ("INVITE", ELSEWHERE), ("BYE", "203.0.113.8")):
        called.overhearing.hear(peer.request(method), host)
    assert called.told() == [("BYE", ELSEWHERE), ("INVITE", ELSEWHERE), ("BYE", "203.0.113.8")]
    assert called.end.endpoint.agent.has(peer.us), "nothing was done about it"


async def test_who_knows_only_a_part_of_a_dialog_is_not_told_of(called: Called) -> None:
    peer = called.call()
    for stranger in (
        Peer(call_id="other", us=peer.us),
        Peer(call_id=peer.call_id, us=peer.us, tag="other"),
        Peer(call_id=peer.call_id, us="other"),
        Peer(call_id=peer.call_id),
    ):
        called.overhearing.hear(stranger.request("BYE"), ELSEWHERE)
    called.legs.clear()
    called.overhearing.hear(peer.request("BYE"), ELSEWHERE)
    assert called.told() == []


async def test_what_is_told_of_a_leg_is_bounded_and_forgotten_with_it(called: Called) -> None:
    first = called.call(1)
    for number in range(MOST_OF_A_LEG + 5):
        called.overhearing.hear(first.request("BYE"), f"203.0.113.{number}")
    assert len(called.told()) == MOST_OF_A_LEG
    called.legs.clear()
    second = called.call(2)
    called.overhearing.hear(second.request("BYE"), ELSEWHERE)
    assert len(called.told()) == MOST_OF_A_LEG + 1
    assert set(called.overhearing._told) == {second.us}


async def test_a_flood_is_not_looked_at_beyond_a_budget(called: Called) -> None:
    peer = called.call()
    began = int(called.end.endpoint.now())
    for _ in range(3 * LOOKS_A_SECOND):
        called.overhearing.hear(b"BYE sip:x SIP/2.0\r\n\r\n", ELSEWHERE)
    called.overhearing.hear(peer.request("BYE"), ELSEWHERE)
    # The flood took a moment; only where that was the end of a second there is a new budget.
    assert called.told() == [] or int(called.end.endpoint.now()) > began
