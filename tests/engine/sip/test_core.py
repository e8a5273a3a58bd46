from itertools import count

import pytest

from offhook.engine.sip.core import ALLOW, METHODS, Core, bracket, sends
from offhook.engine.sip.dialog import Leg, Pending, State
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination, Send, Transport
from offhook.engine.sip.replies import Reply, reply_to
from offhook.engine.sip.transactions import TimedOut, Timers, Transaction
from sip_peer import PORTS, requests_in, responses_in

PEER = Destination("10.0.0.1", 5060)


def new_core() -> Core:
    numbers = count(1)
    return Core(PORTS, lambda: f"t{next(numbers)}", Timers(), "Offhook/test")


def new_leg(core: Core, state: State = State.ENDING) -> Leg:
    leg = Leg("us", "c", state, "10.0.0.9", PEER)
    leg.local_address, leg.remote_address, leg.remote_target = "<sip:a@h>;tag=us", "<sip:b@h>", "sip:b@10.0.0.1"
    core.legs[leg.tag] = leg
    return leg


def asked(core: Core, method: str = "INVITE") -> tuple[Transaction, Reply]:
    headers = {"Via": ["SIP/2.0/UDP 10.0.0.1;branch=b"], "From": ["<sip:b@h>;tag=them"], "To": ["<sip:a@h>"]}
    reply = reply_to(headers | {"Call-ID": ["c"], "CSeq": [f"5 {method}"]}, PEER)
    return core.transactions.serve(("k", method), method, reply.destination), reply


def pend(core: Core, leg: Leg) -> Pending:
    transaction, reply = asked(core)
    leg.pending = Pending(transaction, reply, Request("INVITE", "sip:a@h", {}, b"", 5))
    return leg.pending


def test_what_we_allow_is_what_we_know() -> None:
    assert frozenset(ALLOW.split(", ")) == METHODS


def test_our_contact_and_via_name_the_address_we_are_reached_at() -> None:
    core = new_core()
    assert core.contact("10.0.0.9", Transport.UDP) == "<sip:10.0.0.9:5060>"
    assert core.contact("::1", Transport.TCP) == "<sip:[::1]:5060;transport=tcp>"
    assert core.contact("10.0.0.9", Transport.TLS) == "<sip:10.0.0.9:5061;transport=tls>"
    assert core.via("10.0.0.9", Transport.UDP) == ("SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKt1;rport", "z9hG4bKt1")
    assert core.via("::1", Transport.TLS) == ("SIP/2.0/TLS [::1]:5061;branch=z9hG4bKt2;rport", "z9hG4bKt2")


def test_only_an_ipv6_address_needs_brackets() -> None:
    assert [bracket(host) for host in ("10.0.0.9", "gw.example", "::1")] == ["10.0.0.9", "gw.example", "[::1]"]


def test_an_answer_goes_through_its_transaction_under_our_name() -> None:
    core = new_core()
    transaction, reply = asked(core, "OPTIONS")
    outputs = core.respond(transaction, reply, 200, 0.0, tag="x", fields=[("Allow", ALLOW)], body=b"body")
    [message] = responses_in(outputs)
    assert (message.status, message.first("Server"), message.first("Allow")) == (200, "Offhook/test", ALLOW)
    assert (message.first("To"), message.body) == ("<sip:a@h>;tag=x", b"body")
    assert core.respond(transaction, reply, 500, 0.0) == [], "the final response has been given"


def test_a_bye_has_the_next_number_and_its_end_forgets_the_leg() -> None:
    core = new_core()
    leg = new_leg(core)
    [bye] = requests_in(core.send_bye(leg, 0.0))
    assert (bye.method, bye.cseq, bye.first("User-Agent")) == ("BYE", 1, "Offhook/test")
    core.bye_is_over(leg)
    assert core.legs == {}
    core.bye_is_over(leg)
    assert leg.state is State.ENDED


