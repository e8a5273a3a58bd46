"""SIPp calls in over a bad network: what is lost, doubled or crossed on its way changes nothing."""

from pathlib import Path

import pytest

import sipp
from action_server import ActionServer
from running_platform import NUMBER, RunningPlatform

pytestmark = pytest.mark.peers

RINGS_S = 1.0
"""Long enough that a caller can do something while it rings."""


def test_an_invite_that_comes_twice_is_one_call(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 1", after_s=RINGS_S)
    trace = sipp.run("invite-twice", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert trace.statuses == [100, 180, 180, 200]
    assert len(platform.ended_calls(caller)) == len(actions.questions) == 1


@pytest.mark.parametrize("scenario", ["lost-200", "lost-ack"])
def test_the_200_is_repeated_until_an_ack_arrives_and_then_no_more(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, scenario: str
) -> None:
    actions.says("pause 30")
    sipp.run(scenario, platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


def test_a_caller_who_gives_up_gets_487_and_pays_nothing(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says('say en "Too late."', after_s=RINGS_S)
    sipp.run("cancel", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["answer_time"], call["cost"]) == ("canceled", None, 0)


def test_a_cancel_that_crosses_the_200_changes_nothing(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30")
    sipp.run("cancel-after-answer", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


def test_a_bye_that_comes_twice_is_confirmed_twice_and_a_third_one_knows_no_call(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30")
    trace = sipp.run("bye-twice", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert trace.statuses[-3:] == [200, 200, 481]
    assert len(platform.ended_calls(caller)) == 1


def test_an_invite_that_comes_over_two_ways_is_one_call_and_a_482(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 30", after_s=RINGS_S)
    sipp.run("merged", platform.sip, NUMBER, folder=tmp_path, caller=caller)
    assert len(platform.ended_calls(caller)) == len(actions.questions) == 1
