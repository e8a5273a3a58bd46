"""The agent as it calls, and a peer that answers whatever it likes."""

from dataclasses import replace
from itertools import pairwise

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.authenticator import Authenticator, Credentials
from offhook.engine.sip.core import ALLOW
from offhook.engine.sip.dialog import FORKS_LIMIT
from offhook.engine.sip.digest import Password
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import (
    Answered,
    Declined,
    Destination,
    HungUp,
    Output,
    Progressed,
    Send,
    Transport,
    Trying,
)
from offhook.engine.sip.parser import parse
from sip_call import is_empty, run
from sip_peer import SDP, THEM, US, Fields, Peer, new_agent, news_in, requests_in, response, statuses_in

WISH = Invitation(
    uri="sip:+81399998888@10.0.0.1;user=phone",
    from_='"Offhook" <sip:+81312345678@10.0.0.9>',
    to="<sip:+81399998888@10.0.0.1>",
    sdp=SDP,
    destination=THEM,
    local=US,
    fields=[("P-Asserted-Identity", "<sip:+81312345678@10.0.0.9>")],
)


class Call:
    """One agent that has just called one peer."""

    def __init__(self, wish: Invitation = WISH) -> None:
        self.agent: Agent = new_agent()
        self.leg, outputs = self.agent.invite(wish, 0.0)
        [self.invite] = requests_in(outputs)

    def hear(self, request: Request, status: int, now: float = 0.1, **options: str | bytes) -> list[Output]:
        tag, body = options.get("tag", "them"), options.get("body", b"")
        assert isinstance(tag, str)
        assert isinstance(body, bytes)
        return self.agent.receive(response(request, status, tag=tag, body=body), THEM, US, now)

    def hear_with(self, fields: Fields, status: int = 200, now: float = 0.1) -> list[Output]:
        return self.agent.receive(response(self.invite, status, fields=fields), THEM, US, now)


def methods_in(outputs: list[Output]) -> list[str]:
    return [message.method for message in requests_in(outputs)]


def test_a_call_goes_out_as_wished() -> None:
    call = Call()
    invite = call.invite
    assert (invite.method, invite.uri, invite.body, invite.cseq) == ("INVITE", WISH.uri, SDP, 1)
    assert {name: invite.first(name) for name in ("From", "To", "Contact", "Allow", "User-Agent", "Content-Type")} == {
        "From": f"{WISH.from_};tag={call.leg}",
        "To": WISH.to,
        "Contact": "<sip:10.0.0.9:5060>",
        "Allow": ALLOW,
        "User-Agent": "Offhook/test",
        "Content-Type": "application/sdp",
    }
    assert invite.first("P-Asserted-Identity") == "<sip:+81312345678@10.0.0.9>"


def test_a_call_may_leave_the_offer_to_the_callee() -> None:
    call = Call(Invitation(WISH.uri, WISH.from_, WISH.to, b"", THEM, US))
    assert "Content-Type" not in call.invite.headers
    assert news_in(call.hear(call.invite, 200, body=SDP)) == [Answered(call.leg, SDP)]


def test_a_wish_with_a_line_break_is_refused_before_anything_is_remembered() -> None:
    agent = new_agent()
    with pytest.raises(MalformedMessage):
        agent.invite(Invitation(WISH.uri, '"a\r\nRoute: <sip:evil>" <sip:a@h>', WISH.to, SDP, THEM, US), 0.0)
    assert is_empty(agent)


