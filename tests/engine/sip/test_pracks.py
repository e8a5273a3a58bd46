"""Reliable provisional responses of those we call (RFC 3262 section 4)."""

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Answered, Declined, Destination, Dropped, Output, Progressed, Reoffered
from sip_peer import SDP, THEM, US, Fields, new_agent, news_in, requests_in, response, responses_in, statuses_in, write

EARLY = SDP.replace(b"4000", b"6000")
OTHER = SDP.replace(b"4000", b"7000")


class Calling:
    """One agent that has called `THEM`."""

    def __init__(self) -> None:
        self.agent: Agent = new_agent()
        wish = Invitation("sip:1@10.0.0.1", "<sip:a@10.0.0.9>", "<sip:1@10.0.0.1>", SDP, THEM, US)
        self.leg, outputs = self.agent.invite(wish, 0.0)
        [self.invite] = requests_in(outputs)

    def hear(self, data: bytes, now: float = 0.0, source: Destination = THEM) -> list[Output]:
        return self.agent.receive(data, source, US, now)

    def progress(self, rseq: object, *, tag: str = "them", body: bytes = EARLY, fields: Fields | None = None) -> bytes:
        """Write a reliable 183."""
        reliable: Fields = {"Require": "100rel", "RSeq": str(rseq)}
        return response(self.invite, 183, tag=tag, body=body, fields=reliable | (fields or {}))

    def answer(self, *, tag: str = "them", body: bytes = b"") -> list[Output]:
        return self.hear(response(self.invite, 200, tag=tag, body=body), 5.0)

    def request(self, method: str, *, tag: str = "them", cseq: int = 1, body: bytes = b"") -> bytes:
        """Write a request of the callee's."""
        head: Fields = {
            "Via": f"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{method}{tag}{cseq};rport",
            "Max-Forwards": "70",
            "From": f"{self.invite.first('To')};tag={tag}",
            "To": self.invite.first("From"),
            "Call-ID": self.invite.first("Call-ID"),
            "CSeq": f"{cseq} {method}",
            "Contact": "<sip:bob@10.0.0.1:5063>",
            "Content-Type": "application/sdp" if body else None,
            "Content-Length": str(len(body)),
        }
        return write(f"{method} sip:10.0.0.9:5060 SIP/2.0", head, body)


def prack_in(outputs: list[Output]) -> Request:
    [prack] = requests_in(outputs)
    assert prack.method == "PRACK"
    return prack


def test_our_calls_say_that_we_know_it() -> None:
    invite = Calling().invite
    assert "100rel" in invite.values("Supported")
    assert "PRACK" in invite.values("Allow")


def test_a_reliable_response_is_acknowledged_within_the_dialog_that_it_makes() -> None:
    call = Calling()
    outputs = call.hear(call.progress(7, fields={"Record-Route": "<sip:10.0.0.2;lr>"}))
    prack = prack_in(outputs)
    assert (prack.uri, prack.first("RAck"), prack.first("CSeq")) == ("sip:bob@10.0.0.1:5062", "7 1 INVITE", "2 PRACK")
    assert prack.first("Route") == "<sip:10.0.0.2;lr>"
    assert prack.first("To").endswith(";tag=them")
    assert news_in(outputs) == [Progressed(call.leg, 183, EARLY)]
    assert call.hear(response(prack, 200)) == []


@pytest.mark.parametrize("fields", [{"Require": None}, {"Require": "timer"}])
def test_others_are_not(fields: Fields) -> None:
    call = Calling()
    assert call.hear(call.progress(7, fields=fields)) == [Progressed(call.leg, 183, EARLY)]


def test_the_ways_of_saying_100_are_never_reliable() -> None:
    call = Calling()
    assert requests_in(call.hear(response(call.invite, 100, fields={"Require": "100rel", "RSeq": "1"}))) == []


@pytest.mark.parametrize("rseq", ["", "x", "-1", "12345678901"])
def test_one_without_a_number_cannot_be_acknowledged(rseq: str) -> None:
    call = Calling()
    [dropped] = call.hear(call.progress(rseq))
    assert isinstance(dropped, Dropped)


def test_one_without_a_way_to_the_callee_cannot_be_acknowledged() -> None:
    call = Calling()
    [dropped] = call.hear(call.progress(1, fields={"Contact": None}))
    assert isinstance(dropped, Dropped)


