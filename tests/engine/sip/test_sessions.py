"""Session timers (RFC 4028), from both ends: agreed on, refreshed, and what comes of a call that nobody refreshes."""

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Answered, Confirmed, Declined, Lost, Output, Progressed, Reoffered
from sip_call import Call, is_empty, run
from sip_peer import SDP, THEM, US, Fields, new_agent, news_in, requests_in, response, responses_in, statuses_in

KNOWS: Fields = {"Supported": "timer, replaces"}
TAKES_UPDATE: Fields = {"Allow": "INVITE, ACK, BYE, UPDATE"}


def confirmed(fields: Fields) -> tuple[Call, dict[str, str]]:
    """Be called and answer; return the call and what our 200 says of timers."""
    call = Call()
    call.invite(fields=fields)
    [answer] = responses_in(call.agent.answer(call.leg, SDP, 0.0))
    call.ack()
    return call, {name: answer.first(name) for name in ("Session-Expires", "Require", "Supported")}


@pytest.mark.parametrize(
    ("fields", "expires", "required"),
    [
        ({}, "", ""),
        (KNOWS, "1800;refresher=uac", "timer"),
        ({**KNOWS, "Session-Expires": "600"}, "600;refresher=uac", "timer"),
        ({**KNOWS, "Session-Expires": "600;refresher=uac"}, "600;refresher=uac", "timer"),
        ({**KNOWS, "Session-Expires": "600; refresher=UAS ;x=y"}, "600;refresher=uas", ""),
        # A proxy asked for it, and only we know timers.
        ({"Session-Expires": "600"}, "600;refresher=uas", ""),
        ({**KNOWS, "x": "90"}, "90;refresher=uac", "timer"),
        ({**KNOWS, "Session-Expires": "999999999"}, "86400;refresher=uac", "timer"),
        ({"Require": "timer", "Session-Expires": "600"}, "600;refresher=uac", "timer"),
    ],
)
def test_our_answer_says_how_long_and_who_refreshes(fields: Fields, expires: str, required: str) -> None:
    _, said = confirmed(fields)
    assert said == {"Session-Expires": expires, "Require": required, "Supported": "timer, 100rel"}


@pytest.mark.parametrize("seconds", ["0", "89"])
def test_who_wants_to_be_refreshed_too_often_is_told_our_least(seconds: str) -> None:
    call = Call()
    [refusal] = responses_in(call.hear(call.peer.request("INVITE", body=SDP, fields={"Session-Expires": seconds})))
    assert (refusal.status, refusal.reason, refusal.first("Min-SE")) == (422, "Session Interval Too Small", "90")
    call.peer.us = ""
    call.invite(fields={"Session-Expires": "90"})


@pytest.mark.parametrize("fields", [{"Session-Expires": "soon"}, {"Min-SE": "-1"}, {"Session-Expires": "1 2"}])
def test_an_interval_that_is_none_is_malformed(fields: Fields) -> None:
    call = Call()
    outputs = call.hear(call.peer.request("INVITE", body=SDP, fields=fields))
    assert statuses_in(outputs) == [400]


def test_a_caller_that_does_not_refresh_is_hung_up_before_the_end() -> None:
    call, _ = confirmed({**KNOWS, "Session-Expires": "600"})
    found = run(call.agent, 2000)
    times = [when for when, output in found if isinstance(output, Lost)]
    assert times == [600 - 32]
    assert next(message.method for message in _sent(found)) == "BYE"


def test_a_short_session_has_a_margin_of_a_third() -> None:
    call, _ = confirmed({**KNOWS, "Session-Expires": "90"})
    assert [when for when, output in run(call.agent, 2000) if isinstance(output, Lost)] == [60]


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_a_refresh_of_the_callers_is_answered_and_begins_the_time_anew(method: str) -> None:
    call, _ = confirmed({**KNOWS, "Session-Expires": "600"})
    assert run(call.agent, 500) == []
    body = SDP if method == "INVITE" else b""
    outputs = call.hear(
        call.peer.request(method, body=body, fields={**KNOWS, "Session-Expires": "600;refresher=uac"}), 500.0
    )
    if method == "INVITE":
        assert news_in(outputs) == [Reoffered(call.leg, SDP)]
        outputs = call.agent.accept(call.leg, SDP, 500.0)
        call.ack(500.0)
    [answer] = [one for one in responses_in(outputs) if one.status == 200]
    assert (answer.first("Session-Expires"), answer.first("Require")) == ("600;refresher=uac", "timer")
    assert [when for when, output in run(call.agent, 2000) if isinstance(output, Lost)] == [500 + 600 - 32]


