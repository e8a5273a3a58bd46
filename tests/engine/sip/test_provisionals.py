"""Provisional responses of ours that arrive for certain (RFC 3262 section 3)."""

import pytest

from offhook.engine.sip.message import Response
from offhook.engine.sip.outputs import Canceled, HungUp, Lost, Reoffered
from sip_call import Call, cancel, is_empty, run
from sip_peer import SDP, Fields, news_in, responses_in, statuses_in

KNOWS: Fields = {"Supported": "100rel"}
REQUIRES: Fields = {"Require": "100rel"}
ANSWER = SDP.replace(b"4000", b"5000")


def called(fields: Fields) -> Call:
    call = Call()
    call.invite(fields=fields)
    return call


def rings(call: Call, status: int = 183, sdp: bytes = ANSWER, now: float = 0.0) -> Response:
    [said] = responses_in(call.agent.ring(call.leg, now, status=status, sdp=sdp))
    return said


def prack(call: Call, said: Response, *, body: bytes = b"", rack: str = "", fields: Fields | None = None) -> bytes:
    rack = rack or f"{said.first('RSeq')} 1 INVITE"
    return call.peer.request("PRACK", body=body, fields={"RAck": rack, **(fields or {})})


def is_reliable(said: Response) -> bool:
    return said.first("Require") == "100rel" and said.first("RSeq").isdigit()


@pytest.mark.parametrize(
    ("fields", "status", "sdp", "reliable"),
    [
        ({}, 183, ANSWER, False),
        (KNOWS, 180, b"", False),
        (KNOWS, 183, ANSWER, True),
        ({"k": "timer, 100Rel"}, 183, ANSWER, True),
        (REQUIRES, 180, b"", True),
        (REQUIRES, 183, ANSWER, True),
    ],
)
def test_what_describes_media_is_reliable_for_who_knows_it_and_all_for_who_requires_it(
    fields: Fields, status: int, sdp: bytes, reliable: bool
) -> None:
    said = rings(called(fields), status, sdp)
    assert (said.status, said.body, is_reliable(said)) == (status, sdp, reliable)


def test_it_is_repeated_ever_more_slowly_until_its_prack() -> None:
    call = called(KNOWS)
    said = rings(call)
    assert [when for when, _ in run(call.agent, 10.0)] == [0.5, 1.5, 3.5, 7.5]
    assert statuses_in(call.hear(prack(call, said), 11.0)) == [200]
    assert [output for when, output in run(call.agent, 60.0) if responses_in([output])] == []


def test_a_prack_that_never_comes_refuses_the_call() -> None:
    call = called(KNOWS)
    rings(call)
    found = run(call.agent, 32.0)
    assert [statuses_in([output]) for _, output in found][-2:] == [[504], []]
    [lost] = [output for _, output in found if isinstance(output, Lost)]
    assert lost.leg == call.leg
    call.ack(33.0, cseq=1)


def test_one_that_comes_again_has_the_same_answer() -> None:
    call = called(KNOWS)
    data = prack(call, rings(call))
    assert statuses_in(call.hear(data)) == statuses_in(call.hear(data)) == [200]


@pytest.mark.parametrize("rack", ["1 1 INVITE", "{rseq} 2 INVITE", "{rseq} 1 UPDATE"])
def test_a_prack_of_something_else_is_481(rack: str) -> None:
    call = called(KNOWS)
    said = rings(call)
    assert call.answer_to(prack(call, said, rack=rack.format(rseq=said.first("RSeq")))).status == 481
    assert call.answer_to(prack(call, said)).status == 200
    assert call.answer_to(prack(call, said)).status == 481


@pytest.mark.parametrize("rack", ["", "x", "1 INVITE", "1 1", "12345678901 1 INVITE", "-1 1 INVITE"])
def test_a_prack_that_says_not_what_of_is_malformed(rack: str) -> None:
    call = called(KNOWS)
    data = call.peer.request("PRACK", fields={"RAck": rack})
    rings(call)
    assert call.answer_to(data).status == 400


def test_a_prack_in_a_call_without_promises_is_481() -> None:
    call = called({})
    said = rings(call)
    assert call.answer_to(prack(call, said, rack="1 1 INVITE")).status == 481


def test_the_answer_waits_until_its_description_has_arrived_and_leaves_it_out() -> None:
    call = called(KNOWS)
    said = rings(call)
    assert call.agent.answer(call.leg, ANSWER, 1.0) == []
    [acknowledged, answer] = responses_in(call.hear(prack(call, said), 2.0))
    assert (acknowledged.status, acknowledged.first("CSeq")) == (200, "2 PRACK")
    assert (answer.status, answer.first("CSeq"), answer.body) == (200, "1 INVITE", b"")
    call.ack(3.0, cseq=1)
    assert news_in(call.hear(call.peer.request("BYE"), 4.0)) == [HungUp(call.leg)]
    run(call.agent)
    assert is_empty(call.agent)