def test_a_call_rings_is_answered_acknowledged_and_hung_up() -> None:
    call = Call()
    assert call.hear(call.invite, 100) == [Trying(call.leg)]
    assert call.hear(call.invite, 180) == [Progressed(call.leg, 180, b"")]
    assert call.hear(call.invite, 183, body=SDP) == [Progressed(call.leg, 183, SDP)]
    outputs = call.hear(call.invite, 200, body=SDP)
    assert news_in(outputs) == [Answered(call.leg, SDP)]
    [ack] = requests_in(outputs)
    assert (ack.method, ack.uri, ack.cseq) == ("ACK", "sip:bob@10.0.0.1:5062", 1)
    assert ack.first("To") == "<sip:+81399998888@10.0.0.1>;tag=them"
    assert ack.first("Via") != call.invite.first("Via"), "the ACK of a 2xx is a transaction of its own"

    [bye] = requests_in(call.agent.hang_up(call.leg, 5.0))
    assert (bye.method, bye.cseq, bye.uri) == ("BYE", 2, "sip:bob@10.0.0.1:5062")
    assert call.hear(bye, 100, 5.0) == []
    assert call.agent.has(call.leg)
    assert call.hear(bye, 200, 5.1) == []
    assert not call.agent.has(call.leg)
    run(call.agent)
    assert is_empty(call.agent)


def test_the_callee_may_hang_up() -> None:
    call = Call()
    call.hear(call.invite, 200, body=SDP)
    peer = Peer(call_id=call.invite.first("Call-ID"), us=call.leg)
    outputs = call.agent.receive(peer.request("BYE"), THEM, US, 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [HungUp(call.leg)])


def test_a_body_that_is_no_session_description_is_not_told() -> None:
    call = Call()
    data = response(call.invite, 183, body=b"--x", fields={"Content-Type": "multipart/mixed"})
    assert call.agent.receive(data, THEM, US, 0.1) == [Progressed(call.leg, 183, b"")]


@pytest.mark.parametrize("status", [302, 404, 486, 503, 603])
def test_a_call_that_is_declined_is_acknowledged_and_over(status: int) -> None:
    call = Call()
    call.hear(call.invite, 180)
    outputs = call.hear(call.invite, status)
    assert methods_in(outputs) == ["ACK"]
    assert news_in(outputs) == [Declined(call.leg, status, "Told")]
    assert methods_in(call.hear(call.invite, status)) == ["ACK"]
    assert not call.agent.has(call.leg)
    run(call.agent)
    assert is_empty(call.agent)


def test_a_redirection_tells_of_the_numbers_that_it_names() -> None:
    call = Call()
    data = response(call.invite, 302, fields={"Contact": "<sip:+81399999999@evil.example>"})
    assert news_in(call.agent.receive(data, THEM, US, 0.1)) == [Declined(call.leg, 302, "Told", ("+81399999999",))]


def test_a_reason_that_nobody_could_print_is_made_readable() -> None:
    call = Call()
    data = response(call.invite, 486).replace(b"Told", b"N\xff\x07")
    assert news_in(call.agent.receive(data, THEM, US, 0.1)) == [Declined(call.leg, 486, "N\ufffd\ufffd")]


def test_a_call_that_nobody_answers_is_408() -> None:
    call = Call()
    found = run(call.agent)
    assert [when for when, output in found if isinstance(output, Send)] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert found[-1] == (32.0, Declined(call.leg, 408, "nobody answered", is_found=True))
    assert is_empty(call.agent)


def test_a_callee_may_ring_for_long_and_wakes_nobody() -> None:
    call = Call()
    call.hear(call.invite, 180)
    assert run(call.agent) == []
    assert call.agent.deadline() is None
    assert news_in(call.hear(call.invite, 200, 180.0)) == [Answered(call.leg, b"")]


# Giving up.


def test_giving_up_waits_for_a_provisional_response_and_then_cancels() -> None:
    call = Call()
    assert call.agent.hang_up(call.leg, 0.1) == []
    assert call.agent.hang_up(call.leg, 0.1) == []
    [cancel] = requests_in(call.hear(call.invite, 100, 0.2))
    assert (cancel.method, cancel.uri, cancel.cseq, cancel.body) == ("CANCEL", call.invite.uri, 1, b"")
    for name in ("Via", "From", "To", "Call-ID"):
        assert cancel.headers[name] == call.invite.headers[name]
    assert call.hear(call.invite, 180, 0.3) == []
    assert call.hear(cancel, 200, 0.3) == []
    outputs = call.hear(call.invite, 487, 0.4)
    assert methods_in(outputs) == ["ACK"]
    assert news_in(outputs) == [Declined(call.leg, 487, "Told")]
    run(call.agent)
    assert is_empty(call.agent)


