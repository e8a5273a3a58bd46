"""Caller and callee act at the same moment, and their messages cross: the call ends once, and is charged once."""

import asyncio

import pytest

from action_server import ActionServer
from books import Books
from late_callee import late_callee
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, Stage, call_of, lead_to, scene

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("is_callee_first", [True, False])
async def test_a_callee_may_answer_at_the_moment_at_which_the_caller_hangs_up(
    platform: RunningPlatform, actions: ActionServer, caller: str, is_callee_first: bool
) -> None:
    books = Books(platform)
    async with scene(Stage.CALLING, platform, actions, caller) as one:
        verbs = [one.friend.answer, one.customer.hang_up]
        for verb in verbs if is_callee_first else reversed(verbs):
            verb()
        await one.friend.hear_the_end()
        await one.customer.hear_the_end()
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) in {("canceled", None), ("completed", None)}
    assert bool(call["cost"]) == (call["status"] == "completed")
    await books.add_up(call["cost"])


async def test_both_may_hang_up_at_once(platform: RunningPlatform, actions: ActionServer, caller: str) -> None:
    books = Books(platform)
    async with scene(Stage.JOINED, platform, actions, caller) as one:
        one.friend.hang_up()
        one.customer.hang_up()
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    await books.add_up(2)


async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says(f"transfer {FRIEND}")
    async with late_callee() as friend, phone() as customer:
        lead_to(platform, friend.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        invite = await friend.hear("INVITE")
        friend.say(invite, 180)
        await customer.hear_it_ring()
        customer.hang_up()
        calling.cancel()
        await friend.answer_too_late(invite)
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("canceled", None)
    await books.add_up(0)
