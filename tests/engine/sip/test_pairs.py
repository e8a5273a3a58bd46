"""Two agents call each other over a network that delays, doubles, reorders and loses."""

import random
from collections.abc import Iterable

import pytest

from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import (
    Answered,
    Canceled,
    Confirmed,
    Declined,
    HungUp,
    Invited,
    Lost,
    Output,
    Progressed,
    Trying,
)
from offhook.engine.sip.parser import parse
from sip_peer import SDP
from wire import CALM, STORM, Datagram, End, Weather, Wire

SEEDS = range(200)
ENDINGS = (Canceled, Declined, HungUp, Lost)


class Pair:
    """One call from `near` to `far`, and what their owners wish."""

    def __init__(self, seed: int = 0, weather: Weather = CALM) -> None:
        self.wire = Wire(seed, weather)
        self.near_leg = ""
        self.wished: set[str] = set()

    def call(self, at: float = 0.0) -> None:
        near, far = self.wire.near, self.wire.far
        wish = Invitation(
            uri=f"sip:+81312345678@{far.address.host}",
            from_=f"<sip:+81399999999@{near.address.host}>",
            to=f"<sip:+81312345678@{far.address.host}>",
            sdp=SDP,
            destination=far.address,
            local=near.address.host,
        )

        def invite() -> None:
            self.near_leg, outputs = near.agent.invite(wish, self.wire.now)
            self.wire.do(near, outputs)

        self.wire.at(at, invite)

    def far_leg(self) -> str:
        """Return the far leg, or nothing while the INVITE has not arrived."""
        return next((news.leg for news in self.wire.far.told(Invited)), "")

    def ring(self, at: float) -> None:
        far = self.wire.far
        self.wire.at(at, lambda: self.wire.do(far, far.agent.ring(self.far_leg(), self.wire.now)))

    def play_early(self, at: float) -> None:
        """Let the caller hear something before the answer, which has to arrive for certain."""
        far = self.wire.far
        self.wire.at(at, lambda: self.wire.do(far, far.agent.ring(self.far_leg(), self.wire.now, status=183, sdp=SDP)))

    def answer(self, at: float) -> None:
        far = self.wire.far
        self.wire.at(at, lambda: self.wire.do(far, far.agent.answer(self.far_leg(), SDP, self.wire.now)))

    def refuse(self, at: float) -> None:
        self.wire.at(at, lambda: self._end("far", "refuse"))

    def hang_up(self, who: str, at: float) -> None:
        self.wire.at(at, lambda: self._end(who, "hang up"))

    def _end(self, who: str, how: str) -> None:
        end, leg = (self.wire.near, self.near_leg) if who == "near" else (self.wire.far, self.far_leg())
        if end.agent.has(leg):
            self.wished.add(who)
        agent, now = end.agent, self.wire.now
        self.wire.do(end, agent.hang_up(leg, now) if how == "hang up" else agent.refuse(leg, 486, now))

    def check(self) -> None:
        """Nothing is left anywhere, and each side knows once that the call is over."""
        for name, end in (("near", self.wire.near), ("far", self.wire.far)):
            assert (end.legs, end.transactions, end.agent.deadline()) == (0, 0, None), name
            endings = [news for _, news in end.news if isinstance(news, ENDINGS)]
            assert len(endings) <= 1, f"{name} was told twice: {endings}"
            assert endings or name in self.wished or not end.news, f"{name} does not know that the call is over"
        assert len(self.wire.near.told(Answered)) <= 1
        assert len(self.wire.far.told(Invited)) <= 1
        assert len(self.wire.far.told(Confirmed)) <= 1


def ladder(datagrams: Iterable[Datagram]) -> list[str]:
    """Name the messages as an engineer draws them."""
    messages = [parse(datagram.data) for datagram in datagrams]
    return [message.method if isinstance(message, Request) else str(message.status) for message in messages]


def kinds(end: End) -> list[type[Output]]:
    return [type(news) for _, news in end.news]


def test_a_call_in_calm_weather_says_no_word_too_much() -> None:
    pair = Pair()
    pair.call()
    pair.ring(0.1)
    pair.answer(1.0)
    pair.hang_up("near", 60.0)
    pair.wire.run()
    pair.check()
    assert ladder(pair.wire.datagrams) == ["INVITE", "100", "180", "200", "ACK", "BYE", "200"]
    assert kinds(pair.wire.near) == [Trying, Progressed, Answered]
    assert kinds(pair.wire.far) == [Invited, Confirmed, HungUp]
    assert pair.wire.near.told(Answered)[0].sdp == SDP


def test_a_refused_call_says_no_word_too_much() -> None:
    pair = Pair()
    pair.call()
    pair.refuse(0.1)
    pair.wire.run()
    pair.check()
    assert ladder(pair.wire.datagrams) == ["INVITE", "100", "486", "ACK"]
    assert pair.wire.near.told(Declined)[0].status == 486


def test_a_canceled_call_says_no_word_too_much() -> None:
    pair = Pair()
    pair.call()
    pair.ring(0.1)
    pair.hang_up("near", 5.0)
    pair.wire.run()
    pair.check()
    assert ladder(pair.wire.datagrams) == ["INVITE", "100", "180", "CANCEL", "200", "487", "ACK"]
    assert kinds(pair.wire.far) == [Invited, Canceled]
    assert pair.wire.near.told(Declined)[0].status == 487


def test_a_cancel_that_crosses_the_200_still_ends_the_call_on_both_sides() -> None:
    pair = Pair()
    pair.call()
    pair.answer(1.0)
    pair.hang_up("near", 1.005)
    pair.wire.run()
    pair.check()
    assert ladder(pair.wire.datagrams) == ["INVITE", "100", "200", "CANCEL", "ACK", "BYE", "200", "200"]
    assert kinds(pair.wire.far) == [Invited, Confirmed, HungUp]
    assert pair.wire.near.told(Declined)[0].status == 487