def test_an_answer_after_the_prack_goes_at_once() -> None:
    call = called(KNOWS)
    call.hear(prack(call, rings(call)))
    [answer] = responses_in(call.agent.answer(call.leg, ANSWER, 1.0))
    assert (answer.status, answer.body) == (200, b"")


def test_an_answer_does_not_wait_for_what_describes_nothing() -> None:
    call = called(REQUIRES)
    said = rings(call, 180, b"")
    [answer] = responses_in(call.agent.answer(call.leg, ANSWER, 1.0))
    assert (answer.status, answer.body) == (200, ANSWER)
    assert call.answer_to(prack(call, said), 1.5).status == 200
    call.ack(2.0, cseq=1)
    assert run(call.agent, 40.0)[:1] == []


def test_one_at_a_time_in_their_order_and_each_once() -> None:
    call = called(REQUIRES)
    first = rings(call, 180, b"")
    assert call.agent.ring(call.leg, 0.0, status=183, sdp=ANSWER) == []
    assert call.agent.ring(call.leg, 0.0, status=183, sdp=ANSWER) == []
    [_, second] = responses_in(call.hear(prack(call, first)))
    assert (second.status, second.body) == (183, ANSWER)
    assert int(second.first("RSeq")) == int(first.first("RSeq")) + 1
    assert call.agent.ring(call.leg, 0.0, status=183, sdp=ANSWER) == []
    [_, third] = responses_in(call.hear(prack(call, second)))
    assert (third.status, third.body) == (183, b"")
    assert statuses_in(call.hear(prack(call, third))) == [200]


def test_a_description_is_given_once() -> None:
    call = called(KNOWS)
    call.hear(prack(call, rings(call)))
    again = rings(call)
    assert (again.body, is_reliable(again)) == (b"", False)


def test_a_caller_that_requires_it_and_offers_nothing_hears_nothing_before_the_answer() -> None:
    call = Call()
    call.hear(call.peer.request("INVITE", fields=REQUIRES))
    [leg] = call.agent._core.legs
    assert call.agent.ring(leg, 0.0) == []
    [answer] = responses_in(call.agent.answer(leg, ANSWER, 1.0))
    assert answer.body == ANSWER


def test_a_new_offer_may_come_with_the_prack() -> None:
    call = called(KNOWS)
    said = rings(call)
    assert call.hear(prack(call, said, body=SDP)) == [Reoffered(call.leg, SDP)]
    [answer] = responses_in(call.agent.accept(call.leg, ANSWER, 0.1))
    assert (answer.status, answer.body, answer.first("CSeq")) == (200, ANSWER, "2 PRACK")
    assert "Session-Expires" not in answer.headers


def test_an_offer_with_the_prack_of_what_described_nothing_is_too_early() -> None:
    call = called(REQUIRES)
    said = rings(call, 180, b"")
    assert call.answer_to(prack(call, said, body=SDP)).status == 500


def test_a_prack_with_another_body_is_415() -> None:
    call = called(KNOWS)
    data = prack(call, rings(call), body=b"x", fields={"Content-Type": "text/plain"})
    assert call.answer_to(data).status == 415


def test_an_update_may_change_the_media_of_a_call_that_rings_once_its_description_has_arrived() -> None:
    call = called(KNOWS)
    said = rings(call)
    assert call.answer_to(call.peer.request("UPDATE", body=SDP)).status == 500
    call.hear(prack(call, said))
    assert call.hear(call.peer.request("UPDATE", body=SDP)) == [Reoffered(call.leg, SDP)]
    assert call.answer_to(call.peer.request("UPDATE", body=SDP)).status == 500
    assert statuses_in(call.agent.decline(call.leg, 488, 0.2)) == [488]
    assert call.hear(call.peer.request("UPDATE", body=SDP)) == [Reoffered(call.leg, SDP)]
    [answer] = responses_in(call.agent.accept(call.leg, ANSWER, 0.3))
    assert (answer.status, answer.first("CSeq").split()[1]) == (200, "UPDATE")
    [final] = responses_in(call.agent.answer(call.leg, ANSWER, 1.0))
    assert final.first("CSeq") == "1 INVITE"


def test_a_caller_may_give_up_while_a_promise_is_open() -> None:
    call = called(KNOWS)
    said = rings(call)
    call.agent.answer(call.leg, ANSWER, 0.5)
    outputs = call.hear(cancel(call), 1.0)
    assert statuses_in(outputs) == [200, 487]
    assert news_in(outputs) == [Canceled(call.leg)]
    assert call.answer_to(prack(call, said), 1.1).status == 481
    call.ack(1.2, cseq=1)
    run(call.agent)
    assert is_empty(call.agent)


def test_a_call_may_be_refused_while_a_promise_is_open() -> None:
    call = called(KNOWS)
    rings(call)
    assert statuses_in(call.agent.refuse(call.leg, 486, 1.0)) == [486]
    call.ack(1.2, cseq=1)
    run(call.agent)
    assert is_empty(call.agent)
