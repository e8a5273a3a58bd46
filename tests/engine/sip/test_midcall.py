"""What a peer may say inside a call, and what it may not."""

import pytest

from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.outputs import (
    Confirmed,
    Destination,
    HungUp,
    Informed,
    Lost,
    Referred,
    Reoffered,
    Send,
)
from sip_call import Call, is_empty, run
from sip_peer import SDP, THEM, US, Fields, Peer, new_agent, news_in, requests_in, response, responses_in, statuses_in


def test_the_answer_to_our_delayed_offer_comes_with_the_ack() -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    assert call.ack(0.0, body=b"v=0") == [Confirmed(call.leg, b"v=0")]


def test_an_offer_cannot_be_accepted_before_the_call_is_answered() -> None:
    call = Call()
    call.invite()
    assert call.agent.accept(call.leg, SDP, 0.0) == []
    assert call.agent.decline(call.leg, 488, 0.0) == []
    assert statuses_in(call.agent.answer(call.leg, SDP, 0.0)) == [200]


def test_a_wish_to_hang_up_waits_for_the_ack() -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    assert call.agent.hang_up(call.leg, 0.1) == []
    assert call.agent.hang_up(call.leg, 0.1) == []
    outputs = call.ack(0.2)
    assert [message.method for message in requests_in(outputs)] == ["BYE"]
    assert news_in(outputs) == []


@pytest.mark.parametrize("hang_up", [False, True])
def test_a_bye_before_the_ack_ends_the_leg(hang_up: bool) -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    if hang_up:
        call.agent.hang_up(call.leg, 0.1)
    outputs = call.hear(call.peer.request("BYE"), 0.2)
    assert statuses_in(outputs) == [200]
    assert news_in(outputs) == ([] if hang_up else [HungUp(call.leg)])
    assert run(call.agent, 31.0) == []


def test_a_bye_before_the_answer_ends_the_invite_too() -> None:
    call = Call()
    call.invite()
    outputs = call.hear(call.peer.request("BYE"), 0.2)
    assert (statuses_in(outputs), news_in(outputs)) == ([200, 487], [HungUp(call.leg)])


def test_a_duplicate_bye_gets_the_same_answer_and_a_second_one_481() -> None:
    call = Call()
    call.confirm()
    bye = call.peer.request("BYE")
    first = call.hear(bye, 1.0)
    assert call.hear(bye, 1.5) == [output for output in first if isinstance(output, Send)]
    assert statuses_in(call.hear(call.peer.request("BYE"), 2.0)) == [481]


def test_byes_that_cross_end_the_leg_once() -> None:
    call = Call()
    call.confirm()
    assert len(requests_in(call.agent.hang_up(call.leg, 1.0))) == 1
    outputs = call.hear(call.peer.request("BYE"), 1.1)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [])
    assert not call.agent.has(call.leg)


def test_a_re_invite_is_accepted_and_its_200_repeated_until_the_ack() -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("INVITE", body=SDP), 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([100], [Reoffered(call.leg, SDP)])
    [answer] = call.agent.accept(call.leg, b"v=1", 1.0)
    [message] = responses_in([answer])
    assert (message.status, message.body, message.first("Contact")) == (200, b"v=1", "<sip:10.0.0.9:5060>")
    assert run(call.agent, 2.0)[0] == (1.5, answer)
    assert call.ack(2.0) == [Confirmed(call.leg, b"")]
    assert call.agent.accept(call.leg, b"v=1", 2.0) == []


def test_a_re_invite_without_a_body_wants_our_offer() -> None:
    call = Call()
    call.confirm()
    assert news_in(call.hear(call.peer.request("INVITE"), 1.0)) == [Reoffered(call.leg, b"")]
    [message] = responses_in(call.agent.accept(call.leg, SDP, 1.0))
    assert message.body == SDP
    assert call.ack(1.1, body=b"v=2") == [Confirmed(call.leg, b"v=2")]


def test_a_declined_re_invite_leaves_the_call_as_it_was() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", branch="z9hG4bKre", body=SDP), 1.0)
    assert statuses_in(call.agent.decline(call.leg, 488, 1.0)) == [488]
    assert call.hear(call.peer.request("ACK", cseq=2, branch="z9hG4bKre"), 1.1) == []
    assert call.agent.has(call.leg)


