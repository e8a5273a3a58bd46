"""baresip calls in as a foreign phone; what it heard is proven by ear."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import ear
from action_server import ActionServer
from baresip import Phone
from running_platform import NUMBER, RunningPlatform
from tones import RATE, mp3_of, tone, write_wav

pytestmark = pytest.mark.peers

SENTENCE = "Thank you for calling. Our office opens tomorrow morning."
LOST_AT_THE_END_S = 0.2
"""baresip's jitter buffer keeps the last packets when the call ends."""


@contextmanager
def call(platform: RunningPlatform, caller: str, folder: Path, codec: str = "PCMU") -> Iterator[Phone]:
    """Call the platform and wait until it answers."""
    folder.mkdir(exist_ok=True)
    speech = write_wav(folder / "speech.wav", tone(440, 60))
    with Phone(folder / "baresip", speech, user=caller, codec=codec) as phone:
        host, port = platform.sip
        phone.dial(f"sip:{NUMBER}@{host}:{port}")
        phone.wait_for("CALL_ESTABLISHED", within_s=10)
        yield phone


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
