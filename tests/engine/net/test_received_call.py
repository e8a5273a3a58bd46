"""One call that our phone on the other end received: what both sides hear, whoever is first to do what."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence

import pytest

from callee import Callee, callee, pcmu
from ear import has_tone
from foreign_caller import ForeignCaller, foreign_caller
from offhook.domain.sounds import Codec
from offhook.engine.media import sdp
from offhook.engine.net.manners import Manners
from offhook.engine.net.phone_media import PhoneMedia
from phone import Caller, phone
from tones import tone

AT_ONCE = Manners(answers_after_s=0)
ONLY_RINGS = Manners(answers_after_s=None)
HOST = "127.0.0.1"


async def give_up(customer: Caller, friend: Callee) -> None:
    """Let the customer call, hear it ring and put the phone down."""
    calling = asyncio.create_task(customer.call("1", friend.sip))
    await customer.hear_it_ring()
    customer.hang_up()
    await friend.hear_the_end()
    calling.cancel()


@pytest.fixture
async def stranger() -> AsyncIterator[ForeignCaller]:
    async with foreign_caller() as made:
        yield made


@pytest.mark.parametrize("codecs", [(Codec.PCMU,), (Codec.PCMA,)])
async def test_either_law_is_spoken_and_heard(codecs: Sequence[Codec]) -> None:
    async with callee(Manners(answers_after_s=0, codecs=codecs)) as friend, phone() as customer:
        assert await customer.call("1", friend.sip) == 200
        customer.say(tone(500, 1))
        friend.say(tone(900, 1))
        assert has_tone(await customer.hear(0.5), 900)
        assert has_tone(await friend.hear(0.5), 500)
        assert friend.call.described.startswith(f"{codecs[0].value} with {HOST}:")


async def test_early_media_is_heard_before_the_answer_and_goes_on_after_it() -> None:
    manners = Manners(answers_after_s=None, is_early=True, speech=pcmu(tone(900, 1)))
    async with callee(manners) as friend, phone() as customer:
        calling = asyncio.create_task(customer.call("1", friend.sip))
        await customer.hear_it_ring()
        assert has_tone(await customer.hear(0.5), 900)
        assert customer.story[-1] == "early media"
        friend.answer()
        assert await calling == 200
        friend.say(tone(1300, 2))
        customer.say(tone(500, 2))
        await customer.hear(0.7)
        assert has_tone(await customer.hear(0.5), 1300)
        assert has_tone(await friend.hear(0.5), 500)
    assert friend.story[:3] == ["a call comes in", "early media", "we answered"]


async def test_who_only_rings_hears_the_caller_give_up() -> None:
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        await give_up(customer, friend)
        assert friend.phone.calls == ()
    assert friend.story == ["a call comes in", "it rings", "the caller gave up"]
    assert friend.call.status == 487


async def test_a_call_that_rings_may_be_refused_by_hand() -> None:
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        calling = asyncio.create_task(customer.call("1", friend.sip))
        await friend.hear_it_ring()
        friend.refuse(603)
        assert await calling == 603
    assert customer.story[1:] == ["it rings", "not answered: 603 Decline"]


async def test_the_callee_hangs_up() -> None:
    async with callee(AT_ONCE) as friend, phone() as customer:
        assert await customer.call("1", friend.sip) == 200
        friend.say(tone(900, 1))
        assert has_tone(await customer.hear(0.3), 900)
        friend.hang_up()
        await customer.hear_the_end()
    assert customer.story[-1] == "the other side hung up"
    assert friend.story[-1] == "we hung up"


async def test_keys_are_heard_once_each_in_both_directions() -> None:
    async with callee(AT_ONCE) as friend, phone() as customer:
        assert await customer.call("1", friend.sip) == 200
        customer.press("12#")
        assert await friend.hear_keys(3) == "12#"
        friend.press("*0")
        await customer.hear_keys(2)
        # One more press from each side: a copy of an earlier key would stand before it.
        customer.press("9")
        friend.press("8")
        assert await friend.hear_keys(4) == "12#9"
        assert await customer.hear_keys(3) == "*08"
    assert "the caller pressed #" in friend.story


async def test_who_does_not_speak_sends_nothing_and_hears_all_the_same() -> None:
    async with (
        callee(Manners(answers_after_s=0, speaks=False, speech=pcmu(tone(900, 1)))) as friend,
        phone() as customer,
    ):
        assert await customer.call("1", friend.sip) == 200
        customer.say(tone(500, 1))
        assert has_tone(await friend.hear(0.5), 500)
        assert len(customer.heard()) == 0


async def test_verbs_that_come_too_late_do_nothing() -> None:
    async with callee(AT_ONCE) as friend, phone() as customer:
        assert await customer.call("1", friend.sip) == 200
        customer.hang_up()
        await friend.hear_the_end()
        story = friend.story
        friend.answer()
        friend.refuse(486)
        friend.call.talk()
        friend.say(tone(900, 0.1))
        friend.press("1")
        friend.hang_up()
        assert (friend.story, friend.call.status) == (story, 200)


async def test_who_has_given_up_is_not_talked_to() -> None:
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        await give_up(customer, friend)
        await friend.call.put_away()
        running = asyncio.all_tasks()
        friend.call.talk()
        friend.answer()
        assert asyncio.all_tasks() == running
        assert friend.call.status == 487


async def test_an_invite_without_an_offer_gets_ours(stranger: ForeignCaller) -> None:
    media = PhoneMedia(HOST, secrets.randbits)
    async with callee(Manners(answers_after_s=0, codecs=(Codec.PCMA,), speech=pcmu(tone(900, 2)))) as friend:
        answer = await stranger.call(friend.sip, b"")
        offered = sdp.parse(answer.body)
        agreement = sdp.answer(offered, address=HOST, port=media.port, origin=sdp.Origin(1, HOST))
        assert agreement is not None
        assert agreement.codec is Codec.PCMA
        media.speak(pcmu(tone(500, 2)))
        media.start(agreement)
        stranger.acknowledge(agreement.body)
        async with asyncio.timeout(30):
            assert has_tone(await media.hear(0.5), 900)
        assert has_tone(await friend.hear(0.5), 500)
    await media.stop()
    assert f"agreed on PCMA with {HOST}:{media.port}" in friend.story


async def test_an_answer_that_fits_nothing_of_our_offer_ends_the_call(stranger: ForeignCaller) -> None:
    async with callee(AT_ONCE) as friend:
        await stranger.call(friend.sip, b"")
        stranger.acknowledge(stranger.describe("m=audio 4000 RTP/AVP 18"))
        await stranger.hears_request("BYE")
    assert friend.story[-2:] == ["the answer fits nothing that we offered", "we hung up"]


async def test_an_offer_that_fits_nothing_of_ours_is_refused(stranger: ForeignCaller) -> None:
    async with callee(AT_ONCE) as friend:
        refusal = await stranger.call(friend.sip, stranger.describe("m=audio 4000 RTP/AVP 18"))
    assert (refusal.status, friend.call.status) == (488, 488)


async def test_other_media_within_the_call_are_accepted(stranger: ForeignCaller) -> None:
    there = PhoneMedia(HOST, secrets.randbits)
    async with callee(AT_ONCE) as friend:
        first = await stranger.call(friend.sip, stranger.describe(f"m=audio {stranger.rtp_port} RTP/AVP 0"))
        stranger.acknowledge()
        assert await stranger.hears_rtp_from() == sdp.parse(first.body).media[0].port
        offer = sdp.offer(address=HOST, port=there.port, origin=sdp.Origin(2, HOST), codecs=(Codec.PCMA,))
        again = await stranger.reinvite(offer.body)
        stranger.acknowledge()
        agreement = sdp.accept(sdp.parse(again.body), offer)
        assert agreement is not None
        assert agreement.remote_port == sdp.parse(first.body).media[0].port
        there.start(agreement)
        friend.say(tone(900, 1))
        async with asyncio.timeout(30):
            assert has_tone(await there.hear(0.5), 900)
        wrong = await stranger.reinvite(stranger.describe("m=audio 4000 RTP/AVP 18"))
        assert wrong.status == 488
        assert friend.phone.calls == (friend.call,)
    await there.stop()
    assert f"other media: PCMA with {HOST}:{there.port}" in friend.story


async def test_its_sound_may_come_from_a_port_that_it_did_not_name(stranger: ForeignCaller) -> None:
    manners = Manners(answers_after_s=None, is_early=True, sends_from_elsewhere=True)
    async with callee(manners) as friend:
        stranger.invite(friend.sip, stranger.describe(f"m=audio {stranger.rtp_port} RTP/AVP 0"))
        early = await stranger.hears(183)
        named = sdp.parse(early.body).media[0].port
        before = await stranger.hears_rtp_from()
        friend.answer()
        answer = await stranger.hears(200)
        stranger.acknowledge()
        assert answer.body == early.body
        assert before != named
        after = friend.call.media.send_from_another_port()
        while (heard_from := await stranger.hears_rtp_from()) == before:
            pass
        assert heard_from == after
        assert after not in (named, before)
        # It hears at each of its ports, so that a test can tell where its peer sends to.
        for port, count in ((named, 1), (after, 2)):
            stranger.speak(port, count)
        await friend.hear(0.06)
        assert friend.call.media.packets_at == {named: 1, after: 2}


async def test_its_sound_may_come_before_anything_was_answered(stranger: ForeignCaller) -> None:
    async with callee(ONLY_RINGS) as friend:
        stranger.invite(friend.sip, stranger.describe(f"m=audio {stranger.rtp_port} RTP/AVP 0"))
        ringing = await stranger.hears(180)
        assert ringing.body == b""
        friend.call.talk()
        assert await stranger.hears_rtp_from() == friend.call.media.port
        friend.answer()
        answer = await stranger.hears(200)
        assert sdp.parse(answer.body).media[0].port == friend.call.media.port
