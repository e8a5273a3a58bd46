"""The agent at its door: what is let in, what is dropped, and what a wish does when its leg has gone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.glances import glance
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.outputs import Destination, Dropped, Invited, Output, Overheard, Send
from sip_call import Call
from sip_peer import SDP, THEM, US, Fields, Peer, new_agent, news_in, requests_in, response, responses_in, statuses_in

WISH = Invitation("sip:b@10.0.0.1", "<sip:a@10.0.0.9>", "<sip:b@10.0.0.1>", SDP, THEM, US)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\x00\x00\x00\x00"])
def test_a_keep_alive_asks_for_nothing(data: bytes) -> None:
    agent = new_agent()
    assert agent.receive(data, THEM, US, 0.0) == []
    assert agent.deadline() is None
    assert agent.tick(1.0) == []


@pytest.mark.parametrize("data", [b"hello", b"GET / HTTP/1.1\r\n\r\n", b"\x00\x01\x00\x08" + b"\x21" * 16])
def test_what_is_not_sip_is_dropped_with_a_sentence(data: bytes) -> None:
    [dropped] = new_agent().receive(data, THEM, US, 0.0)
    assert isinstance(dropped, Dropped)
    assert dropped.source == THEM


@pytest.mark.parametrize("via", [None, "", ",", "nonsense", "SIP/2.0/UDP h:99999", "SIP/2.0/UDP h:0"])
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "ACK"])
def test_a_request_whose_via_allows_no_answer_is_dropped(method: str, via: str | None) -> None:
    agent = new_agent()
    [dropped] = agent.receive(Peer().request(method, fields={"Via": via}), THEM, US, 0.0)
    assert isinstance(dropped, Dropped)
    assert agent.deadline() is None


@pytest.mark.parametrize("missing", ["From", "To", "Call-ID", "CSeq"])
def test_a_request_that_lacks_a_header_is_400_with_the_headers_that_it_has(missing: str) -> None:
    outputs = new_agent().receive(Peer().request("INVITE", fields={missing: None}), THEM, US, 0.0)
    [written] = [output.data.decode() for output in outputs if isinstance(output, Send)]
    lines = written.split("\r\n")
    names = {line.partition(":")[0] for line in lines[1:]}
    assert lines[0] == "SIP/2.0 400 Bad Request"
    assert {"From", "To", "Call-ID", "CSeq"} - names == {missing}
    assert news_in(outputs) == [Dropped(f"INVITE refused with 400: there is no {missing} header", THEM)]


def test_a_malformed_request_is_400_where_its_via_allows() -> None:
    data = Peer().request("INVITE", fields={"CSeq": "1 BYE"})
    outputs = new_agent().receive(data, THEM, US, 0.0)
    assert statuses_in(outputs) == [400]
    assert news_in(outputs) == [Dropped("INVITE refused with 400: the method of CSeq is not the request's", THEM)]


def test_a_malformed_request_with_a_hopeless_via_is_dropped() -> None:
    fields: Fields = {"CSeq": "1 BYE", "Via": "SIP/2.0/UDP h:99999"}
    [dropped] = new_agent().receive(Peer().request("INVITE", fields=fields), THEM, US, 0.0)
    assert isinstance(dropped, Dropped)


def test_another_version_of_sip_is_505() -> None:
    data = Peer().request("INVITE").replace(b" SIP/2.0\r\n", b" SIP/7.0\r\n", 1)
    assert statuses_in(new_agent().receive(data, THEM, US, 0.0)) == [505]


@pytest.mark.parametrize("via", [["a", "b"], "SIP/2.0/UDP a, SIP/2.0/UDP b", ",", "nonsense"])
def test_a_response_that_was_meant_for_somebody_else_is_dropped(via: str | list[str]) -> None:
    agent = new_agent()
    leg, outputs = agent.invite(WISH, 0.0)
    [invite] = requests_in(outputs)
    [dropped] = agent.receive(response(invite, 486, fields={"Via": via}), THEM, US, 0.1)
    assert isinstance(dropped, Dropped)
    assert agent.has(leg)


@pytest.mark.parametrize("fields", [{"CSeq": "1 BYE"}, {"Via": "SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKguessed"}])
def test_a_response_to_nothing_is_ignored(fields: Fields) -> None:
    agent = new_agent()
    leg, outputs = agent.invite(WISH, 0.0)
    [invite] = requests_in(outputs)
    assert agent.receive(response(invite, 486, fields=fields), THEM, US, 0.1) == []
    assert agent.has(leg)


def test_a_wish_for_a_leg_that_has_gone_does_nothing() -> None:
    agent = new_agent()
    assert not agent.has("gone")
    assert agent.ring("gone", 0.0) == []
    assert agent.answer("gone", SDP, 0.0) == []
    assert agent.refuse("gone", 486, 0.0) == []
    assert agent.accept("gone", SDP, 0.0) == []
    assert agent.decline("gone", 488, 0.0) == []
    assert agent.hang_up("gone", 0.0) == []


def invited(fields: Fields | None = None) -> tuple[str, list[Output]]:
    outputs = new_agent().receive(Peer().request("INVITE", body=SDP, fields=fields), THEM, US, 0.0)
    return next(output.leg for output in outputs if isinstance(output, Invited)), outputs


@pytest.mark.parametrize(
    ("via", "destination", "stamped"),
    [
        ("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx", Destination("10.0.0.1", 5070), ""),
        ("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx", Destination("10.0.0.1", 5060), ""),
        ("SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKx", Destination("10.0.0.1", 5070), ";received=10.0.0.1"),
        ("SIP/2.0/UDP gw.example;branch=z9hG4bKx", Destination("10.0.0.1", 5060), ";received=10.0.0.1"),
        (
            "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx;maddr=203.0.113.9",
            Destination("10.0.0.1", 5070),
            "",
        ),
    ],
)
def test_nobody_can_make_us_answer_to_a_third_party(via: str, destination: Destination, stamped: str) -> None:
    _, outputs = invited({"Via": via})
    [send] = [output for output in outputs if isinstance(output, Send)]
    assert send.destination == destination
    [trying] = responses_in([send])
    assert trying.headers["Via"] == [via + stamped]


def test_hanging_up_a_call_that_is_not_answered_refuses_it() -> None:
    agent = new_agent()
    outputs = agent.receive(Peer().request("INVITE", body=SDP), THEM, US, 0.0)
    [leg] = [output.leg for output in outputs if isinstance(output, Invited)]
    assert statuses_in(agent.hang_up(leg, 0.1)) == [480]
    assert not agent.has(leg)


def test_hanging_up_waits_where_sip_forbids_to_speak_and_happens_once() -> None:
    agent = new_agent()
    leg, outputs = agent.invite(WISH, 0.0)
    [invite] = requests_in(outputs)
    assert agent.hang_up(leg, 0.1) == []
    [cancel] = requests_in(agent.receive(response(invite, 180), THEM, US, 0.2))
    assert cancel.method == "CANCEL"
    assert agent.hang_up(leg, 0.3) == []


def test_a_ringing_call_is_canceled_and_an_answered_one_gets_bye() -> None:
    agent = new_agent()
    for status, method in ((180, "CANCEL"), (200, "BYE")):
        leg, outputs = agent.invite(WISH, 0.0)
        [invite] = requests_in(outputs)
        agent.receive(response(invite, status), THEM, US, 0.1)
        [request] = requests_in(agent.hang_up(leg, 0.2))
        assert request.method == method


def test_an_accepted_offer_and_a_declined_one_are_answered() -> None:
    agent = new_agent()
    peer = Peer()
    outputs = agent.receive(peer.request("INVITE", body=SDP), THEM, US, 0.0)
    [leg] = [output.leg for output in outputs if isinstance(output, Invited)]
    peer.us = leg
    assert statuses_in(agent.ring(leg, 0.0)) == [180]
    assert statuses_in(agent.answer(leg, SDP, 0.0)) == [200]
    agent.receive(peer.request("ACK", cseq=1), THEM, US, 0.0)
    agent.receive(peer.request("UPDATE", body=SDP), THEM, US, 1.0)
    assert statuses_in(agent.accept(leg, SDP, 1.0)) == [200]
    agent.receive(peer.request("UPDATE", body=SDP), THEM, US, 2.0)
    assert statuses_in(agent.decline(leg, 488, 2.0)) == [488]


def test_a_refusal_tells_when_to_come_back() -> None:
    agent = new_agent()
    outputs = agent.receive(Peer().request("INVITE", body=SDP), THEM, US, 0.0)
    [leg] = [output.leg for output in outputs if isinstance(output, Invited)]
    [refused] = responses_in(agent.refuse(leg, 503, 0.0, retry_after_s=5))
    assert refused.first("Retry-After") == "5"


def test_the_next_deadline_is_the_earliest_of_all() -> None:
    agent = new_agent()
    outputs = agent.receive(Peer().request("INVITE", body=SDP), THEM, US, 0.0)
    assert agent.deadline() == 32.0, "only the memory of the INVITE, in case it comes on a second way"
    [leg] = [output.leg for output in outputs if isinstance(output, Invited)]
    agent.answer(leg, SDP, 1.0)
    assert agent.deadline() == 1.5
    agent.invite(WISH, 0.9)
    assert agent.deadline() == 1.4


# Whatever comes, nothing escapes and everything is forgotten.

_PEER = Peer(us="t1")
_SEEDS = [
    Peer().request("INVITE", body=SDP, branch="z9hG4bKi", fields={"Record-Route": "<sip:p1;lr>, <sip:p2>"}),
    Peer().request("CANCEL", cseq=1, branch="z9hG4bKi"),
    _PEER.request("ACK", cseq=1),
    _PEER.request("UPDATE", cseq=2, body=SDP),
    _PEER.request("INVITE", cseq=3, body=SDP),
    _PEER.request("ACK", cseq=3),
    _PEER.request("BYE", cseq=4),
    Peer().request("OPTIONS", cseq=1),
]
_PATCHES = st.sampled_from(
    [
        b"",
        b"\r\n",
        b"\r\n ",
        b"\n",
        b";",
        b",",
        b'"',
        b"<",
        b">",
        b"@",
        b":",
        b"\xff",
        b"\x00",
        b"99999",
        b"tel:",
        b"tag=",
    ]
)
_HOSTILE = st.tuples(
    st.sampled_from(_SEEDS), st.lists(st.tuples(st.integers(0, 700), st.integers(0, 8), _PATCHES), max_size=3)
)
_WISHES: dict[str, Callable[[Agent, float], list[Output]]] = {
    "ring": lambda agent, now: agent.ring("t1", now),
    "answer": lambda agent, now: agent.answer("t1", SDP, now),
    "refuse": lambda agent, now: agent.refuse("t1", 486, now),
    "accept": lambda agent, now: agent.accept("t1", SDP, now),
    "decline": lambda agent, now: agent.decline("t1", 488, now),
    "hang up": lambda agent, now: agent.hang_up("t1", now),
    "invite": lambda agent, now: agent.invite(WISH, now)[1],
    "tick": lambda agent, now: agent.tick(now),
}
_Step = tuple[bytes, list[tuple[int, int, bytes]]] | str


def _do(agent: Agent, step: _Step, now: float) -> list[Output]:
    if isinstance(step, str):
        return _WISHES[step](agent, now)
    data, cuts = step
    for place, length, patch in cuts:
        data = data[:place] + patch + data[place + length :]
    return agent.receive(data, THEM, US, now)


@given(st.lists(st.tuples(_HOSTILE | st.sampled_from(list(_WISHES)), st.sampled_from([0.1, 0.6, 33.0])), max_size=14))
def test_no_row_of_messages_and_wishes_breaks_an_agent_or_stays_in_its_memory(steps: list[tuple[_Step, float]]) -> None:
    agent = new_agent()
    now = 0.0
    for step, pause_s in steps:
        now += pause_s
        for output in _do(agent, step, now):
            assert not isinstance(output, Send) or 0 < output.destination.port < 65536
    for leg in list(agent._core.legs):
        agent.hang_up(leg, now)
    while (when := agent.deadline()) is not None:
        agent.tick(when)
        after = agent.deadline()
        assert after is None or after > when, "the agent would make its driver spin"
    core, recent = agent._core, agent._inbound._recent
    assert [len(core.legs), len(core.transactions), len(core.answers), len(recent)] == [0, 0, 0, 0]
    assert [*core.transactions._alarms._heap, *core.answers._heap, *recent._heap] == []


def test_what_a_stranger_says_within_a_call_is_known_by_the_names_of_its_dialog() -> None:
    call = Call()
    call.confirm()
    said = glance(call.peer.request("BYE"))
    assert said is not None
    assert call.agent.overhear(said, "203.0.113.9") == [Overheard(call.leg, "BYE", "203.0.113.9")]
    for other in (replace(said, call_id="x"), replace(said, from_tag="x"), replace(said, to_tag="x")):
        assert call.agent.overhear(other, "203.0.113.9") == []
    # Nothing has come of it.
    assert call.agent.has(call.leg)
    assert statuses_in(call.hear(call.peer.request("BYE"))) == [200]
    assert call.agent.overhear(said, "203.0.113.9") == []


def test_a_leg_is_found_by_its_name_and_asked_at_its_source() -> None:
    agent = new_agent()
    leg, _ = agent.invite(WISH, 0.0)
    assert agent.call_id_of(leg)
    agent.answer_at_source(leg)
    assert agent.call_id_of("gone") == ""
    agent.answer_at_source("gone")
