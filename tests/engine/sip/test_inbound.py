"""The agent as it is called, by a peer that is free to break every rule."""

import pytest

from offhook.engine.sip.core import ALLOW
from offhook.engine.sip.outputs import (
    Canceled,
    Confirmed,
    Destination,
    Dropped,
    HungUp,
    Invited,
    Lost,
    Send,
    TurnedDown,
)
from sip_call import Call, cancel, is_empty, run
from sip_peer import SDP, THEM, US, Fields, Peer, news_in, requests_in, responses_in, statuses_in


def test_a_call_comes_in_rings_is_answered_and_ends() -> None:
    call = Call()
    outputs = call.hear(call.peer.request("INVITE", body=SDP))
    [trying] = responses_in(outputs)
    [invited] = news_in(outputs)
    assert (trying.status, trying.first("To")) == (100, "<sip:+81312345678@10.0.0.9>")
    assert isinstance(invited, Invited)
    assert (invited.source, invited.local, invited.request.body) == (THEM, US, SDP)
    leg = call.peer.us = invited.leg

    [ringing] = responses_in(call.agent.ring(leg, 0.1))
    assert (ringing.status, ringing.body, ringing.first("Contact")) == (180, b"", "<sip:10.0.0.9:5060>")
    [early] = responses_in(call.agent.ring(leg, 0.1, status=183, sdp=SDP))
    assert (early.status, early.body, early.first("Content-Type")) == (183, SDP, "application/sdp")

    [answer] = responses_in(call.agent.answer(leg, SDP, 0.2))
    assert (answer.status, answer.body, answer.first("Allow")) == (200, SDP, ALLOW)
    assert answer.first("To") == ringing.first("To") == f"<sip:+81312345678@10.0.0.9>;tag={leg}"
    assert call.ack(0.3) == [Confirmed(leg, b"")]

    outputs = call.hear(call.peer.request("BYE"), 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [HungUp(leg)])
    assert not call.agent.has(leg)
    assert news_in(output for _, output in run(call.agent, 100.0)) == []
    assert is_empty(call.agent)


def test_our_answer_is_repeated_until_its_ack() -> None:
    call = Call()
    call.invite()
    [answer] = call.agent.answer(call.leg, SDP, 0.0)
    assert run(call.agent, 8.0) == [(when, answer) for when in (0.5, 1.5, 3.5, 7.5)]
    assert call.ack(9.0) == [Confirmed(call.leg, b"")]
    assert run(call.agent, 100.0) == []
    assert call.ack(100.0) == [], "a repeated ACK is no news"


def test_a_lost_ack_loses_the_leg_after_64_t1_and_says_bye() -> None:
    call = Call()
    call.invite()
    [answer] = call.agent.answer(call.leg, SDP, 0.0)
    found = run(call.agent, 32.0)
    repeated = [when for when, output in found if output == answer]
    assert repeated == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert found[-1] == (32.0, Lost(call.leg, "our 200 was never acknowledged"))
    assert [message.method for message in requests_in(output for _, output in found[-2:])] == ["BYE"]
    assert call.agent.has(call.leg)
    run(call.agent, 100.0)
    assert is_empty(call.agent)


def test_a_retransmitted_invite_is_absorbed_and_gets_the_last_word_again() -> None:
    call = Call()
    data = call.peer.request("INVITE", body=SDP)
    call.peer.us = next(output.leg for output in call.hear(data) if isinstance(output, Invited))
    again = call.hear(data, 0.5)
    assert (statuses_in(again), news_in(again)) == ([100], [])
    [ringing] = call.agent.ring(call.peer.us, 0.6)
    assert call.hear(data, 1.5) == [ringing]
    call.agent.answer(call.peer.us, SDP, 2.0)
    assert call.hear(data, 3.5) == [], "the 200 has its own timer"


def test_the_same_invite_on_a_second_way_is_482() -> None:
    call = Call()
    call.invite()
    merged = Peer(call_id=call.peer.call_id).request("INVITE", cseq=1, branch="z9hG4bKother", body=SDP)
    outputs = call.hear(merged, 0.1)
    assert (statuses_in(outputs), news_in(outputs)) == ([482], [])