def test_the_end_of_somebody_else_s_bye_does_not_end_a_leg() -> None:
    core = new_core()
    leg = new_leg(core, State.CONFIRMED)
    core.bye_is_over(leg)
    assert core.legs == {"us": leg}


def test_an_answer_is_kept_for_repetition_until_its_acknowledgement_or_the_leg_s_end() -> None:
    core = new_core()
    leg = new_leg(core, State.ANSWERED)
    pending = pend(core, leg)
    [answer] = core.settle(leg, leg.pending, 200, 0.0)
    core.repeat_answer(leg, pending, 0.0)
    assert (leg.answer, leg.answer_cseq, leg.answer_until) == (answer, 5, 32.0)
    assert core.answers.deadline() == 0.5
    core.forget(leg)
    assert core.answers.deadline() is None
    assert core.legs == {}


def test_a_leg_that_says_bye_repeats_its_answer_no_more() -> None:
    core = new_core()
    leg = new_leg(core)
    pending = pend(core, leg)
    core.settle(leg, leg.pending, 200, 0.0)
    core.repeat_answer(leg, pending, 0.0)
    core.send_bye(leg, 1.0)
    assert leg.answer is None
    assert core.answers.deadline() is None


def test_a_leg_that_says_bye_first_answers_what_it_was_asked() -> None:
    core = new_core()
    leg = new_leg(core)
    pend(core, leg)
    outputs = core.send_bye(leg, 1.0)
    assert [message.status for message in responses_in(outputs)] == [487]
    assert [message.method for message in requests_in(outputs)] == ["BYE"]
    assert leg.pending is None
    assert core.settle(leg, leg.pending, 200, 1.0) == []


def test_what_is_sent_is_kept_and_news_for_a_user_is_not() -> None:
    send = Send(b"x", PEER)
    transaction, _ = asked(new_core())
    assert sends([send, TimedOut(transaction)]) == [send]


@pytest.mark.parametrize("status", [200, 486])
def test_what_the_peer_asked_is_answered_once(status: int) -> None:
    core = new_core()
    leg = new_leg(core, State.INCOMING)
    pend(core, leg)
    assert len(core.settle(leg, leg.pending, status, 0.0, fields=[("X", "y")], body=b"z")) == 1
    assert core.settle(leg, leg.pending, status, 0.0) == []


def test_options_tells_what_we_can_do() -> None:
    core = new_core()
    [message] = responses_in(core.tell_options(*asked(core, "OPTIONS"), 0.0))
    assert {name: message.first(name) for name in ("Allow", "Accept", "Accept-Encoding")} == {
        "Allow": ALLOW,
        "Accept": "application/sdp",
        "Accept-Encoding": "identity",
    }
    assert "Supported" in message.headers


@pytest.mark.parametrize(("sdp", "kind"), [(b"v=0", "application/sdp"), (b"", "")])
def test_agreeing_to_an_invite_is_a_200_that_is_repeated(sdp: bytes, kind: str) -> None:
    core = new_core()
    leg = new_leg(core, State.ANSWERED)
    outputs = core.agree(leg, pend(core, leg), sdp, 0.0)
    [message] = responses_in(outputs)
    assert (message.status, message.body, message.first("Content-Type")) == (200, sdp, kind)
    assert (message.first("Contact"), message.first("Allow")) == ("<sip:10.0.0.9:5060>", ALLOW)
    assert leg.answer == outputs[0]


def test_agreeing_to_an_update_is_said_once() -> None:
    core = new_core()
    leg = new_leg(core, State.CONFIRMED)
    transaction, reply = asked(core, "UPDATE")
    leg.offer = Pending(transaction, reply, Request("UPDATE", "sip:a@h", {}, b"", 5))
    assert [message.status for message in responses_in(core.agree(leg, leg.offer, b"", 0.0))] == [200]
    assert leg.answer is None
    assert leg.offer is None
