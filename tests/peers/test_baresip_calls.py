"""baresip calls in as a foreign phone; what it heard is proven by ear."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import ear
import office
from action_server import ActionServer
from baresip import Phone
from callee import callee, pcmu
from kamailio import Address, proxies
from offhook.domain.rules import Dtmf
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, lead_to
from tones import RATE, mp3_of, tone, write_wav

pytestmark = pytest.mark.peers

SENTENCE = "Thank you for calling. Our office opens tomorrow morning."
SPEECH_HZ, OTHER_HZ = 440, 1100
KEYS = "1#5*0"
LOST_AT_THE_END_S = 0.2
"""baresip's jitter buffer keeps the last packets when the call ends."""


@contextmanager
def call(
    platform: RunningPlatform, caller: str, folder: Path, codec: str = "PCMU", sip: Address | None = None
) -> Iterator[Phone]:
    """Call the platform, at another address if one is given, and wait until it answers."""
    with Phone(folder / "baresip", speech(folder), user=caller, codec=codec) as phone:
        host, port = sip or platform.sip
        phone.dial(f"sip:{NUMBER}@{host}:{port}")
        phone.wait_for("CALL_ESTABLISHED", within_s=10)
        yield phone


def speech(folder: Path) -> Path:
    """Return a minute of a tone as a file."""
    return write_wav(folder / "speech.wav", tone(SPEECH_HZ, 60))


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_caller_understands_what_say_says(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, codec: str
) -> None:
    actions.says(f'say en "{SENTENCE}"')
    with call(platform, caller, tmp_path, codec) as phone:
        phone.wait_for("CALL_CLOSED", within_s=20)
    understood = ear.recognise(phone.heard())
    assert ear.word_error_rate(SENTENCE, understood) < 0.5, understood


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_caller_hears_the_whole_mp3_of_playback(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, codec: str
) -> None:
    sound = tone(700, 3)
    actions.says(f"playback {actions.serves('tone.mp3', mp3_of(sound))}")
    with call(platform, caller, tmp_path, codec) as phone:
        phone.wait_for("CALL_CLOSED", within_s=20)
    heard = phone.heard()
    assert len(heard) >= len(sound) - LOST_AT_THE_END_S * RATE
    assert ear.has_tone(heard, 700)
    assert not ear.has_tone(heard, 440)