def test_a_ringing_call_is_canceled_at_once() -> None:
    call = Call()
    call.hear(call.invite, 180)
    assert methods_in(call.agent.hang_up(call.leg, 0.2)) == ["CANCEL"]
    assert call.agent.hang_up(call.leg, 0.2) == []


@pytest.mark.parametrize("provisional", [False, True])
def test_a_200_that_crosses_our_cancel_is_acknowledged_and_hung_up(provisional: bool) -> None:
    call = Call()
    if provisional:
        call.hear(call.invite, 180)
    call.agent.hang_up(call.leg, 0.1)
    outputs = call.hear(call.invite, 200, 0.2)
    assert methods_in(outputs) == ["ACK", "BYE"]
    assert news_in(outputs) == [Declined(call.leg, 487, "canceled", is_found=True)]
    assert call.hear(requests_in(outputs)[1], 200, 0.3) == []
    assert not call.agent.has(call.leg)


@pytest.mark.parametrize("status", [None, 200, 481])
def test_a_callee_that_never_ends_a_canceled_invite_is_forgotten_after_64_t1(status: int | None) -> None:
    call = Call()
    call.hear(call.invite, 180)
    [cancel] = requests_in(call.agent.hang_up(call.leg, 100.0))
    if status:
        call.hear(cancel, status, 100.1)
    found = run(call.agent)
    assert [(when, news) for when, news in found if not isinstance(news, Send)] == [
        (132.0, Declined(call.leg, 487, "nobody answered the CANCEL", is_found=True))
    ]
    assert is_empty(call.agent)


def test_giving_up_a_call_that_nobody_hears_is_408() -> None:
    call = Call()
    call.agent.hang_up(call.leg, 1.0)
    assert run(call.agent)[-1] == (32.0, Declined(call.leg, 408, "nobody answered", is_found=True))
    assert is_empty(call.agent)


def test_a_bye_that_nobody_answers_ends_the_leg_all_the_same() -> None:
    call = Call()
    call.hear(call.invite, 200)
    call.agent.hang_up(call.leg, 1.0)
    found = run(call.agent)
    assert set(methods_in([output for _, output in found])) == {"BYE"}
    assert is_empty(call.agent)


def test_a_callee_that_answers_our_cancel_with_200_and_falls_silent_is_forgotten() -> None:
    call = Call()
    call.hear(call.invite, 180)
    call.agent.hang_up(call.leg, 0.2)
    assert methods_in(call.hear(call.invite, 200, 1.0)) == ["ACK", "BYE"]
    found = run(call.agent)
    assert news_in(output for _, output in found) == []
    assert set(methods_in([output for _, output in found])) == {"BYE", "CANCEL"}
    assert is_empty(call.agent)


# Answers that come again, from elsewhere, or broken.


def test_a_repeated_200_is_acknowledged_again_and_no_news() -> None:
    call = Call()
    first = call.hear(call.invite, 200)
    again = call.hear(call.invite, 200, 0.6)
    assert methods_in(again) == ["ACK"]
    assert news_in(again) == []
    assert requests_in(again)[0].uri == requests_in(first)[0].uri


def test_a_repeated_200_without_a_tag_is_acknowledged_again_too() -> None:
    call = Call()
    untagged: Fields = {"To": WISH.to}
    assert news_in(call.hear_with(untagged)) == [Answered(call.leg, b"")]
    assert methods_in(call.hear_with(untagged)) == ["ACK"]