@pytest.mark.parametrize(("status", "retry_after_s"), [(404, None), (503, 30)])
def test_a_refused_call_is_over_at_once(status: int, retry_after_s: int | None) -> None:
    call = Call()
    call.invite()
    [refused] = responses_in(call.agent.refuse(call.leg, status, 0.1, retry_after_s=retry_after_s))
    assert (refused.status, refused.first("Retry-After")) == (status, str(retry_after_s or ""))
    assert not call.agent.has(call.leg)
    assert call.hear(call.peer.request("ACK", cseq=1, branch="z9hG4bKinvite"), 0.2) == []
    assert [output for _, output in run(call.agent, 5.0)] == [], "the ACK stopped the repetition"
    run(call.agent, 100.0)
    assert is_empty(call.agent)


def test_a_refusal_that_is_never_acknowledged_is_repeated_and_forgotten() -> None:
    call = Call()
    call.invite()
    call.agent.refuse(call.leg, 486, 0.0)
    found = run(call.agent, 100.0)
    assert statuses_in(output for _, output in found) == [486] * 10
    assert is_empty(call.agent)


def test_a_wish_that_comes_too_late_does_nothing() -> None:
    call = Call()
    call.confirm()
    agent, leg = call.agent, call.leg
    assert agent.ring(leg, 1.0) == []
    assert agent.answer(leg, SDP, 1.0) == []
    assert agent.refuse(leg, 486, 1.0) == []
    assert agent.accept(leg, SDP, 1.0) == []
    assert agent.decline(leg, 488, 1.0) == []


# CANCEL.


def test_a_canceled_call_is_487_and_over() -> None:
    call = Call()
    call.invite()
    outputs = call.hear(cancel(call), 0.5)
    assert statuses_in(outputs) == [200, 487]
    assert news_in(outputs) == [Canceled(call.leg)]
    assert {message.first("To") for message in responses_in(outputs)} == {f"<sip:+81312345678@10.0.0.9>;tag={call.leg}"}
    assert statuses_in(call.hear(cancel(call), 1.0)) == [200], "a repeated CANCEL is no news"
    assert call.agent.answer(call.leg, SDP, 1.0) == []
    assert call.hear(call.peer.request("ACK", cseq=1, branch="z9hG4bKinvite"), 1.1) == []
    run(call.agent, 100.0)
    assert is_empty(call.agent)


def test_a_cancel_that_crosses_our_200_changes_nothing() -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    outputs = call.hear(cancel(call), 0.1)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [])
    assert call.ack(0.2) == [Confirmed(call.leg, b"")]


def test_a_cancel_that_crosses_our_refusal_changes_nothing() -> None:
    call = Call()
    call.invite()
    call.agent.refuse(call.leg, 486, 0.0)
    outputs = call.hear(cancel(call), 0.1)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [])


def test_a_cancel_of_nothing_is_481() -> None:
    call = Call()
    assert statuses_in(call.hear(cancel(call))) == [481]


def test_a_canceled_re_invite_is_487_and_the_call_goes_on() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", branch="z9hG4bKre", body=SDP), 1.0)
    outputs = call.hear(cancel(call, "z9hG4bKre", 2), 1.1)
    assert (statuses_in(outputs), news_in(outputs)) == ([200, 487], [])
    assert call.agent.accept(call.leg, SDP, 1.2) == []
    assert statuses_in(call.hear(call.peer.request("BYE"), 2.0)) == [200]


def test_a_cancel_of_an_old_client_finds_its_invite_too() -> None:
    call = Call()
    old: Fields = {"Via": "SIP/2.0/UDP 10.0.0.1;branch=1"}
    data = call.peer.request("INVITE", body=SDP, fields=old)
    assert statuses_in(call.hear(data)) == [100]
    outputs = call.hear(Peer().request("CANCEL", cseq=1, fields=old), 0.1)
    assert statuses_in(outputs) == [200, 487]


def test_a_wish_to_hang_up_does_not_wait_for_ever() -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    call.agent.hang_up(call.leg, 0.1)
    outputs = [output for _, output in run(call.agent, 100.0)]
    assert news_in(outputs) == [], "we hung up ourselves"
    assert {message.method for message in requests_in(outputs)} == {"BYE"}
    assert is_empty(call.agent)


# Refusals without a call.