def test_actions_are_heard_in_their_order(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    low, high = (actions.serves(f"{hz}.mp3", mp3_of(tone(hz, 2))) for hz in (500, 1200))
    actions.says(f"playback {low}", "pause 1", f"playback {high}")
    with call(platform, caller, tmp_path) as phone:
        phone.wait_for("CALL_CLOSED", within_s=20)
    heard = phone.heard()
    assert ear.has_tone(heard[: 2 * RATE], 500)
    assert ear.has_tone(heard[-RATE:], 1200)


def test_a_caller_who_hangs_up_ends_the_call(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 60")
    with call(platform, caller, tmp_path) as phone:
        phone.stays_in_the_call(1.5)
        phone.hang_up()
        phone.wait_for("CALL_CLOSED", within_s=5)
    (ended,) = platform.ended_calls(caller)
    assert (ended["status"], ended["duration"]) == ("completed", 2)


def test_a_wrong_answer_of_the_action_server_never_ends_in_silence(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("playbak http://example.com/hello.mp3")
    with call(platform, caller, tmp_path) as phone:
        phone.wait_for("CALL_CLOSED", within_s=20)
    assert ear.recognise(phone.heard())
    (ended,) = platform.ended_calls(caller)
    assert "unknown-verb" in {event["code"] for event in platform.timeline(ended["call_id"])}


@pytest.mark.parametrize("hops", [0, 2])
def test_a_caller_who_holds_the_call_is_sent_nothing_until_it_is_taken_back(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, hops: int
) -> None:
    actions.says(f"playback {actions.serves('long.mp3', mp3_of(tone(700, 20)))}")
    with ExitStack() as stack:
        row = stack.enter_context(proxies(tmp_path, hops, inner=platform.sip))
        sip = row[0].sip if row else platform.sip
        with call(platform, caller, tmp_path, sip=sip) as phone:
            phone.stays_in_the_call(1)
            phone.hold()
            phone.stays_in_the_call(1.5)
            phone.resume()
            phone.stays_in_the_call(1)
            phone.hang_up()
            phone.wait_for("CALL_CLOSED", within_s=5)
        (ended,) = platform.ended_calls(caller)
        for place, proxy in enumerate(row):
            # Twice it was asked for, and each time by way of the proxies that are left.
            again = [one for one in proxy.passed() if one.received and one.is_again("INVITE")]
            assert [len(one.values("Route")) for one in again] == [hops - place] * 2
    timeline = platform.timeline(ended["call_id"])
    changes = [event["text"] for event in timeline if event["kind"] == "media-changed"]
    assert [change.endswith("on hold") for change in changes] == [True, False]
    (quality,) = [event["data"] for event in timeline if event["kind"] == "quality"]
    # Two seconds of sound at 50 packets a second, and not three and a half.
    assert 85 < quality["sent"]["packets"] < 130
    # Nobody misses the sound of who holds the call.
    assert quality["received"]["longest_gap_ms"] < 1_000
    assert (ended["status"], ended["reason"]) == ("completed", None)
    assert ear.has_tone(phone.heard(), 700)


def test_each_key_of_a_caller_is_heard_once(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 3")
    with call(platform, caller, tmp_path) as phone:
        phone.press(KEYS)
        phone.wait_for("CALL_CLOSED", within_s=10)
    (ended,) = platform.ended_calls(caller)
    keys = [event["data"]["digit"] for event in platform.timeline(ended["call_id"]) if event["kind"] == "digit"]
    assert "".join(keys) == KEYS


async def test_a_caller_hears_a_callees_early_media_before_the_answer(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    manners = Manners(answers_after_s=None, is_early=True, speech=pcmu(tone(OTHER_HZ, 1.5)))
    async with callee(manners) as friend:
        lead_to(platform, friend.sip)
        with Phone(tmp_path / "baresip", speech(tmp_path), user=caller) as customer:
            customer.dial(f"sip:{NUMBER}@{platform.sip[0]}:{platform.sip[1]}")
            await asyncio.to_thread(customer.wait_for, "CALL_PROGRESS", within_s=10)
            # All that the callee says is said before it answers.
            await asyncio.sleep(2)
            friend.answer()
            await asyncio.to_thread(customer.wait_for, "CALL_ESTABLISHED", within_s=10)
            assert ear.has_tone(await friend.hear(1), SPEECH_HZ)
            friend.hang_up()
            await asyncio.to_thread(customer.wait_for, "CALL_CLOSED", within_s=10)
        heard = customer.heard()
    assert ear.has_tone(heard[:RATE], OTHER_HZ)
    (ended,) = platform.ended_calls(caller)
    assert (ended["status"], ended["reason"]) == ("completed", None)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_a_caller_and_a_callee_hear_each_other_and_each_others_keys(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, codec: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    called = Phone(tmp_path / "baresip", speech(tmp_path), user=f"+{FRIEND}", codec=codec, answers=True)
    with called as friend:
        lead_to(platform, ("127.0.0.1", friend.sip_port))
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            customer.say(tone(OTHER_HZ, 5))
            assert ear.has_tone(await customer.hear(1), SPEECH_HZ)
            friend.press(KEYS)
            assert await customer.hear_keys(len(KEYS)) == KEYS
            customer.press("7")
            pressed = await asyncio.to_thread(friend.wait_for, "CALL_DTMF_START", within_s=5)
            assert pressed.text == "7"
            friend.hang_up()
            await customer.hear_the_end()
        await asyncio.to_thread(friend.wait_for, "CALL_CLOSED", within_s=5)
        assert ear.has_tone(friend.heard(), OTHER_HZ)
    (ended,) = platform.ended_calls(caller)
    assert (ended["status"], ended["reason"], ended["cost"]) == ("completed", None, 2)


async def test_a_callee_hears_keys_that_we_send_by_info(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    with Phone(tmp_path / "baresip", speech(tmp_path), user=f"+{FRIEND}", answers=True) as friend:
        office.lead_out(platform.database_url, ("127.0.0.1", friend.sip_port), dtmf=Dtmf.INFO)
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            assert ear.has_tone(await customer.hear(1), SPEECH_HZ)
            customer.press(KEYS)
            for key in KEYS:
                pressed = await asyncio.to_thread(friend.wait_for, "CALL_DTMF_START", within_s=5)
                assert pressed.text == key
            customer.hang_up()
            await asyncio.to_thread(friend.wait_for, "CALL_CLOSED", within_s=5)
    (ended,) = platform.ended_calls(caller)
    assert "key-not-taken" not in str(platform.timeline(ended["call_id"]))


async def test_a_callee_who_holds_the_call_is_sent_nothing_until_it_is_taken_back_and_is_heard(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    called = Phone(tmp_path / "baresip", speech(tmp_path), user=f"+{FRIEND}", answers=True)
    with called as friend:
        lead_to(platform, ("127.0.0.1", friend.sip_port))
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            assert ear.has_tone(await customer.hear(1), SPEECH_HZ)
            friend.hold()
            await asyncio.to_thread(friend.stays_in_the_call, 1.5)
            friend.resume()
            await asyncio.to_thread(friend.stays_in_the_call, 0.5)
            assert ear.has_tone(await customer.hear(1), SPEECH_HZ)
            customer.hang_up()
            await asyncio.to_thread(friend.wait_for, "CALL_CLOSED", within_s=5)
    (ended,) = platform.ended_calls(caller)
    timeline = platform.timeline(ended["call_id"])
    changes = [event["text"] for event in timeline if event["kind"] == "callee-media-changed"]
    assert [change.endswith("on hold") for change in changes] == [True, False]
    (quality,) = [event["data"] for event in timeline if event["kind"] == "callee-quality"]
    # Two and a half seconds of sound, and not four.
    assert 110 < quality["sent"]["packets"] < 160
    assert (ended["status"], ended["reason"]) == ("completed", None)


def test_what_a_phone_reports_of_what_it_heard_is_told_beside_what_we_heard(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    # Two reports are needed for a round trip: ours, and the phone's about it.
    actions.says("pause 15")
    with call(platform, caller, tmp_path) as phone:
        phone.wait_for("CALL_CLOSED", within_s=30)
    (ended,) = platform.ended_calls(caller)
    (quality,) = [event["data"] for event in platform.timeline(ended["call_id"]) if event["kind"] == "quality"]
    assert quality["received"]["packets"] > 600
    assert quality["received"]["lost_percent"] < 1.0
    assert quality["received"]["mos"] > 4.3
    assert quality["sent"]["packets"] > 700
    assert 0 <= quality["sent"]["lost_percent"] < 1.0
    assert 0.0 <= quality["sent"]["lost_lately_percent"] < 5.0
    assert 0.0 <= quality["sent"]["jitter_ms"] < 50.0
    assert 0.0 <= quality["round_trip_ms"] < 100.0
