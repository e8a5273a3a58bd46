"""Our phone on the other end takes calls of our own phone, over real sockets."""

import asyncio

import pytest

from callee import callee, pcmu
from ear import has_tone
from offhook.engine.net import answering_phone
from offhook.engine.net.manners import BUSY, Manners
from phone import phone
from tones import tone

AT_ONCE = Manners(answers_after_s=0)
ONLY_RINGS = Manners(answers_after_s=None)


async def test_a_call_rings_is_answered_and_both_hear_each_other() -> None:
    async with callee(Manners(speech=pcmu(tone(900, 1)))) as friend, phone() as customer:
        assert await customer.call("815012345678", friend.sip, caller="819012345678") == 200
        customer.say(tone(500, 1))
        assert has_tone(await customer.hear(0.5), 900)
        assert has_tone(await friend.hear(0.5), 500)
        customer.hang_up()
        await friend.hear_the_end()
    assert (friend.call.caller, friend.call.number) == ("819012345678", "815012345678")
    assert friend.story == ["a call comes in", "it rings", "we answered", "the caller hung up"]
    assert customer.story == ["dialling 815012345678", "it rings", "answered", "we hung up"]
    assert [happening.at_ms for happening in friend.call.happenings] == sorted(
        happening.at_ms for happening in friend.call.happenings
    )


@pytest.mark.parametrize("status", [BUSY, 404, 500, 603])
async def test_every_call_is_refused_as_it_was_told_to(status: int) -> None:
    async with callee(Manners(refusal=status)) as friend, phone() as customer:
        assert await customer.call("1", friend.sip) == status
    assert friend.story == ["a call comes in", f"refused with {status}"]
    assert friend.call.status == status


async def test_several_calls_are_each_heard_for_themselves() -> None:
    async with callee(AT_ONCE) as friend, phone() as low, phone() as high:
        answers = await asyncio.gather(low.call("1", friend.sip), high.call("2", friend.sip))
        assert tuple(answers) == (200, 200)
        low.say(tone(400, 2))
        high.say(tone(1100, 2))
        first, second = sorted(friend.calls, key=lambda call: call.number)
        first.say(pcmu(tone(600, 2)))
        second.say(pcmu(tone(1500, 2)))
        async with asyncio.timeout(30):
            theirs = await asyncio.gather(first.media.hear(0.5), second.media.hear(0.5))
            ours = await asyncio.gather(low.hear(0.5), high.hear(0.5))
        assert [has_tone(sound, 400) for sound in theirs] == [True, False]
        assert [has_tone(sound, 1100) for sound in theirs] == [False, True]
        assert [has_tone(sound, 600) for sound in ours] == [True, False]
        assert [has_tone(sound, 1500) for sound in ours] == [False, True]
        assert set(friend.phone.calls) == {first, second}
        low.hang_up()
        async with asyncio.timeout(30):
            await first.ended.wait()
        assert [*friend.phone.calls] == [second]


async def test_manners_hold_for_the_next_call() -> None:
    async with callee(Manners(refusal=BUSY)) as friend, phone() as first, phone() as second:
        assert await first.call("1", friend.sip) == BUSY
        friend.manners = AT_ONCE
        assert await second.call("1", friend.sip) == 200
        assert [call.status for call in friend.calls] == [BUSY, 200]


async def test_calls_that_are_over_for_both_sides_are_let_go() -> None:
    async with callee(Manners(refusal=BUSY)) as friend, phone() as first, phone() as second:
        assert await first.call("1", friend.sip) == BUSY
        await friend.call.put_away()
        assert await second.call("2", friend.sip) == BUSY
        assert [call.number for call in friend.phone._calls.values()] == ["2"]


async def test_when_it_is_put_away_talkers_hear_bye_and_who_rings_gets_480() -> None:
    async with phone() as talking, phone() as ringing:
        async with callee(AT_ONCE) as friend:
            assert await talking.call("1", friend.sip) == 200
            friend.manners = ONLY_RINGS
            calling = asyncio.create_task(ringing.call("2", friend.sip))
            await ringing.hear_it_ring()
        await talking.hear_the_end()
        assert await calling == 480
    assert talking.story[-1] == "the other side hung up"
    assert [call.happenings[-1].text for call in friend.calls] == ["we hung up", "refused with 480"]


async def test_there_is_a_limit_of_calls_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering_phone, "CALLS_LIMIT", 1)
    async with callee(AT_ONCE) as friend, phone() as first, phone() as second, phone() as third:
        assert await first.call("1", friend.sip) == 200
        assert await second.call("2", friend.sip) == answering_phone.OVERLOADED
        first.hang_up()
        await friend.hear_the_end()
        assert await third.call("3", friend.sip) == 200


async def test_a_withheld_number_is_empty() -> None:
    async with callee(AT_ONCE) as friend, phone() as customer:
        assert await customer.call("1", friend.sip, caller="") == 200
        assert (friend.call.caller, friend.call.is_anonymous) == ("", True)
