"""SIPp calls in: whole calls as a foreign implementation sees them."""

import asyncio
from pathlib import Path

import pytest

import sipp
from action_server import ActionServer
from free_ports import sip_port
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, call_of, lead_to

pytestmark = pytest.mark.peers


def test_a_call_is_answered_heard_and_ended_by_the_platform(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says('say en "Good morning."')
    trace = sipp.run("basic", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert trace.statuses == [100, 180, 200]
    (call,) = platform.ended_calls(caller)
    assert (call["recipient"], call["status"], call["reason"]) == (NUMBER, "completed", None)
    assert call["answer_time"]
    (question,) = actions.questions
    asked = {"caller": caller, "recipient": NUMBER, "event": "incoming", "call_id": call["call_id"], "trunk": "peers"}
    assert asked.items() <= question.parameters.items()


def test_every_answer_of_a_call_carries_the_same_tag(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 1")
    trace = sipp.run("basic", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    ringing, answer, bye = trace.response(180), trace.response(200), trace.request("BYE")
    assert ringing.values("To") == answer.values("To") == bye.values("From")
    assert ";tag=" in answer.values("To")[0]


def test_an_offer_may_come_late_in_the_ack(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 1")
    sipp.run("delayed-offer", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


def test_requests_of_the_platform_take_the_way_that_the_proxies_recorded(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 1")
    trace = sipp.run("record-route", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    recorded = trace.response(200).values("Record-Route")
    assert [route.rpartition("hop=")[2] for route in recorded] == ["first>", "second>"]
    assert trace.request("BYE").values("Route") == recorded


def test_a_caller_may_hold_the_call_and_take_it_back(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30")
    sipp.run("hold", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


def test_update_changes_the_session(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30")
    sipp.run("update", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


def test_keys_by_info_are_heard_once_each_from_who_agreed_on_no_events(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30")
    trace = sipp.run("info", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert trace.statuses[-9:] == [200, 200, 200, 200, 415, 400, 500, 200, 200]
    (call,) = platform.ended_calls(caller)
    keys = [event["data"]["digit"] for event in platform.timeline(call["call_id"]) if event["kind"] == "digit"]
    assert keys == ["5", "#", "*"]


def test_a_caller_that_wants_its_session_refreshed_too_often_learns_our_least_and_refreshes_both_ways(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30")
    trace = sipp.run("session-timer", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert trace.response(422).values("Min-SE") == ["90"]
    agreed = [
        (one.values("CSeq"), one.values("Session-Expires"), one.values("Require"))
        for one in trace.messages
        if one.received and one.status == 200
    ]
    assert agreed == [
        (["2 INVITE"], ["90;refresher=uac"], ["timer"]),
        (["3 UPDATE"], ["90;refresher=uac"], ["timer"]),
        # From here on it is ours to refresh, as the caller wanted.
        (["4 INVITE"], ["120;refresher=uas"], []),
        (["5 BYE"], [], []),
    ]
    # The refusal was no call.
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


async def test_a_callee_that_wants_a_longer_session_is_asked_again_and_the_timer_is_ours(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    port = sip_port()
    lead_to(platform, ("127.0.0.1", port))
    friend = asyncio.create_task(asyncio.to_thread(sipp.be_called, "session-timer-callee", port, folder=tmp_path))
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.hang_up()
        trace = await friend
    invites = [one for one in trace.messages if one.received and one.first_line.startswith("INVITE")]
    assert [one.values("Session-Expires") for one in invites] == [["1800"], ["4000"]]
    assert [one.values("Min-SE") for one in invites] == [[], ["4000"]]
    assert all("timer" in one.values("Supported") for one in invites)
    assert invites[0].values("Call-ID") == invites[1].values("Call-ID")
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