@pytest.mark.parametrize(
    ("method", "fields", "status", "told"),
    [
        ("REGISTER", {}, 405, {"Allow": ALLOW}),
        ("SUBSCRIBE", {}, 405, {"Allow": ALLOW}),
        ("INVENTED", {}, 501, {"Allow": ALLOW}),
        ("INVITE", {"Accept": "text/plain"}, 406, {}),
        ("INVITE", {"Accept": ""}, 406, {}),
        ("INVITE", {"Require": "100rel, early-session"}, 420, {"Unsupported": "early-session"}),
        ("INVITE", {"Content-Type": "multipart/mixed"}, 415, {"Accept": "application/sdp"}),
        ("INVITE", {"Content-Type": None}, 415, {"Accept": "application/sdp"}),
        ("INVITE", {"Content-Encoding": "gzip"}, 415, {"Accept-Encoding": "identity"}),
        ("INVITE", {"Contact": None}, 400, {}),
        ("INVITE", {"Contact": "*"}, 400, {}),
        ("INVITE", {"Contact": "<tel:+813>"}, 400, {}),
        ("INVITE", {"Contact": "<sip:h:99999>"}, 400, {}),
        ("INVITE", {"Record-Route": "<tel:+813>"}, 400, {}),
        ("INVITE", {"From": '"open <sip:a@h>;tag=1'}, 400, {}),
        ("INVITE", {"To": "nobody"}, 400, {}),
        ("UPDATE", {}, 481, {}),
        ("BYE", {}, 481, {}),
    ],
)
def test_what_we_cannot_do_is_refused(method: str, fields: Fields, status: int, told: dict[str, str]) -> None:
    call = Call()
    outputs = call.hear(call.peer.request(method, body=SDP, fields=fields))
    [response] = responses_in(outputs)
    assert response.status == status
    assert {name: response.first(name) for name in told} == told
    assert ";tag=" in response.first("To")
    assert not any(isinstance(output, Invited) for output in outputs)
    run(call.agent, 100.0)
    assert is_empty(call.agent)


@pytest.mark.parametrize("accept", ["text/plain, Application/SDP;level=1", "application/*", "*/*;q=0.1"])
def test_a_caller_who_can_read_our_description_is_heard(accept: str) -> None:
    Call().invite(fields={"Accept": accept})


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
@pytest.mark.parametrize(
    ("uri", "status"), [("mailto:a@h", 416), ("sips:a@h", 416), ("sip:h:0", 400), ("nonsense", 400)]
)
def test_a_request_uri_that_is_not_ours_is_refused_and_logged(uri: str, status: int, method: str) -> None:
    call = Call()
    outputs = call.hear(call.peer.request(method, uri=uri, body=SDP))
    assert statuses_in(outputs) == [status]
    dropped, *told = news_in(outputs)
    assert isinstance(dropped, Dropped)
    assert dropped.source == THEM
    # Of an address that can be read it is known whose call it was.
    assert [type(one) for one in told] == ([TurnedDown] if (uri[:5], method) == ("sips:", "INVITE") else [])
    assert dropped.text.startswith(f"{method} answered {status}: ")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"Accept": "text/plain"}, "406: it takes no answer in application/sdp (Accept)"),
        ({"Require": "x, 100rel, y"}, "420: it requires an extension of SIP that we lack (x, y)"),
        ({"Content-Type": None}, "415: it describes its sound in no known form, and not in application/sdp"),
        ({"Content-Encoding": "gzip"}, "415: it describes its sound in the encoding gzip, and not in application/sdp"),
        ({"Contact": None}, "400: an INVITE needs a Contact"),
    ],
)
def test_a_new_call_that_cannot_be_taken_is_told_once_and_has_no_leg(fields: Fields, text: str) -> None:
    call = Call()
    data = call.peer.request("INVITE", body=SDP, fields=fields)
    [told] = [output for output in call.hear(data) if isinstance(output, TurnedDown)]
    assert told.text == f"its INVITE was answered {text}"
    assert (told.invited.source, told.invited.local) == (THEM, US)
    assert call.agent.refuse(told.invited.leg, 480, 0.1) == []
    assert not [output for output in call.hear(data) if isinstance(output, TurnedDown)]


@pytest.mark.parametrize("fields", [{"From": '"open <sip:a@h>;tag=1'}, {"To": "nobody"}])
def test_a_call_of_which_nobody_can_say_whose_it_is_is_answered_and_no_more(fields: Fields) -> None:
    call = Call()
    outputs = call.hear(call.peer.request("INVITE", body=SDP, fields={"Contact": None, **fields}))
    assert statuses_in(outputs) == [400]
    assert not any(isinstance(output, TurnedDown) for output in outputs)