def test_a_declined_re_invite_that_is_never_acknowledged_leaves_the_call_as_it_was() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", body=SDP), 1.0)
    call.agent.decline(call.leg, 488, 1.0)
    found = [output for _, output in run(call.agent, 100.0)]
    assert (statuses_in(found), news_in(found)) == ([488] * 10, [])
    assert call.agent.has(call.leg)


def test_a_re_invite_whose_200_is_never_acknowledged_loses_the_leg() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", body=SDP), 1.0)
    call.agent.accept(call.leg, SDP, 1.0)
    found = run(call.agent, 100.0)
    assert (33.0, Lost(call.leg, "our 200 was never acknowledged")) in found
    assert is_empty(call.agent)


def test_hanging_up_before_a_re_invite_s_ack_says_one_bye_and_ends() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", body=SDP), 1.0)
    call.agent.accept(call.leg, SDP, 1.0)
    assert [message.method for message in requests_in(call.agent.hang_up(call.leg, 2.0))] == ["BYE"]
    assert call.ack(2.1) == []
    found = run(call.agent, 200.0)
    assert {message.method for message in requests_in(output for _, output in found)} == {"BYE"}
    assert responses_in(output for _, output in found) == []
    assert is_empty(call.agent)


@pytest.mark.parametrize("ender", ["us", "them"])
def test_a_re_invite_that_is_still_open_when_the_call_ends_is_487(ender: str) -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", body=SDP), 1.0)
    outputs = call.agent.hang_up(call.leg, 2.0) if ender == "us" else call.hear(call.peer.request("BYE"), 2.0)
    assert 487 in statuses_in(outputs)
    run(call.agent, 200.0)
    assert is_empty(call.agent)


def test_an_update_is_a_new_offer_too_and_has_no_ack() -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("UPDATE", body=SDP), 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([], [Reoffered(call.leg, SDP)])
    assert statuses_in(call.agent.accept(call.leg, SDP, 1.0)) == [200]
    assert run(call.agent, 30.0) == []


def test_an_update_without_an_offer_refreshes_the_target_and_is_no_news() -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("UPDATE", fields={"Contact": "<sip:anna@10.0.0.7:5077>"}), 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [])
    [bye] = call.agent.hang_up(call.leg, 2.0)
    assert isinstance(bye, Send)
    assert bye.destination == Destination("10.0.0.7", 5077)


def test_a_re_invite_refreshes_the_target_and_a_missing_contact_leaves_it() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", body=SDP, fields={"Contact": "<sip:anna@10.0.0.7:5077>"}), 1.0)
    call.agent.decline(call.leg, 488, 1.0)
    call.hear(call.peer.request("INVITE", body=SDP, fields={"Contact": None}), 2.0)
    call.agent.decline(call.leg, 488, 2.0)
    assert call.agent._core.legs[call.leg].remote_target == "sip:anna@10.0.0.7:5077"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_second_offer_before_the_first_is_settled_is_500(method: str) -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("INVITE", body=SDP), 1.0)
    response = call.answer_to(call.peer.request(method, body=SDP, fields={"Contact": "<sip:evil@h>"}), 1.1)
    assert (response.status, response.first("Retry-After")) == (500, "1")
    call.agent.accept(call.leg, SDP, 1.2)
    assert statuses_in(call.hear(call.peer.request(method, body=SDP), 1.3)) == [500], "the 200 has no ACK yet"
    assert call.agent._core.legs[call.leg].remote_target == "sip:anna@10.0.0.1:5062"


def test_an_offer_before_the_call_is_answered_is_500() -> None:
    call = Call()
    call.invite()
    assert statuses_in(call.hear(call.peer.request("UPDATE", body=SDP))) == [500]


@pytest.mark.parametrize(
    "fields",
    [
        {"To": "<sip:+81312345678@10.0.0.9>;tag=unknown"},
        {"From": "<sip:+81399999999@10.0.0.1>;tag=unknown"},
        {"From": "<sip:+81399999999@10.0.0.1>"},
        {"Call-ID": "unknown"},
    ],
)
@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "OPTIONS"])
def test_a_request_of_no_dialog_of_ours_is_481(method: str, fields: Fields) -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request(method, fields=fields))
    assert (statuses_in(outputs), news_in(outputs)) == ([481], [])
    assert call.agent.has(call.leg)


