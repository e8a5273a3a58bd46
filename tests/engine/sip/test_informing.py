"""Keys that we tell by INFO: one after the other, and nothing that a peer answers ends the call."""

from dataclasses import replace

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.authenticator import Authenticator, Credentials
from offhook.engine.sip.digest import Password
from offhook.engine.sip.informing import WAITING_LIMIT
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import HungUp, Informed, NotInformed, Output, Transport
from sip_call import Call, is_empty, run
from sip_peer import SDP, THEM, US, Peer, new_agent, news_in, requests_in, response, statuses_in

WISH = Invitation("sip:+81399998888@10.0.0.1", "<sip:a@10.0.0.9>", "<sip:+81399998888@10.0.0.1>", SDP, THEM, US)
CHALLENGE = 'Digest realm="carrier.example", nonce="n1", qop="auth", algorithm=MD5'


def informed(call: Call, keys: str, now: float = 1.0) -> list[Request]:
    """Tell the peer of keys, and return what is sent at once."""
    return [message for key in keys for message in requests_in(call.agent.inform(call.leg, key, now, duration_ms=120))]


def confirmed() -> Call:
    call = Call()
    call.confirm()
    return call


def called(wish: Invitation = WISH) -> tuple[Agent, str]:
    """Call somebody who answers."""
    agent = new_agent()
    leg, outputs = agent.invite(wish, 0.0)
    [invite] = requests_in(outputs)
    agent.receive(response(invite, 200, body=SDP), THEM, US, 0.1)
    return agent, leg


def hear(call: Call, request: Request, status: int, now: float = 1.1) -> list[Output]:
    return call.agent.receive(response(request, status), THEM, US, now)


def test_a_key_is_told_inside_the_dialog_and_its_answer_is_no_news() -> None:
    call = confirmed()
    [info] = informed(call, "#")
    assert (info.method, info.uri, info.body) == ("INFO", "sip:anna@10.0.0.1:5062", b"Signal=#\r\nDuration=120\r\n")
    assert info.first("Content-Type") == "application/dtmf-relay"
    assert hear(call, info, 100) == []
    assert hear(call, info, 200) == []


def test_keys_wait_for_the_answers_of_those_before_them() -> None:
    call = confirmed()
    [first] = informed(call, "123")
    told = [first]
    while len(told) < 3:
        told += requests_in(hear(call, told[-1], 200))
        # The copy of an answer tells nothing twice.
        assert hear(call, told[-2], 200) == []
    assert [message.body[7:8] for message in told] == [b"1", b"2", b"3"]
    assert [message.cseq for message in told] == [1, 2, 3]
    assert hear(call, told[-1], 200) == []
    assert len(informed(call, "4")) == 1


@pytest.mark.parametrize("status", [408, 415, 481, 500, 603])
def test_a_refusal_is_told_and_ends_neither_the_call_nor_the_keys(status: int) -> None:
    call = confirmed()
    [first] = informed(call, "12")
    outputs = hear(call, first, status)
    assert news_in(outputs) == [NotInformed(call.leg, "1", status)]
    [second] = requests_in(outputs)
    assert second.body.startswith(b"Signal=2")
    assert hear(call, second, 200) == []
    assert call.agent.has(call.leg)


def test_silence_is_told_as_408_and_the_next_key_is_tried() -> None:
    call = confirmed()
    informed(call, "12")
    outputs = [output for _, output in run(call.agent, 100.0)]
    assert news_in(outputs) == [NotInformed(call.leg, "1", 408), NotInformed(call.leg, "2", 408)]
    assert {message.method for message in requests_in(outputs)} == {"INFO"}
    assert call.agent.has(call.leg)


def test_a_connection_that_cannot_be_made_is_told_as_503() -> None:
    agent, leg = called(replace(WISH, destination=replace(THEM, transport=Transport.TCP)))
    [info] = requests_in(sent := agent.inform(leg, "1", 1.0))
    assert info.method == "INFO"
    assert agent.undelivered(sent[0].destination, 1.1) == [NotInformed(leg, "1", 503)]  # type: ignore[union-attr]


def test_a_challenge_is_met_once_with_the_same_key() -> None:
    agent, leg = called(replace(WISH, authenticator=Authenticator([Credentials("offhook", Password("secret"))])))
    [info] = requests_in(agent.inform(leg, "7", 1.0))
    asked = response(info, 407, fields={"Proxy-Authenticate": CHALLENGE})
    [again] = requests_in(agent.receive(asked, THEM, US, 1.1))
    assert (again.method, again.body, again.cseq) == ("INFO", info.body, info.cseq + 1)
    assert 'username="offhook"' in again.first("Proxy-Authorization")
    refused = response(again, 407, fields={"Proxy-Authenticate": CHALLENGE})
    assert agent.receive(refused, THEM, US, 1.2) == [NotInformed(leg, "7", 407)]


def test_before_the_call_is_confirmed_and_after_it_was_hung_up_nobody_is_told() -> None:
    call = Call()
    call.invite()
    assert informed(call, "1") == []
    call.agent.answer(call.leg, SDP, 0.0)
    assert informed(call, "1") == []
    call.ack()
    [first] = informed(call, "23")
    call.agent.hang_up(call.leg, 2.0)
    assert informed(call, "4") == []
    assert hear(call, first, 200, 2.1) == []
    assert call.agent.inform("nobody", "1", 0.0) == []


def test_an_answer_that_comes_after_the_call_is_nobodys() -> None:
    call = confirmed()
    [info] = informed(call, "1")
    assert news_in(call.hear(call.peer.request("BYE"), 1.0)) == [HungUp(call.leg)]
    assert hear(call, info, 200) == []
    informed(call, "1")
    run(call.agent, 1e4)
    assert is_empty(call.agent)


def test_an_info_that_times_out_after_the_call_is_nobodys() -> None:
    call = confirmed()
    informed(call, "1")
    call.hear(call.peer.request("BYE"), 1.0)
    assert news_in(output for _, output in run(call.agent, 1e4)) == []


def test_more_keys_than_may_wait_are_told_as_lost() -> None:
    call = confirmed()
    informed(call, "1" * WAITING_LIMIT)
    assert call.agent.inform(call.leg, "2", 1.0) == [NotInformed(call.leg, "2", 408)]


def test_what_we_send_is_what_another_of_us_hears() -> None:
    call = confirmed()
    [info] = informed(call, "A")
    other = Call()
    other.confirm()
    heard = other.hear(other.peer.request("INFO", body=info.body, fields={"Content-Type": "application/dtmf-relay"}))
    assert (statuses_in(heard), news_in(heard)) == ([200], [Informed(other.leg, "A", 120)])


def test_only_keys_are_told() -> None:
    with pytest.raises(AssertionError):
        new_agent().inform("leg", "x", 0.0)


def test_a_peer_without_a_dialog_hears_481() -> None:
    call = confirmed()
    stranger = Peer(call_id="other", tag="them", us=call.leg)
    assert statuses_in(call.hear(stranger.request("INFO", body=b"5"), 1.0)) == [481]
    assert statuses_in(call.hear(Peer(call_id="new").request("INFO", body=b"5"), 1.0)) == [481]
