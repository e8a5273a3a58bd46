"""What a script leads on to, on a running platform: another URL, keys, and what came of a transfer."""

import pytest

import ear
from action_server import ActionServer
from callee import callee, pcmu
from offhook.engine.media.tones import RINGING_HZ
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from soundfiles import mp3, sine
from stages import lead_to
from tones import tone

pytestmark = pytest.mark.peers

FRIEND = "81312345678"
PROMPT_HZ, MENU_HZ, BYE_HZ, FRIEND_HZ = 500, 800, 1200, 1500


def asked(actions: ActionServer) -> list[dict[str, str]]:
    """Return what the action server was told of each event, without what is told of every one."""
    every = {"caller", "recipient", "call_id", "trunk"}
    return [
        {name: value for name, value in question.parameters.items() if name not in every}
        for question in actions.questions
    ]


async def test_a_menu_is_interrupted_by_a_key_and_leads_on(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    prompt = actions.serves("prompt.mp3", mp3(sine(PROMPT_HZ, 20)))
    menu = actions.serves("menu.mp3", mp3(sine(MENU_HZ, 1)))
    actions.says(f"gather playback {prompt} digits=2 timeout=3")
    actions.says_after("gather", f"playback {menu}", "gather digits=3 timeout=1 finish=*")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        assert ear.has_tone(await customer.hear(1), PROMPT_HZ)
        customer.press("4")
        quiet = await customer.hear(1)
        customer.press("2")
        assert ear.has_tone(await customer.hear(1.5), MENU_HZ)
        actions.says_after("gather", "hangup")
        customer.press("7*")
        await customer.hear_the_end()
    assert not ear.has_tone(quiet[-4_000:], PROMPT_HZ)
    assert asked(actions) == [
        {"event": "incoming"},
        {"event": "gather", "digits": "42"},
        {"event": "gather", "digits": "7"},
    ]
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("completed", None)


async def test_an_answered_caller_hears_ringing_while_a_slow_server_is_asked_and_the_fallback_if_it_fails(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    bye = actions.serves("bye.mp3", mp3(sine(BYE_HZ, 1)))
    actions.says("gather timeout=1 next=self")
    actions.says_after("gather", f"playback {bye}", after_s=3)
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.has_tone(heard[2 * 8_000 : 4 * 8_000], RINGING_HZ)
    assert ear.has_tone(heard[-8_000:], BYE_HZ)
    assert asked(actions)[-1] == {"event": "gather", "digits": ""}


async def test_a_caller_whose_callee_hung_up_is_asked_about(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    bye = actions.serves("bye.mp3", mp3(sine(BYE_HZ, 1)))
    actions.says(f"transfer {FRIEND} next=self")
    actions.says_after("transfer", f"playback {bye}")
    manners = Manners(answers_after_s=0.1, speech=pcmu(tone(FRIEND_HZ, 5)))
    async with callee(manners) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        assert ear.has_tone(await customer.hear(1), FRIEND_HZ)
        friend.hang_up()
        heard = await customer.hear_the_end()
    assert ear.has_tone(heard[-8_000:], BYE_HZ)
    told = asked(actions)[-1]
    assert (told["event"], told["transfer_status"]) == ("transfer", "answered")
    assert int(told["duration"]) >= 1
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    assert platform.api("GET", "/account/")["held"] == 0