def test_a_refresh_that_comes_too_often_is_refused_and_changes_nothing() -> None:
    call, _ = confirmed({**KNOWS, "Session-Expires": "600"})
    [refusal] = responses_in(call.hear(call.peer.request("UPDATE", fields={"Session-Expires": "5"}), 100.0))
    assert (refusal.status, refusal.first("Min-SE")) == (422, "90")
    assert [when for when, output in run(call.agent, 2000) if isinstance(output, Lost)] == [568]


def refreshed(call: Call, until: float) -> Request:
    """Let time pass until we refresh, and return how."""
    return _sent(run(call.agent, until))[0]


def _sent(found: list[tuple[float, Output]]) -> list[Request]:
    return requests_in(output for _, output in found)


def test_we_refresh_by_update_at_half_time_and_go_on() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    refresh = refreshed(call, 300.0)
    assert (refresh.method, refresh.body) == ("UPDATE", b"")
    assert refresh.first("Session-Expires") == "600;refresher=uac"
    done = response(refresh, 200, fields={"Session-Expires": "600;refresher=uac"})
    assert call.agent.receive(done, THEM, US, 300.1) == []
    again = refreshed(call, 600.2)
    assert (again.method, again.cseq) == ("UPDATE", refresh.cseq + 1)


def test_who_takes_no_update_is_sent_what_we_described_last() -> None:
    call, _ = confirmed({"Session-Expires": "600"})
    refresh = refreshed(call, 300.0)
    assert (refresh.method, refresh.body) == ("INVITE", SDP)
    outputs = call.agent.receive(
        response(refresh, 200, body=SDP, fields={"Session-Expires": "600;refresher=uac"}), THEM, US, 300.1
    )
    [acknowledgement] = requests_in(outputs)
    assert (acknowledgement.method, acknowledgement.cseq) == ("ACK", refresh.cseq)
    assert news_in(outputs) == [Confirmed(call.leg, SDP)]
    assert not [when for when, output in run(call.agent, 590) if isinstance(output, Lost)]


def test_the_answer_to_a_refresh_that_comes_again_is_acknowledged_again_and_ends_no_call() -> None:
    call, _ = confirmed({"Session-Expires": "600"})
    refresh = refreshed(call, 300.0)
    answer = response(refresh, 200, body=SDP, fields={"Session-Expires": "600;refresher=uac"})
    [first] = requests_in(call.agent.receive(answer, THEM, US, 300.1))
    # Our ACK was lost.
    outputs = call.agent.receive(answer, THEM, US, 300.6)
    [second] = requests_in(outputs)
    assert (second.method, second.cseq, second.uri) == ("ACK", refresh.cseq, first.uri)
    assert news_in(outputs) == []
    # Nor does it begin anew what has been ended meanwhile.
    call.agent.hang_up(call.leg, 301.0)
    late = requests_in(call.agent.receive(answer, THEM, US, 301.1))
    assert [message.method for message in late] == ["ACK"]


def test_an_update_that_is_not_taken_after_all_becomes_an_invite() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    refresh = refreshed(call, 300.0)
    [invite] = requests_in(call.agent.receive(response(refresh, 405), THEM, US, 300.1))
    assert (invite.method, invite.body) == ("INVITE", SDP)


@pytest.mark.parametrize("status", [481, 408])
def test_a_peer_that_does_not_know_the_call_any_more_is_lost(status: int) -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    refresh = refreshed(call, 300.0)
    outputs = call.agent.receive(response(refresh, status), THEM, US, 300.1)
    assert [message.method for message in requests_in(outputs)] == ["BYE"]
    [lost] = news_in(outputs)
    assert isinstance(lost, Lost)
    assert str(status) in lost.text


def test_a_peer_that_does_not_answer_a_refresh_is_lost() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    found = run(call.agent, 2000)
    [(when, lost)] = [(when, output) for when, output in found if isinstance(output, Lost)]
    assert when == 332
    assert isinstance(lost, Lost)
    assert "did not answer" in lost.text
    assert is_empty(call.agent)