def test_another_branch_of_a_fork_is_acknowledged_and_hung_up_once() -> None:
    call = Call()
    call.hear(call.invite, 200)
    other: Fields = {"To": f"{WISH.to};tag=other", "Contact": "<sip:eve@10.0.0.3>"}
    outputs = call.hear_with(other, now=0.2)
    assert news_in(outputs) == []
    ack, bye = requests_in(outputs)
    assert (ack.method, bye.method, bye.cseq) == ("ACK", "BYE", 2)
    assert ack.uri == bye.uri == "sip:eve@10.0.0.3"
    assert ack.first("To") == bye.first("To") == f"{WISH.to};tag=other"
    assert methods_in(call.hear_with(other, now=0.7)) == ["ACK"]
    # Its BYE ends nothing but itself, even while our own is under way.
    [own] = requests_in(call.agent.hang_up(call.leg, 1.0))
    assert call.hear(bye, 200, 1.1) == []
    assert call.agent.has(call.leg)
    call.hear(own, 200, 1.2)
    assert not call.agent.has(call.leg)


def test_a_branch_that_answers_after_our_leg_has_gone_is_hung_up_too() -> None:
    call = Call()
    call.hear(call.invite, 200)
    [bye] = requests_in(call.agent.hang_up(call.leg, 1.0))
    call.hear(bye, 200, 1.1)
    assert not call.agent.has(call.leg)
    assert methods_in(call.hear_with({"To": f"{WISH.to};tag=other"}, now=2.0)) == ["ACK", "BYE"]
    assert methods_in(call.hear(call.invite, 200, 2.1)) == ["ACK"]
    run(call.agent)
    assert is_empty(call.agent)


def test_a_fork_without_end_is_not_followed() -> None:
    call = Call()
    heard = [methods_in(call.hear(call.invite, 200, tag=f"tag{number}")) for number in range(FORKS_LIMIT + 5)]
    assert heard == [["ACK"]] + [["ACK", "BYE"]] * (FORKS_LIMIT - 1) + [[]] * 5


@pytest.mark.parametrize(
    "fields",
    [
        {"Contact": None},
        {"Contact": "<tel:+813>"},
        {"Contact": "<sip:h:99999>"},
        {"Record-Route": "<tel:+813>"},
        {"Record-Route": "p1"},
    ],
)
def test_an_answer_without_a_way_to_the_callee_is_a_call_that_failed(fields: Fields) -> None:
    call = Call()
    [declined] = call.hear_with(fields)
    assert isinstance(declined, Declined)
    assert (declined.leg, declined.status) == (call.leg, 502)
    assert call.hear_with(fields) == [], "the leg has gone"
    run(call.agent)
    assert is_empty(call.agent)


def test_a_broken_answer_of_another_branch_does_not_hurt_the_call() -> None:
    call = Call()
    call.hear(call.invite, 200)
    assert call.hear_with({"To": f"{WISH.to};tag=other", "Contact": None}) == []
    assert call.agent.has(call.leg)


