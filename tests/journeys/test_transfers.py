"""A caller is put through to somebody, over real sockets: what both hear, what each is told, what it costs."""

import asyncio
from pathlib import Path

import pytest

import ear
import office
from action_server import ActionServer
from callee import Callee, callee, pcmu
from offhook.domain.sounds import Codec
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform
from tones import mp3_of, tone

pytestmark = pytest.mark.peers

FRIEND = "81312345678"
INNER_NUMBER = "815012345677"
ONLY_RINGS = Manners(answers_after_s=None)


def lead_to(platform: RunningPlatform, friend: Callee, *, pass_caller: bool = False) -> None:
    """Let the account's transfers go out to this phone."""
    office.lead_out(platform.database_url, friend.sip, pass_caller=pass_caller)


def subscribe(platform: RunningPlatform, din: str, action_url: str, folder: Path) -> None:
    """Put one more number into the pool and let the account use it."""
    pool = folder / "more.csv"
    pool.write_text(f"din,country_code,prefix,monthly_cost,minute_cost,trunk\n{din},81,50,650,1,peers\n")
    platform.cli("numbers", "import", str(pool))
    (number,) = [number for number in platform.api("GET", "/voice/dins/") if number["din"] == din]
    fields = {"din_uid": number["din_uid"], "action_url": action_url}
    platform.api("POST", "/voice/dins/subscriptions/", fields)


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
    office.lead_nowhere(platform.database_url)
    actions.says(f"transfer {FRIEND}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller + "1") == 480
    (call,) = platform.ended_calls(caller + "1")
    assert call["reason"] == "no-route"


@pytest.mark.parametrize("passes", [True, False])
async def test_a_callee_sees_the_callers_number_only_through_a_trunk_that_passes_it(
    platform: RunningPlatform, actions: ActionServer, caller: str, passes: bool
) -> None:
    actions.says(f"transfer {FRIEND} from=caller")
    async with callee(Manners(answers_after_s=0.0)) as friend, phone() as customer:
        lead_to(platform, friend, pass_caller=passes)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        assert friend.call.caller == f"+{caller if passes else NUMBER}"
        # Nor does any other part of the INVITE give away a number that is not to be shown.
        assert (caller in repr(friend.call.request)) is passes
        friend.hang_up()
        await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    warnings = [event["code"] for event in noted(platform, call["call_id"], "warning")]
    assert warnings == ([] if passes else ["caller-not-shown"])


async def test_a_caller_hears_what_another_number_of_the_pool_plays_and_both_calls_are_paid(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {INNER_NUMBER}")
    with ActionServer() as inside:
        inside.says(f"playback {inside.serves('inside.mp3', mp3_of(tone(900, 2)))}")
        subscribe(platform, INNER_NUMBER, inside.url, tmp_path)
        platform.wait_until(lambda: platform.api("GET", "/account/")["held"] == 0, within_s=5, what="settled books")
        before = platform.api("GET", "/account/")
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            heard = await customer.hear_the_end()
    assert ear.has_tone(heard, 900)
    assert [question.parameters["caller"] for question in inside.questions] == [NUMBER]
    (outer,) = platform.ended_calls(caller)
    (inner,) = [call for call in platform.ended_calls(NUMBER) if call["recipient"] == INNER_NUMBER]
    assert [(call["status"], call["cost"]) for call in (outer, inner)] == [("completed", 2), ("completed", 1)]
    (dialled,) = noted(platform, outer["call_id"], "dialled")
    assert dialled["data"] == {"number": INNER_NUMBER, "trunk": "inside", "shown": NUMBER}
    after = platform.api("GET", "/account/")
    assert (after["held"], before["balance"] - after["balance"]) == (0, outer["cost"] + inner["cost"])


async def test_a_number_of_the_pool_is_connected_inside_for_one_hop(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {NUMBER}")
    async with phone() as customer:
        # The inner call asks the same server, which sends it inside once more: that is one hop too many.
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 480
    (outer,) = platform.ended_calls(caller)
    inner = next(call for call in platform.calls() if call["caller"] == call["recipient"] == NUMBER)
    assert (inner["caller"], inner["recipient"], inner["reason"]) == (NUMBER, NUMBER, "no-route")
    assert outer["reason"] == "callee-no-answer"
    actions.says(f"transfer {UNSUBSCRIBED_NUMBER}")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller + "1") == 480
