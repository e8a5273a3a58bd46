"""A caller is put through to somebody, over real sockets: what both hear, what each is told, what it costs."""

import asyncio
from itertools import count

import pytest

import ear
from action_server import ActionServer
from callee import Callee, callee, pcmu
from offhook.domain.sounds import Codec
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform
from tones import tone

pytestmark = pytest.mark.peers

FRIEND = "81312345678"
ONLY_RINGS = Manners(answers_after_s=None)
_serials = count(1)


def lead_to(platform: RunningPlatform, friend: Callee) -> None:
    """Let the account's transfers go out to this phone."""
    serial = next(_serials)
    host, port = friend.sip
    name = f"friends-{serial}"
    platform.cli("trunks", "add", name, "--source", f"192.0.2.{serial}/32", "--send", f"sip:{host}:{port}")
    platform.cli("accounts", "route", "Peers", "--trunk", name)


def noted(platform: RunningPlatform, call_id: str, kind: str) -> list[dict[str, object]]:
    return [event for event in platform.timeline(call_id) if event["kind"] == kind]


@pytest.mark.parametrize("codecs", [(Codec.PCMU,), (Codec.PCMA,)])
async def test_caller_and_callee_hear_each_other(
    platform: RunningPlatform, actions: ActionServer, caller: str, codecs: tuple[Codec, ...]
) -> None:
    actions.says(f"transfer {FRIEND}")
    manners = Manners(answers_after_s=0.2, speech=pcmu(tone(700, 3)), codecs=codecs)
    async with callee(manners) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.say(tone(1100, 3))
        assert (friend.call.number, friend.call.caller) == (f"+{FRIEND}", f"+{NUMBER}")
        heard = await customer.hear(1.5)
        overheard = await friend.hear(1.5)
        customer.hang_up()
        await friend.hear_the_end()
    assert ear.has_tone(heard, 700)
    assert ear.has_tone(overheard, 1100)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    assert noted(platform, call["call_id"], "transfer-answered")


async def test_the_caller_is_not_answered_before_the_callee_and_hears_its_early_media(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    manners = Manners(answers_after_s=None, is_early=True, speech=pcmu(tone(900, 5)))
    async with callee(manners) as friend, phone() as customer:
        lead_to(platform, friend)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friend.hear_it_ring()
        heard = await customer.hear(1)
        assert not calling.done()
        friend.answer()
        assert await calling == 200
        friend.hang_up()
        await customer.hear_the_end()
    assert ear.has_tone(heard, 900)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("completed", None)


@pytest.mark.parametrize(
    ("status", "told", "reason", "word"),
    [
        (486, 486, "callee-busy", "busy"),
        (480, 480, "callee-no-answer", "no-answer"),
        (500, 480, "callee-failed", "failed"),
        (603, 603, "callee-refused", "refused"),
    ],
)
async def test_a_caller_who_was_never_answered_gets_the_callees_code(
    platform: RunningPlatform, actions: ActionServer, caller: str, status: int, told: int, reason: str, word: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(refusal=status)) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == told
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("failed", reason, 0)
    (failed,) = noted(platform, call["call_id"], "transfer-failed")
    assert failed["data"] == {"transfer_status": word, "sip_code": status}
    assert platform.api("GET", "/account/")["held"] == 0


async def test_the_callers_hang_up_cancels_the_ringing_callee(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        lead_to(platform, friend)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friend.hear_it_ring()
        await customer.hear_it_ring()
        customer.hang_up()
        calling.cancel()
        await friend.hear_the_end()
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["cost"]) == ("canceled", 0)


async def test_an_answered_caller_hears_ringing_and_then_the_next_line(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 1", f"transfer {FRIEND} ring=5", 'say en "Nobody is here"')
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await friend.hear_it_ring()
        heard = await customer.hear_the_end()
        await friend.hear_the_end()
    assert ear.has_tone(heard[8000 : 8000 + 8000], 425)
    assert ear.word_error_rate("Nobody is here", ear.recognise(heard[-16000:])) < 0.5
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["cost"]) == ("completed", 1)


async def test_keys_are_relayed_both_ways(platform: RunningPlatform, actions: ActionServer, caller: str) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(answers_after_s=0.0)) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.press("12#")
        assert await friend.hear_keys(3) == "12#"
        friend.press("9*")
        assert await customer.hear_keys(2) == "9*"
        friend.hang_up()
        await customer.hear_the_end()


async def test_another_country_is_refused_and_no_route_is_told(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with callee() as friend, phone() as customer:
        lead_to(platform, friend)
        actions.says("transfer 4930123456")
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 480
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
        assert call["reason"] == "destination-refused"
        assert friend.calls == []
    platform.cli("accounts", "route", "Peers", "--no-trunk")
    actions.says(f"transfer {FRIEND}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller + "1") == 480
    (call,) = platform.ended_calls(caller + "1")
    assert call["reason"] == "no-route"


async def test_a_number_of_the_pool_is_connected_inside_for_one_hop(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {NUMBER}")
    async with phone() as customer:
        # The inner call asks the same server, which sends it inside once more: that is one hop too many.
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 480
    (outer,) = platform.ended_calls(caller)
    inner = next(call for call in platform.calls() if call["caller"] == NUMBER)
    assert (inner["caller"], inner["recipient"], inner["reason"]) == (NUMBER, NUMBER, "no-route")
    assert outer["reason"] == "callee-no-answer"
    actions.says(f"transfer {UNSUBSCRIBED_NUMBER}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller + "1") == 480