@pytest.mark.parametrize(
    "fields", [{"To": "<sip:b@h>;tag=x"}, {"From": "<sip:a@h>;tag=x"}, {"Call-ID": "x"}, {"CSeq": "9 ACK"}]
)
def test_an_ack_of_something_else_confirms_nothing_and_is_never_answered(fields: Fields) -> None:
    call = Call()
    call.invite()
    call.agent.answer(call.leg, SDP, 0.0)
    assert call.hear(call.peer.request("ACK", cseq=1, fields=fields)) == []
    assert call.ack() == [Confirmed(call.leg, b"")]


def test_requests_out_of_order_are_500_and_gaps_are_fine() -> None:
    call = Call()
    call.confirm()
    for cseq in (0, 1):
        response = call.answer_to(call.peer.request("OPTIONS", cseq=cseq))
        assert (response.status, response.first("Retry-After")) == (500, "1")
    assert call.answer_to(call.peer.request("OPTIONS", cseq=100)).status == 200
    assert call.answer_to(call.peer.request("BYE", cseq=99)).status == 500
    assert call.answer_to(call.peer.request("BYE", cseq=101)).status == 200


def test_a_bye_for_a_call_of_ours_that_nobody_has_answered_is_481() -> None:
    agent = new_agent()
    leg, [invite] = agent.invite(Invitation("sip:b@h", "<sip:a@h>", "<sip:b@h>", SDP, THEM, US), 0.0)
    assert isinstance(invite, Send)
    peer = Peer(call_id=requests_in([invite])[0].first("Call-ID"), us=leg)
    outputs = agent.receive(peer.request("BYE", fields={"From": "<sip:b@h>"}), THEM, US, 0.1)
    assert statuses_in(outputs) == [481]
    assert agent.has(leg)


@pytest.mark.parametrize(
    ("refer_to", "number"),
    [
        ("<sip:+81399999999@evil.example?Replaces=a%3Bto-tag%3Db>", "+81399999999"),
        ("tel:+81399999999", "+81399999999"),
        ("<sip:bob@evil.example>", ""),
        ("<mailto:bob@evil.example>", ""),
    ],
)
def test_a_refer_is_told_and_the_call_goes_on_when_it_is_declined(refer_to: str, number: str) -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("REFER", fields={"Refer-To": refer_to}), 1.0)
    assert outputs == [Referred(call.leg, number)]
    assert statuses_in(call.agent.refer(call.leg, 1.0, is_taken=False)) == [603]
    assert call.agent.refer(call.leg, 1.0, is_taken=False) == []
    assert statuses_in(call.hear(call.peer.request("BYE"), 2.0)) == [200]


def test_a_refer_that_is_taken_is_accepted_and_told_that_it_is_being_tried() -> None:
    call = Call()
    call.confirm()
    call.hear(call.peer.request("REFER", fields={"Refer-To": "<sip:+81399999999@x.example>"}), 1.0)
    outputs = call.agent.refer(call.leg, 1.0, is_taken=True)
    assert statuses_in(outputs) == [202]
    [notify] = requests_in(outputs)
    assert (notify.method, notify.first("Event"), notify.body) == ("NOTIFY", "refer", b"SIP/2.0 100 Trying\r\n")
    assert notify.first("Subscription-State") == "terminated;reason=noresource"
    assert notify.first("Content-Type") == "message/sipfrag;version=2.0"
    for status in (200, 481):
        assert call.hear(response(notify, status), 1.1) == []
    assert [request.method for request in requests_in(call.agent.hang_up(call.leg, 1.2))] == ["BYE"]


def test_who_wants_no_subscription_gets_none() -> None:
    call = Call()
    call.confirm()
    fields: Fields = {"Refer-To": "<tel:+81399999999>", "Refer-Sub": "false"}
    call.hear(call.peer.request("REFER", fields=fields), 1.0)
    [accepted] = responses_in(call.agent.refer(call.leg, 1.0, is_taken=True))
    assert (accepted.status, accepted.first("Refer-Sub")) == (202, "false")


def test_a_second_refer_waits_for_nobody() -> None:
    call = Call()
    call.confirm()
    fields: Fields = {"Refer-To": "<tel:+81399999999>"}
    call.hear(call.peer.request("REFER", fields=fields), 1.0)
    assert statuses_in(call.hear(call.peer.request("REFER", fields=fields), 1.0)) == [603]


