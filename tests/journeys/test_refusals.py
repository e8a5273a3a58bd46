"""Every refusal of the code table is told to the caller with its code, and recorded with its reason."""

import json

import pytest

from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform

pytestmark = pytest.mark.peers


@pytest.mark.parametrize(
    ("number", "status", "reason"),
    [
        ("819999999999", 404, "unknown-number"),
        (UNSUBSCRIBED_NUMBER, 404, "not-subscribed"),
    ],
)
async def test_a_number_that_nobody_holds_is_not_found_and_recorded(
    platform: RunningPlatform, caller: str, number: str, status: int, reason: str
) -> None:
    async with phone() as customer:
        assert await customer.call(number, platform.sip, caller=caller) == status
    # It belongs to no account, so only the operator sees it.
    (call,) = json.loads(platform.cli("calls", "list", "--caller", caller, "--json"))
    assert (call["status"], call["reason"]) == ("refused", reason)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("reject", 486),
        ("reject busy", 486),
        ("reject declined", 603),
        ("reject unavailable", 480),
        ("hangup", 480),
    ],
)
async def test_a_rejected_call_costs_nothing(
    platform: RunningPlatform, actions: ActionServer, caller: str, action: str, status: int
) -> None:
    actions.says(action)
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == status
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["cost"], call["duration"]) == ("rejected", 0, 0)


@pytest.mark.parametrize("dialled", ["+815012345678", "00815012345678", "81-50-1234-5678"])
async def test_every_usual_form_of_a_number_finds_it(
    platform: RunningPlatform, actions: ActionServer, caller: str, dialled: str
) -> None:
    actions.says("reject declined")
    async with phone() as customer:
        assert await customer.call(dialled, platform.sip, caller=caller) == 603
    assert actions.questions[0].parameters["recipient"] == NUMBER


async def test_an_anonymous_caller_is_told_as_anonymous(platform: RunningPlatform, actions: ActionServer) -> None:
    actions.says("reject")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller="") == 486
    (question,) = actions.questions
    assert (question.parameters["caller"], question.parameters["anonymous"]) == ("", "1")