def test_they_are_taken_in_their_order_and_once() -> None:
    call = Calling()
    prack_in(call.hear(call.progress(7)))
    assert call.hear(call.progress(7)) == []
    assert call.hear(call.progress(9)) == []
    assert prack_in(call.hear(call.progress(8))).first("RAck") == "8 1 INVITE"
    assert prack_in(call.hear(call.progress(9))).first("CSeq") == "4 PRACK"


def test_each_fork_counts_for_itself_and_the_last_of_many_are_not_heard() -> None:
    call = Calling()
    for fork in range(16):
        assert prack_in(call.hear(call.progress(100, tag=f"f{fork}"))).first("To").endswith(f";tag=f{fork}")
    assert call.hear(call.progress(100, tag="f16")) == []
    assert prack_in(call.hear(call.progress(101, tag="f3"))).first("RAck") == "101 1 INVITE"


def test_an_answer_without_a_description_has_that_of_its_own_dialog() -> None:
    call = Calling()
    call.hear(call.progress(1, tag="one"))
    call.hear(call.progress(1, tag="two", body=OTHER))
    outputs = call.answer(tag="one")
    assert news_in(outputs) == [Answered(call.leg, EARLY)]
    [ack] = requests_in(outputs)
    assert (ack.method, ack.first("CSeq")) == ("ACK", "1 ACK")
    [bye] = requests_in(call.agent.hang_up(call.leg, 6.0))
    assert bye.first("CSeq") == "4 BYE"


def test_a_repeated_description_is_the_answers() -> None:
    call = Calling()
    call.hear(call.progress(1))
    assert news_in(call.answer(body=OTHER)) == [Answered(call.leg, OTHER)]


def test_a_call_that_is_given_up_is_acknowledged_all_the_same() -> None:
    call = Calling()
    call.agent.hang_up(call.leg, 0.1)
    outputs = call.hear(call.progress(1))
    assert [request.method for request in requests_in(outputs)] == ["PRACK", "CANCEL"]
    assert prack_in(call.hear(call.progress(2, body=b""))).first("RAck") == "2 1 INVITE"


@pytest.mark.parametrize("status", [481, 500, 401])
def test_a_prack_that_is_refused_changes_nothing(status: int) -> None:
    call = Calling()
    prack = prack_in(call.hear(call.progress(1)))
    assert call.hear(response(prack, status)) == []
    assert news_in(call.answer()) == [Answered(call.leg, EARLY)]


def test_a_prack_that_nobody_answers_changes_nothing() -> None:
    call = Calling()
    call.hear(call.progress(1))
    repeated = [output for when in (0.5, 1.5, 40.0) for output in call.agent.tick(when)]
    assert {request.method for request in requests_in(repeated)} == {"PRACK"}
    assert news_in(repeated) == []


def test_the_callee_may_change_the_media_before_it_answers() -> None:
    call = Calling()
    call.hear(call.progress(1))
    assert call.hear(call.request("UPDATE", body=OTHER)) == [Reoffered(call.leg, OTHER)]
    assert statuses_in(call.agent.accept(call.leg, SDP, 1.0)) == [200]
    [plain] = responses_in(call.hear(call.request("UPDATE", cseq=2)))
    assert plain.status == 200
    [late] = responses_in(call.hear(call.request("UPDATE", cseq=1, body=OTHER), source=Destination("10.0.0.1", 5061)))
    assert late.status == 200, "the transaction repeats its answer"
    assert prack_in(call.hear(call.progress(2, body=b""))).uri == "sip:bob@10.0.0.1:5063"
    assert news_in(call.answer()) == [Answered(call.leg, EARLY)]
    [old] = responses_in(call.hear(call.request("OPTIONS", cseq=2)))
    assert old.status == 500


@pytest.mark.parametrize(("tag", "body", "status"), [("them", b"", 500), ("who", EARLY, 481), ("", EARLY, 481)])
def test_a_callee_without_such_a_dialog_may_not(tag: str, body: bytes, status: int) -> None:
    call = Calling()
    call.hear(call.progress(1, body=body))
    assert statuses_in(call.hear(call.request("UPDATE", tag=tag, body=OTHER))) == [status]


def test_a_callee_may_not_hang_up_what_it_has_not_answered() -> None:
    call = Calling()
    call.hear(call.progress(1))
    assert statuses_in(call.hear(call.request("BYE"))) == [481]


def test_a_refusal_ends_the_early_dialogs() -> None:
    call = Calling()
    call.hear(call.progress(1))
    assert news_in(call.hear(response(call.invite, 486))) == [Declined(call.leg, 486, "Told")]
    assert statuses_in(call.hear(call.request("UPDATE", body=OTHER))) == [481]
