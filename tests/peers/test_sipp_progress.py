"""SIPp calls SIPp through the platform with 100rel on both ways (RFC 3262), early media and a change of it."""

from pathlib import Path

import pytest

import office
import sipp
from action_server import ActionServer
from running_platform import NUMBER, RunningPlatform

pytestmark = pytest.mark.peers


def test_progress_is_reliable_from_the_callee_to_the_caller(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    with sipp.Callee("reliable-callee", tmp_path) as callee:
        office.lead_out(platform.database_url, callee.sip)
        actions.says("transfer 819011112222")
        try:
            sipp.run("reliable-caller", platform.sip, NUMBER, folder=tmp_path, caller=caller)
        finally:
            office.lead_nowhere(platform.database_url)
        trace = callee.ended()
    assert [request.partition(" ")[0] for request in trace.requests] == ["INVITE", "PRACK", "ACK", "BYE"]
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("completed", None)
