"""SIPp asks for what cannot be, or may not ask at all."""

from pathlib import Path

import pytest

import sipp
from action_server import ActionServer
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("scenario", ["options", "unknown-method", "impossible-via"])
def test_what_is_no_call_is_answered_and_leaves_no_call(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, scenario: str
) -> None:
    sipp.run(scenario, platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert caller not in {call["caller"] for call in platform.calls()}
    assert not actions.questions


def test_a_call_that_requires_what_we_lack_is_answered_and_on_record(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    sipp.run("unknown-require", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("refused", "request-not-taken")
    assert not actions.questions


@pytest.mark.parametrize("number", ["815099999999", UNSUBSCRIBED_NUMBER])
def test_a_number_that_nobody_subscribed_does_not_exist(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, number: str
) -> None:
    trace = sipp.run("refused", platform.sip, number, folder=tmp_path, caller=caller)
    assert trace.statuses[-1] == 404
    assert not actions.questions


def test_a_caller_whose_codecs_we_do_not_speak_is_refused_and_it_is_recorded(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    trace = sipp.run("refused", platform.sip, NUMBER, folder=tmp_path, caller=caller, codecs="18 4")
    assert trace.statuses[-1] == 488
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("refused", "no-common-codec")


@pytest.mark.parametrize(
    ("action", "status"),
    [("reject", 486), ("reject busy", 486), ("reject declined", 603), ("reject unavailable", 480), ("hangup", 480)],
)
def test_an_action_server_chooses_how_a_call_is_refused(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, action: str, status: int
) -> None:
    actions.says(action)
    trace = sipp.run("refused", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert trace.statuses[-1] == status
    (call,) = platform.ended_calls(caller)
    assert (call["answer_time"], call["cost"]) == (None, 0)


def test_a_stranger_hears_nothing_at_all(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    trace = sipp.run("ignored", platform.sip, NUMBER, folder=tmp_path, caller=caller, host="127.0.0.2")
    assert trace.statuses == []
    assert not actions.questions