def test_what_cannot_be_taken_within_a_call_is_no_new_call() -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("INVITE", body=SDP, fields={"Require": "x"}))
    assert statuses_in(outputs) == [420]
    assert not any(isinstance(output, TurnedDown) for output in outputs)


def test_an_empty_require_requires_nothing_and_cancel_s_is_not_looked_at() -> None:
    call = Call()
    call.invite(fields={"Require": ""})
    fields: Fields = {"Require": "anything"}
    data = Peer(call_id=call.peer.call_id).request("CANCEL", cseq=1, branch="z9hG4bKinvite", fields=fields)
    assert statuses_in(call.hear(data)) == [200, 487]


def test_options_tells_what_we_can_do_outside_and_inside_a_call() -> None:
    call = Call()
    response = call.answer_to(Peer(call_id="other").request("OPTIONS"))
    assert (response.status, response.first("Allow"), response.first("Accept")) == (200, ALLOW, "application/sdp")
    call.confirm()
    assert call.answer_to(call.peer.request("OPTIONS")).status == 200


def test_an_ack_that_reuses_its_invite_s_branch_still_confirms() -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    assert call.hear(call.peer.request("ACK", cseq=1, branch="z9hG4bKinvite")) == [Confirmed(call.leg, b"")]


@pytest.mark.parametrize("method", ["INVITE", "BYE", "CANCEL", "OPTIONS", "NEWS"])
def test_a_broken_request_is_400_and_remembers_nothing(method: str) -> None:
    call = Call()
    outputs = call.hear(call.peer.request(method, fields={"Max-Forwards": "many"}))
    [response] = responses_in(outputs)
    assert (response.status, response.first("Server")) == (400, "Offhook/test")
    assert response.first("To") == "<sip:+81312345678@10.0.0.9>;tag=t1"
    assert is_empty(call.agent)


def test_a_broken_ack_is_never_answered() -> None:
    call = Call()
    outputs = call.hear(call.peer.request("ACK", fields={"Max-Forwards": "many"}))
    assert outputs == [Dropped("ACK refused with 400: Max-Forwards is not a number from 0 to 255", THEM)]


# The way back.


def test_requests_of_ours_follow_the_recorded_routes_in_their_order() -> None:
    call = Call()
    call.confirm(fields={"Record-Route": ["<sip:p1.example:5070;lr>, <sip:p2;lr>", "<sip:p3;lr>"]})
    [bye] = call.agent.hang_up(call.leg, 1.0)
    assert isinstance(bye, Send)
    assert bye.destination == Destination("p1.example", 5070)
    [message] = requests_in([bye])
    assert message.values("Route") == ["<sip:p1.example:5070;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]
    assert message.uri == "sip:anna@10.0.0.1:5062"
    assert message.first("From") == f"<sip:+81312345678@10.0.0.9>;tag={call.leg}"
    assert message.first("To") == '"Anna" <sip:+81399999999@10.0.0.1>;tag=them'


def test_the_recorded_routes_come_back_in_the_answer() -> None:
    call = Call()
    call.invite(fields={"Record-Route": "<sip:p1;lr>, <sip:p2;lr>"})
    [message] = responses_in(call.agent.answer(call.leg, SDP, 0.0))
    assert message.values("Record-Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]


def test_the_bytes_of_a_name_that_is_not_utf_8_come_back_as_they_were() -> None:
    call = Call()
    data = call.peer.request("INVITE", body=SDP).replace(b"Anna", b"Ann\xe9")
    [trying] = [output for output in call.hear(data) if isinstance(output, Send)]
    assert b'From: "Ann\xe9" <sip:+81399999999@10.0.0.1>;tag=them\r\n' in trying.data


def test_a_call_from_a_client_without_tags_works_as_in_the_old_days() -> None:
    call = Call(tag="")
    fields: Fields = {"From": "<sip:+81399999999@10.0.0.1>"}
    call.invite(fields=fields)
    call.agent.answer(call.leg, SDP, 0.0)
    assert call.hear(call.peer.request("ACK", cseq=1, fields=fields)) == [Confirmed(call.leg, b"")]
    assert statuses_in(call.hear(call.peer.request("BYE", fields=fields))) == [200]
