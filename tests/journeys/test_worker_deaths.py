"""A worker is killed in each state of a call: media end their calls with a reason, sounds are made by another one."""

import asyncio

import pytest

import ear
from action_server import ActionServer
from books import Books
from phone import phone
from processes import AUDIO_WORKER, MEDIA_WORKER, children, kill
from running_platform import NUMBER, RunningPlatform
from stages import ANSWERED, Stage, call_of, caller_at, every_scene, locked, scene, until, until_no_port_is_held

pytestmark = pytest.mark.peers

TEXT = "Thank you for calling. Our office opens tomorrow morning"


async def _kill_all(platform: RunningPlatform, module: str) -> None:
    """Kill all workers of a kind, and wait until as many others run."""
    dead = children(platform.pid, module)
    assert dead, f"no {module} runs"
    for pid in dead:
        await kill(pid)
    await until(platform, lambda: len(set(children(platform.pid, module)) - set(dead)) == len(dead), "other workers")


@pytest.mark.parametrize("stage", [Stage.PREPARING, Stage.CALLING, Stage.ACTING, Stage.JOINED])
async def test_a_killed_media_worker_ends_the_call_with_a_reason(
    platform: RunningPlatform, actions: ActionServer, caller: str, stage: Stage
) -> None:
    books = Books(platform)
    async with scene(stage, platform, actions, caller) as one:
        await _kill_all(platform, MEDIA_WORKER)
        await one.customer.hear_the_end()
        if one.friend.calls:
            await one.friend.hear_the_end()
        assert await one.calling == (200 if stage in ANSWERED else 480)
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("failed", "worker-died")
    await books.add_up({Stage.ACTING: 1, Stage.JOINED: 2}.get(stage, 0))


async def test_a_call_that_is_still_asked_about_does_not_need_the_media_worker_that_died(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    async with scene(Stage.ASKING, platform, actions, caller) as one:
        await _kill_all(platform, MEDIA_WORKER)
        assert await one.calling == 200
        await one.customer.hear(0.5)
        one.customer.hang_up()
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    await books.add_up(1)


@pytest.mark.parametrize("module", [MEDIA_WORKER, AUDIO_WORKER])
async def test_a_worker_that_dies_while_the_end_is_recorded_changes_nothing(
    platform: RunningPlatform, actions: ActionServer, caller: str, module: str
) -> None:
    books = Books(platform)
    async with scene(Stage.ACTING, platform, actions, caller) as one:
        with locked(platform.database):
            one.customer.hang_up()
            await until_no_port_is_held(platform)
            await _kill_all(platform, module)
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    await books.add_up(1)


async def test_a_killed_audio_worker_ends_no_call_of_any_stage(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    async with every_scene(platform, actions, caller, asked_s=3) as scenes:
        await _kill_all(platform, AUDIO_WORKER)
        scenes[Stage.CALLING].friend.answer()
        # Its sound never comes, and it would be excused soon.
        scenes[Stage.PREPARING].customer.hang_up()
        for one in (scenes[stage] for stage in Stage if stage is not Stage.PREPARING):
            assert await one.calling == 200
            await one.customer.hear(0.5)
            one.customer.hang_up()
        calls = {stage: await call_of(platform, caller_at(stage, caller)) for stage in Stage}
    assert calls.pop(Stage.PREPARING)["status"] == "canceled"
    assert {(call["status"], call["reason"]) for call in calls.values()} == {("completed", None)}
    await books.add_up(1 + 1 + 2 + 2)


async def test_the_first_text_after_the_death_of_the_audio_worker_is_read_aloud(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f'say en "{TEXT}"')
    await _kill_all(platform, AUDIO_WORKER)
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.word_error_rate(TEXT, await asyncio.to_thread(ear.recognise, heard)) < 0.5