def test_a_refresh_that_meets_one_of_the_peers_comes_again() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    refresh = refreshed(call, 300.0)
    assert call.agent.receive(response(refresh, 491), THEM, US, 300.1) == []
    found = run(call.agent, 310)
    assert next((when, message.method) for when, output in found for message in requests_in([output])) == (
        303.1,
        "UPDATE",
    )


def test_the_peers_offer_waits_while_a_refresh_of_ours_is_open() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    refreshed(call, 300.0)
    assert call.answer_to(call.peer.request("INVITE", body=SDP), 300.1).status == 491


def test_a_refresh_that_is_too_short_for_the_peer_is_made_longer() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    refresh = refreshed(call, 300.0)
    [again] = requests_in(call.agent.receive(response(refresh, 422, fields={"Min-SE": "3600"}), THEM, US, 300.1))
    assert (again.method, again.first("Min-SE")) == ("UPDATE", "3600")
    assert again.first("Session-Expires").startswith("3600")


WISH = Invitation("sip:+81399998888@10.0.0.1", "<sip:a@10.0.0.9>", "<sip:+81399998888@10.0.0.1>", SDP, THEM, US)


def calling() -> tuple[Agent, str, Request]:
    agent = new_agent()
    leg, outputs = agent.invite(WISH, 0.0)
    [invite] = requests_in(outputs)
    return agent, leg, invite


def test_our_calls_ask_for_a_timer() -> None:
    _, _, invite = calling()
    assert (invite.first("Supported"), invite.first("Session-Expires")) == ("timer, 100rel", "1800")


def test_a_callee_that_wants_a_longer_interval_is_asked_again() -> None:
    agent, leg, invite = calling()
    outputs = agent.receive(response(invite, 422, fields={"Min-SE": "7200"}), THEM, US, 0.1)
    acknowledgement, again = requests_in(outputs)
    assert acknowledgement.method == "ACK"
    assert (again.method, again.cseq, again.first("Call-ID")) == ("INVITE", 2, invite.first("Call-ID"))
    assert (again.first("Session-Expires"), again.first("Min-SE")) == ("7200", "7200")
    assert news_in(agent.receive(response(again, 180), THEM, US, 0.2)) == [Progressed(leg, 180, b"")]
    assert news_in(agent.receive(response(again, 200, body=SDP), THEM, US, 0.3)) == [Answered(leg, SDP)]


def test_a_callee_that_is_never_content_is_given_up() -> None:
    agent, leg, invite = calling()
    outputs = agent.receive(response(invite, 422, fields={"Min-SE": "90"}), THEM, US, 0.1)
    assert news_in(outputs) == [Declined(leg, 422, "Told")]


@pytest.mark.parametrize(
    ("expires", "what"),
    [("600;refresher=uac", "UPDATE"), ("600", "UPDATE"), ("600;refresher=uas", "BYE"), (None, None)],
)
def test_the_callees_answer_says_who_refreshes(expires: str | None, what: str | None) -> None:
    agent, _, invite = calling()
    fields: Fields = {"Session-Expires": expires, **TAKES_UPDATE}
    agent.receive(response(invite, 200, body=SDP, fields=fields), THEM, US, 0.0)
    methods = [message.method for message in _sent(run(agent, 570))]
    assert methods[:1] == ([what] if what else [])


def test_a_leg_that_ended_is_not_refreshed() -> None:
    call, _ = confirmed({"Session-Expires": "600", **TAKES_UPDATE})
    call.answer_to(call.peer.request("BYE"), 10.0)
    assert run(call.agent, 2000) == []
    assert is_empty(call.agent)


def test_nothing_of_it_is_asked_of_a_fork() -> None:
    """Another branch's 200 is acknowledged and ended; its timer is nobody's."""
    agent, _, invite = calling()
    agent.receive(response(invite, 200, body=SDP, fields={"Session-Expires": "600;refresher=uas"}), THEM, US, 0.0)
    agent.receive(response(invite, 200, tag="other", body=SDP, fields={"Session-Expires": "90"}), THEM, US, 0.0)
    assert [when for when, output in run(agent, 2000) if isinstance(output, Lost)] == [568]