@pytest.mark.parametrize("refer_to", [None, ["<sip:1@x.example>", "<sip:2@x.example>"]])
def test_a_refer_names_one_address(refer_to: list[str] | None) -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("REFER", fields={"Refer-To": refer_to}), 1.0)
    assert statuses_in(outputs) == [400]
    assert call.agent.has(call.leg)


def test_a_refer_outside_of_calls_is_no_method_of_ours() -> None:
    fields: Fields = {"Refer-To": "<sip:+81399999999@evil.example>"}
    [answer] = responses_in(new_agent().receive(Peer().request("REFER", fields=fields), THEM, US, 0.0))
    assert (answer.status, "REFER" in answer.first("Allow")) == (405, False)
    gone = Peer(us="gone").request("REFER", fields=fields)
    assert statuses_in(new_agent().receive(gone, THEM, US, 0.0)) == [481]


# Keys by INFO.

RELAY: Fields = {"Content-Type": "application/dtmf-relay"}


def test_a_key_by_info_is_answered_and_told_once_however_often_it_comes() -> None:
    call = Call()
    call.confirm()
    info = call.peer.request("INFO", body=b"Signal=5\r\nDuration=160\r\n", fields=RELAY)
    outputs = call.hear(info, 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [Informed(call.leg, "5", 160)])
    again = call.hear(info, 1.5)
    assert (statuses_in(again), news_in(again)) == ([200], [])


def test_keys_may_come_before_the_answer_and_from_whoever_was_called() -> None:
    call = Call()
    call.invite()
    outputs = call.hear(call.peer.request("INFO", body=b"#", fields={"Content-Type": "application/dtmf"}), 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [Informed(call.leg, "#", 160)])
    agent = new_agent()
    wish = Invitation("sip:b@10.0.0.1", "<sip:a@10.0.0.9>", "<sip:b@10.0.0.1>", SDP, THEM, US)
    leg, sent = agent.invite(wish, 0.0)
    [invite] = requests_in(sent)
    agent.receive(response(invite, 200, body=SDP), THEM, US, 0.1)
    peer = Peer(call_id=invite.first("Call-ID"), us=leg)
    outputs = agent.receive(peer.request("INFO", body=b"Signal=*", fields=RELAY), THEM, US, 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [Informed(leg, "*", 160)])


def test_an_info_out_of_order_is_refused_and_its_key_not_heard() -> None:
    call = Call()
    call.confirm()
    late = call.peer.request("INFO", cseq=1, body=b"Signal=5", fields=RELAY)
    outputs = call.hear(late, 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([500], [])


def test_an_empty_info_is_answered_and_tells_nothing() -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("INFO"), 1.0)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [])


@pytest.mark.parametrize("kind", ["application/sdp", "multipart/mixed", None])
def test_what_is_no_key_is_told_which_are(kind: str | None) -> None:
    call = Call()
    call.confirm()
    answer = call.answer_to(call.peer.request("INFO", body=b"Signal=5", fields={"Content-Type": kind}), 1.0)
    assert (answer.status, answer.first("Accept")) == (415, "application/dtmf-relay, application/dtmf")


def test_a_package_that_nobody_asked_for_is_refused_by_name() -> None:
    call = Call()
    call.confirm()
    answer = call.answer_to(call.peer.request("INFO", fields={"Info-Package": "infoDtmf"}), 1.0)
    assert (answer.status, answer.headers["Recv-Info"]) == (469, [""])


def test_a_key_that_is_none_is_a_bad_request_and_the_next_one_is_heard() -> None:
    call = Call()
    call.confirm()
    outputs = call.hear(call.peer.request("INFO", body=b"Signal=x", fields=RELAY), 1.0)
    assert statuses_in(outputs) == [400]
    assert not [news for news in news_in(outputs) if isinstance(news, Informed)]
    outputs = call.hear(call.peer.request("INFO", body=b"Signal=6", fields=RELAY), 1.1)
    assert news_in(outputs) == [Informed(call.leg, "6", 160)]


def test_a_key_of_somebody_on_whom_we_hung_up_is_answered_and_not_told() -> None:
    call = Call()
    call.confirm()
    call.agent.hang_up(call.leg, 1.0)
    outputs = call.hear(call.peer.request("INFO", body=b"Signal=6", fields=RELAY), 1.1)
    assert (statuses_in(outputs), news_in(outputs)) == ([200], [])
