"""What callers hear, and what is heard of them, through a network that loses, doubles and reorders."""

import asyncio

import pytest

import ear
from action_server import ActionServer
from bad_line import arrived, bad_line, quality_after
from callee import callee
from impairment import Impairment, Side
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import ANSWERS, FRIEND, call_of, lead_to
from tones import RATE, mp3_of, sweep

pytestmark = pytest.mark.peers

SHUFFLED = Impairment(reordering=0.1, duplication=0.1, delay_ms=10, jitter_ms=5)
LOSSY = Impairment(loss=0.05, reordering=0.1, delay_ms=10, jitter_ms=5)
SWEEP = sweep(400, 2400, 3)
LIKE = 0.9
KEYS = "159#0*724683"
A_KEY_TAKES_S = 0.24
SHOWN_S = 6
COUNTED = ("packets", "lost", "duplicates", "reordered")


async def test_a_caller_hears_a_playback_whole_through_reordering_and_duplication(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"playback {actions.serves('sweep.mp3', mp3_of(SWEEP))}")
    with bad_line(platform.sip, seed=11, from_platform=SHUFFLED) as line:
        async with phone() as customer:
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            heard = await customer.hear_the_end()
        counts = line.media.counts[Side.FAR]
    assert counts.reordered > 5
    assert counts.doubled > 5
    assert ear.correlation(heard, SWEEP) > LIKE
    # The encoder's own silence stands around it.
    assert 3 <= len(heard) / RATE < 3.5


async def test_a_callee_hears_a_caller_in_order_through_reordering_and_duplication(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    with bad_line(platform.sip, seed=12, from_caller=SHUFFLED, from_platform=SHUFFLED) as line:
        async with callee(ANSWERS) as friend, phone() as customer:
            lead_to(platform, friend.sip)
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            customer.say(SWEEP)
            heard = await friend.hear(4)
            customer.hang_up()
            await friend.hear_the_end()
        counts = line.media.counts[Side.NEAR]
    assert counts.reordered > 5
    assert counts.doubled > 5
    assert ear.correlation(heard, SWEEP) > LIKE


async def test_each_key_is_heard_once_through_loss_and_reordering(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 4")
    with bad_line(platform.sip, seed=13, from_caller=LOSSY) as line:
        async with phone() as customer:
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            customer.press(KEYS)
            await customer.hear_the_end()
        counts = line.media.counts[Side.NEAR]
    # How many packets there were is not always the same: these are a few of them.
    assert counts.lost > 2
    assert counts.reordered > 2
    call = await call_of(platform, caller)
    keys = [event["data"]["digit"] for event in platform.timeline(call["call_id"]) if event["kind"] == "digit"]
    assert "".join(keys) == KEYS


async def test_each_key_reaches_a_callee_once_through_loss_and_reordering(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    with bad_line(platform.sip, seed=14, from_caller=LOSSY) as line:
        async with callee(ANSWERS) as friend, phone() as customer:
            lead_to(platform, friend.sip)
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            customer.press(KEYS)
            await friend.hear_keys(len(KEYS))
            # A key that came twice would come late.
            await asyncio.sleep(2 * A_KEY_TAKES_S)
            customer.hang_up()
            await friend.hear_the_end()
        counts = line.media.counts[Side.NEAR]
    # How many packets there were is not always the same: these are a few of them.
    assert counts.lost > 2
    assert counts.reordered > 2
    assert friend.pressed == KEYS


async def test_a_call_is_set_up_and_ended_though_signalling_is_lost_and_doubled(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 1")
    bad = Impairment(loss=0.3, duplication=0.3, jitter_ms=30)
    with bad_line(platform.sip, seed=15, signalling=bad) as line:
        async with phone() as customer:
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            await customer.hear_the_end()
        counts = line.gateway.counts
    assert sum(counts[side].lost for side in Side) > 0
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 1)


async def test_the_timeline_tells_how_much_was_lost_on_the_way_from_the_caller(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    quality = await quality_after(
        platform, actions, caller, seconds=4, seed=16, from_caller=Impairment(loss=0.02, delay_ms=20, jitter_ms=10)
    )
    received = quality["received"]
    sent = received["packets"] + received["lost"]
    assert sent == pytest.approx(200, abs=25)
    assert 1 <= received["lost"] <= 15
    assert 0 < received["jitter_ms"] < 10


@pytest.mark.parametrize(
    ("seed", "network"),
    [
        (18, Impairment(loss=0.02, delay_ms=10)),
        (17, Impairment(loss=0.02, burst=3, delay_ms=10)),
        (19, Impairment(reordering=0.1, duplication=0.1, delay_ms=10, jitter_ms=15)),
    ],
    ids=["loss", "bursts", "disorder"],
)
async def test_what_a_network_did_to_a_caller_is_shown_to_the_packet(
    platform: RunningPlatform, actions: ActionServer, caller: str, seed: int, network: Impairment
) -> None:
    actions.says(f"transfer {FRIEND}")
    with bad_line(platform.sip, seed=seed, from_caller=network) as line:
        async with callee(ANSWERS) as friend, phone() as customer:
            lead_to(platform, friend.sip)
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            await friend.hear(SHOWN_S)
            customer.hang_up()
            await friend.hear_the_end()
        call = await call_of(platform, caller)
        relayed = line.media.went_on[Side.NEAR]
    (quality,) = [event["data"] for event in platform.timeline(call["call_id"]) if event["kind"] == "quality"]
    shown = quality["received"]
    # What was still on its way at the end came too late to count.
    did = arrived(relayed[: shown["packets"]])
    assert {name: shown[name] for name in COUNTED} == {name: did[name] for name in COUNTED}
    # Two clocks, and between them whatever the machine is busy with: to the digit it is known without a network.
    assert shown["jitter_ms"] == pytest.approx(did["jitter_ms"], abs=10)
    assert sum(did[name] for name in COUNTED[1:]) >= 5
    # G.107 with a listener who does not wait; Bpl of G.711 with concealment is 25.1 (G.113), and BurstR 1.
    loss = 100 * did["lost"] / (did["packets"] - did["duplicates"] + did["lost"])
    rating = 93.2 - 95 * loss / (loss + 25.1)
    mos = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
    assert quality["round_trip_ms"] is None
    assert shown["mos"] == round(mos, 2)