def test_the_called_side_may_hang_up_before_it_is_acknowledged() -> None:
    pair = Pair()
    pair.call()
    pair.answer(1.0)
    pair.hang_up("far", 1.001)
    pair.wire.run()
    pair.check()
    assert ladder(pair.wire.datagrams) == ["INVITE", "100", "200", "ACK", "BYE", "200"]
    assert kinds(pair.wire.near) == [Trying, Answered, HungUp]
    assert kinds(pair.wire.far) == [Invited]


def test_byes_that_cross_are_both_answered() -> None:
    pair = Pair()
    pair.call()
    pair.answer(1.0)
    pair.hang_up("near", 9.0)
    pair.hang_up("far", 9.001)
    pair.wire.run()
    pair.check()
    assert ladder(pair.wire.datagrams)[-4:] == ["BYE", "BYE", "200", "200"]


def test_when_every_ack_is_lost_both_sides_know_that_the_call_is_over() -> None:
    pair = Pair()
    pair.call()
    pair.answer(1.0)

    def cut() -> None:
        pair.wire.weather = Weather(loss=1.0)

    pair.wire.at(1.005, cut)
    pair.wire.at(50.0, lambda: setattr(pair.wire, "weather", CALM))
    pair.wire.run()
    pair.check()
    assert kinds(pair.wire.far) == [Invited, Lost]
    assert kinds(pair.wire.near) == [Trying, Answered, HungUp]


def test_a_network_that_loses_everything_is_noticed_and_forgotten() -> None:
    pair = Pair(weather=Weather(loss=1.0))
    pair.call()
    pair.wire.run()
    pair.check()
    assert pair.wire.now == 32.0
    assert pair.wire.near.told(Declined)[0].status == 408
    assert pair.wire.far.news == []


def test_a_call_may_ring_for_minutes() -> None:
    pair = Pair()
    pair.call()
    pair.ring(0.1)
    for minute in range(1, 5):
        pair.ring(60.0 * minute)
    pair.answer(290.0)
    pair.hang_up("far", 300.0)
    pair.wire.run()
    pair.check()
    assert kinds(pair.wire.near) == [Trying, *[Progressed] * 5, Answered, HungUp]


def stormy(seed: int) -> Pair:
    """Return a call through a storm in which nobody waits for anybody."""
    pair = Pair(seed, STORM)
    chance = random.Random(seed + 1_000)
    pair.call()
    pair.ring(chance.uniform(0.0, 3.0))
    answered_at = chance.uniform(0.0, 6.0)
    if chance.random() < 0.5:
        pair.play_early(chance.uniform(0.0, 6.0))
    # Now and then the far side would rather not, and it always gives up a call that it never answered.
    if chance.random() < 0.2:
        pair.refuse(answered_at)
    pair.answer(answered_at)
    pair.answer(20.0)
    pair.hang_up("near", chance.choice([0.0, answered_at, answered_at + 0.1]) + chance.uniform(0.0, 40.0))
    pair.hang_up("far", answered_at + chance.uniform(0.0, 40.0))
    pair.hang_up("far", 120.0)
    return pair


@pytest.mark.parametrize("seed", SEEDS)
def test_every_call_through_a_storm_is_over_on_both_sides_and_forgotten(seed: int) -> None:
    pair = stormy(seed)
    pair.wire.run()
    pair.check()
    assert pair.wire.now <= 120.0 + 2 * 64 * 0.5, "somebody talks longer than two lives of a transaction"


@pytest.mark.parametrize("seed", range(100))
def test_a_call_through_a_storm_is_answered_and_held_when_both_sides_are_patient(seed: int) -> None:
    pair = Pair(seed, STORM)
    pair.call()
    pair.ring(31.0)
    pair.answer(32.0)
    pair.hang_up("near", 100.0)
    pair.wire.run()
    pair.check()
    assert [type(news) for news in pair.wire.near.told(Answered)] == [Answered]
    assert kinds(pair.wire.far) == [Invited, Confirmed, HungUp]


@pytest.mark.parametrize("seed", range(100))
def test_early_media_comes_through_a_storm_for_certain_and_before_the_answer(seed: int) -> None:
    pair = Pair(seed, STORM)
    pair.call()
    pair.play_early(31.0)
    pair.answer(31.1)
    pair.hang_up("near", 120.0)
    pair.wire.run()
    pair.check()
    told = [(type(news), news.sdp) for _, news in pair.wire.near.news if isinstance(news, Progressed | Answered)]
    assert told == [(Progressed, SDP), (Answered, SDP)]
    assert kinds(pair.wire.far) == [Invited, Confirmed, HungUp]


def test_the_same_seed_is_the_same_storm() -> None:
    first, second = stormy(7), stormy(7)
    first.wire.run()
    second.wire.run()
    assert first.wire.datagrams == second.wire.datagrams
    assert any(datagram.lost for datagram in first.wire.datagrams)


def test_many_calls_at_once_do_not_disturb_each_other() -> None:
    pair = Pair(3, STORM)
    near, far, wire = pair.wire.near, pair.wire.far, pair.wire
    far.react = lambda news, now: far.agent.answer(news.leg, SDP, now) if isinstance(news, Invited) else ()
    near.react = lambda news, now: near.agent.hang_up(news.leg, now) if isinstance(news, Answered) else ()
    for number in range(100):
        pair.call(at=number * 0.01)
    wire.run()
    assert (near.legs, far.legs, near.transactions, far.transactions) == (0, 0, 0, 0)
    assert len(near.told(Answered)) == len(far.told(Invited)) == 100
    assert len({news.leg for news in far.told(Invited)}) == 100