def test_the_recorded_routes_are_followed_the_other_way_round() -> None:
    call = Call()
    outputs = call.hear_with({"Record-Route": ["<sip:p3;lr>, <sip:p2;lr>", "<sip:p1:5070;lr>"]})
    assert isinstance(outputs[0], Send)
    assert outputs[0].destination == Destination("p1", 5070)
    [ack] = requests_in(outputs)
    assert ack.values("Route") == ["<sip:p1:5070;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]
    assert ack.uri == "sip:bob@10.0.0.1:5062"


def test_late_words_on_a_call_that_is_over_or_answered_are_no_news() -> None:
    call = Call()
    call.hear(call.invite, 200)
    assert call.hear(call.invite, 180) == []
    assert call.hear(call.invite, 486) == []
    [bye] = requests_in(call.agent.hang_up(call.leg, 1.0))
    peer = Peer(call_id=call.invite.first("Call-ID"), us=call.leg)
    call.agent.receive(peer.request("BYE"), THEM, US, 1.0)
    assert call.hear(bye, 481, 1.1) == []


def test_every_request_has_a_via_branch_of_its_own() -> None:
    call = Call()
    ack = requests_in(call.hear(call.invite, 200))
    again = requests_in(call.hear(call.invite, 200))
    bye = requests_in(call.agent.hang_up(call.leg, 1.0))
    vias = [message.first("Via") for message in [call.invite, *ack, *again, *bye]]
    assert all(one != other for one, other in pairwise(vias))
    assert len(set(vias)) == 4


BY_TCP = replace(THEM, transport=Transport.TCP)
LARGE = replace(WISH, fields=[("Subject", "x" * 1300)])


def invites_in(outputs: list[Output]) -> list[tuple[str, Transport]]:
    """Return the transports of INVITEs: as written and as sent."""
    sent = [output for output in outputs if isinstance(output, Send)]
    written = [message.first("Via").split("/")[2][:3] for message in requests_in(outputs)]
    return list(zip(written, [send.destination.transport for send in sent], strict=True))


def test_a_request_too_large_for_a_datagram_goes_by_tcp() -> None:
    agent = new_agent()
    assert invites_in(agent.invite(LARGE, 0.0)[1]) == [("TCP", Transport.TCP)]
    assert invites_in(agent.invite(replace(LARGE, stays_with_transport=True), 0.0)[1]) == [("UDP", Transport.UDP)]
    assert invites_in(agent.invite(WISH, 0.0)[1]) == [("UDP", Transport.UDP)]


def test_where_nothing_listens_by_tcp_it_goes_by_udp_and_for_ten_minutes_at_once() -> None:
    agent = new_agent()
    leg, outputs = agent.invite(LARGE, 0.0)
    [first] = requests_in(outputs)
    outputs = agent.undelivered(BY_TCP, 1.0)
    assert invites_in(outputs) == [("UDP", Transport.UDP)]
    [second] = requests_in(outputs)
    assert second.first("Call-ID") == first.first("Call-ID")
    assert second.first("Contact") == "<sip:10.0.0.9:5060>"
    assert news_in(agent.receive(response(second, 200, tag="them", body=SDP), THEM, US, 1.1)) == [Answered(leg, SDP)]
    assert invites_in(agent.invite(LARGE, 600.0)[1]) == [("UDP", Transport.UDP)]
    assert invites_in(agent.invite(LARGE, 601.0)[1]) == [("TCP", Transport.TCP)]


def test_a_call_that_cannot_be_delivered_is_declined() -> None:
    agent = new_agent()
    leg, _ = agent.invite(replace(WISH, destination=BY_TCP), 0.0)
    [declined] = agent.undelivered(BY_TCP, 1.0)
    assert declined == Declined(leg, 503, "there is no connection to 10.0.0.1:5060 by TCP", is_found=True)
    assert agent.undelivered(BY_TCP, 1.0) == []
    assert is_empty(agent)


def test_a_bye_that_cannot_be_delivered_ends_the_leg() -> None:
    agent = new_agent()
    leg, outputs = agent.invite(replace(WISH, destination=BY_TCP), 0.0)
    [invite] = requests_in(outputs)
    fields: Fields = {"Contact": "<sip:b@10.0.0.1:5060;transport=tcp>"}
    agent.receive(response(invite, 200, tag="them", body=SDP, fields=fields), BY_TCP, US, 0.1)
    agent.hang_up(leg, 1.0)
    assert agent.has(leg)
    assert agent.undelivered(BY_TCP, 2.0) == []
    assert not agent.has(leg)


CHALLENGE = 'Digest realm="carrier.example", nonce="n1", qop="auth", algorithm=MD5'
ASKED: Fields = {"Proxy-Authenticate": CHALLENGE}


def known() -> Invitation:
    """Return a wish of somebody with a login."""
    return replace(WISH, authenticator=Authenticator([Credentials("offhook", Password("secret"))]))


def test_a_challenge_is_met_with_the_same_call_and_the_next_number() -> None:
    call = Call(known())
    assert "Proxy-Authorization" not in call.invite.headers
    outputs = call.agent.receive(response(call.invite, 407, fields=ASKED), THEM, US, 0.1)
    acknowledgement, again = requests_in(outputs)
    assert (acknowledgement.method, acknowledgement.cseq) == ("ACK", 1)
    assert (again.method, again.cseq, again.first("Call-ID")) == ("INVITE", 2, call.invite.first("Call-ID"))
    assert 'username="offhook"' in again.first("Proxy-Authorization")
    outputs = call.agent.receive(response(again, 200, body=SDP), THEM, US, 0.2)
    [acknowledgement] = requests_in(outputs)
    # RFC 3261 section 22.1: the ACK of a success carries what its INVITE carried.
    assert acknowledgement.headers["Proxy-Authorization"] == again.headers["Proxy-Authorization"]
    assert news_in(outputs) == [Answered(call.leg, SDP)]


def test_a_bye_proves_itself_unasked_and_meets_a_challenge_of_its_own() -> None:
    call = Call(known())
    [_, again] = requests_in(call.agent.receive(response(call.invite, 407, fields=ASKED), THEM, US, 0.1))
    call.agent.receive(response(again, 200, body=SDP), THEM, US, 0.2)
    [bye] = requests_in(call.agent.hang_up(call.leg, 1.0))
    assert "nc=00000002" in bye.first("Proxy-Authorization")
    stale: Fields = {"Proxy-Authenticate": CHALLENGE.replace("n1", "n2") + ", stale=true"}
    [second] = requests_in(call.agent.receive(response(bye, 407, fields=stale), THEM, US, 1.1))
    assert (second.method, second.cseq) == ("BYE", bye.cseq + 1)
    assert 'nonce="n2"' in second.first("Proxy-Authorization")
    call.agent.receive(response(second, 200), THEM, US, 1.2)
    assert not call.agent.has(call.leg)


def test_a_refused_login_is_told_and_a_bye_that_cannot_be_proven_ends_the_leg() -> None:
    call = Call(known())
    [_, again] = requests_in(call.agent.receive(response(call.invite, 407, fields=ASKED), THEM, US, 0.1))
    outputs = call.agent.receive(response(again, 407, fields=ASKED), THEM, US, 0.2)
    [declined] = news_in(outputs)
    assert isinstance(declined, Declined)
    assert (declined.status, "check user name and password" in declined.reason) == (407, True)
    other = Call(known())
    other.agent.receive(response(other.invite, 200, body=SDP), THEM, US, 0.1)
    [bye] = requests_in(other.agent.hang_up(other.leg, 1.0))
    assert other.agent.receive(response(bye, 407), THEM, US, 1.1) == []
    assert not other.agent.has(other.leg)


def test_without_a_login_a_challenge_is_a_refusal() -> None:
    call = Call()
    outputs = call.agent.receive(response(call.invite, 401, fields={"WWW-Authenticate": CHALLENGE}), THEM, US, 0.1)
    assert news_in(outputs) == [Declined(call.leg, 401, "Told")]


def test_a_challenge_that_comes_after_we_gave_up_is_not_met() -> None:
    call = Call(known())
    call.agent.receive(response(call.invite, 180), THEM, US, 0.1)
    call.agent.hang_up(call.leg, 0.2)
    outputs = call.agent.receive(response(call.invite, 407, fields=ASKED), THEM, US, 0.3)
    assert [message.method for message in requests_in(outputs)] == ["ACK"]
    assert [type(news) for news in news_in(outputs)] == [Declined]


def test_an_invite_of_ours_that_comes_back_is_known_while_it_is_under_way() -> None:
    call = Call()
    vias = ["SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKproxy", "broken", call.invite.first("Via")]
    back = parse(Peer().request("INVITE", fields={"Via": vias}))
    other = parse(Peer().request("INVITE", fields={"Via": vias[:2]}))
    assert isinstance(back, Request)
    assert isinstance(other, Request)
    assert (call.agent.has_come_back(back), call.agent.has_come_back(other)) == (True, False)
    call.hear(call.invite, 486)
    run(call.agent)
    assert not call.agent.has_come_back(back)


def test_an_invite_takes_as_many_hops_as_it_is_told() -> None:
    wish = replace(WISH, forwards=7)
    [invite] = requests_in(new_agent().invite(wish, 0.0)[1])
    assert invite.first("Max-Forwards") == "7"
