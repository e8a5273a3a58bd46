"""Other media that we offer within a call (RFC 3261 section 14.1)."""

import pytest

from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Confirmed, Lost, NotReoffered
from sip_call import Call, run
from sip_peer import SDP, THEM, US, Fields, news_in, requests_in, response

HOLD = SDP + b"a=sendonly\r\n"
UPDATES: Fields = {"Supported": "timer", "Session-Expires": "600;refresher=uas", "Allow": "INVITE, UPDATE"}


def offering(fields: Fields | None = None) -> tuple[Call, Request]:
    call = Call()
    call.confirm(fields=fields)
    [offer] = requests_in(call.agent.reoffer(call.leg, HOLD, 1.0))
    return call, offer


def test_other_media_are_offered_by_a_re_invite_and_what_comes_is_told() -> None:
    call, offer = offering(UPDATES)
    assert (offer.method, offer.body, offer.first("Content-Type")) == ("INVITE", HOLD, "application/sdp")
    outputs = call.agent.receive(response(offer, 200, body=SDP), THEM, US, 1.1)
    assert [message.method for message in requests_in(outputs)] == ["ACK"]
    assert news_in(outputs) == [Confirmed(call.leg, SDP)]


def test_what_was_taken_is_what_is_described_from_then_on() -> None:
    call, offer = offering({"Supported": "timer", "Session-Expires": "600;refresher=uas"})
    fields: Fields = {"Session-Expires": "600;refresher=uac"}
    call.agent.receive(response(offer, 200, body=SDP, fields=fields), THEM, US, 1.1)
    refresh = requests_in(output for _, output in run(call.agent, 302.0))[0]
    assert (refresh.method, refresh.body) == ("INVITE", HOLD)


def test_an_answer_without_a_description_is_told_as_one() -> None:
    call, offer = offering()
    assert news_in(call.agent.receive(response(offer, 200), THEM, US, 1.1)) == [Confirmed(call.leg, b"")]


@pytest.mark.parametrize("status", [488, 491, 500])
def test_what_the_peer_does_not_take_leaves_the_call_as_it_was(status: int) -> None:
    call, offer = offering()
    assert news_in(call.agent.receive(response(offer, status), THEM, US, 1.1)) == [NotReoffered(call.leg, status)]
    [again] = requests_in(call.agent.reoffer(call.leg, SDP, 2.0))
    assert again.body == SDP


def test_an_interval_that_is_too_short_is_widened_and_the_offer_made_again() -> None:
    call, offer = offering()
    _, again = requests_in(call.agent.receive(response(offer, 422, fields={"Min-SE": "3600"}), THEM, US, 1.1))
    assert (again.method, again.body, again.first("Min-SE")) == ("INVITE", HOLD, "3600")


@pytest.mark.parametrize("status", [408, 481])
def test_a_peer_that_does_not_know_the_call_is_lost(status: int) -> None:
    call, offer = offering()
    [lost] = news_in(call.agent.receive(response(offer, status), THEM, US, 1.1))
    assert isinstance(lost, Lost)


def test_a_peer_that_says_nothing_is_lost() -> None:
    call, _ = offering()
    assert any(isinstance(output, Lost) for _, output in run(call.agent, 60.0))


def test_one_offer_waits_for_the_other() -> None:
    call, _ = offering()
    assert call.agent.reoffer(call.leg, SDP, 1.1) == [NotReoffered(call.leg, 491)]
    # Both at once (RFC 3261 section 14.2).
    assert call.answer_to(call.peer.request("INVITE", body=SDP), 1.2).status == 491


def test_who_has_not_answered_or_is_gone_is_offered_nothing() -> None:
    call = Call()
    call.invite()
    assert call.agent.reoffer(call.leg, HOLD, 0.1) == []
    assert call.agent.reoffer("nobody", HOLD, 0.1) == []
