"""`offhook dial --talk`: a sound device takes part in real calls, with keys that somebody types."""

import asyncio
import os
import pty
import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import TextIOWrapper
from pathlib import Path

import numpy as np
import pytest

import ear
from action_server import ActionServer
from offhook.audio.beep import HZ as BEEP_HZ
from offhook.cli.calling import Wish, place
from offhook.cli.talk.conversation import talking
from offhook.cli.talk.jitter import FRAME_BYTES
from offhook.engine.sip.outputs import Destination
from recordings import samples
from running_platform import NUMBER, RunningPlatform
from scripted_phone import scripted
from terminal import Terminal
from tones import mp3_of, tone, write_wav

pytestmark = pytest.mark.peers

HELLO_HZ, VOICE_HZ = 500, 1300
SOON_S = 20.0

# Devices of 48 and 44.1 kHz that refuse 8 kHz, with the names of the package and a time of their own: the microphone
# hears a tone, and what the loudspeaker plays is kept in a file.
STAND_IN = f"""
import struct, threading, time
from math import pi, sin

RATES = {{"input": 48000, "output": 44100}}

class PortAudioError(Exception): pass

def check_input_settings(**wish): raise PortAudioError("Invalid sample rate")
check_output_settings = check_input_settings
def query_devices(kind): return {{"default_samplerate": float(RATES[kind])}}

class Stream:
    def __init__(self, samplerate, blocksize, channels, dtype, latency, callback):
        assert (samplerate, blocksize, channels, dtype) == (self.RATE, self.RATE // 50, 1, "int16")
        self.callback, self.is_over = callback, False
        self.thread = threading.Thread(target=self.run, daemon=True)
    def start(self): self.thread.start()
    def abort(self): self.is_over = True
    def close(self): self.thread.join()
    def run(self):
        begun, frames = time.monotonic(), 0
        while not self.is_over:
            self.move(frames, self.RATE // 50)
            frames += 1
            time.sleep(max(0.0, begun + frames / 50 - time.monotonic()))

class RawInputStream(Stream):
    RATE = RATES["input"]
    def move(self, frames, size):
        turns = (2 * pi * {VOICE_HZ} * (frames * size + at) / self.RATE for at in range(size))
        sound = struct.pack(f"<{{size}}h", *(round(9000 * sin(turn)) for turn in turns))
        self.callback(memoryview(sound), size, None, None)

class RawOutputStream(Stream):
    RATE = RATES["output"]
    def move(self, frames, size):
        out = bytearray(2 * size)
        self.callback(memoryview(out), size, None, None)
        with open("played.raw", "ab") as played: played.write(out)
"""


class Headset:
    """A device of ours: somebody hums into it all the time, and what sounds is kept."""

    def __init__(self) -> None:
        self.played = b""
        self.is_closed = False
        self._hum = tone(VOICE_HZ, 1).astype("<i2").tobytes()
        self._frames = 0
        self._has_played = asyncio.Event()

    async def read(self) -> bytes:
        await asyncio.sleep(0.02)
        at = self._frames % 50 * FRAME_BYTES
        self._frames += 1
        return self._hum[at : at + FRAME_BYTES]

    def write(self, frame: bytes) -> None:
        self.played += frame
        self._has_played.set()

    def close(self) -> None:
        self.is_closed = True

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let it play until something is so."""
        async with asyncio.timeout(SOON_S):
            while not is_so():
                self._has_played.clear()
                await self._has_played.wait()

    def has_played(self, *notes: int) -> bool:
        """Whether these tones sounded last, in this order."""
        return ear.melody(self.played, HELLO_HZ, BEEP_HZ)[-len(notes) :] == list(notes)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let standard input be a terminal, and return the end at which somebody types."""
    ours, theirs = pty.openpty()
    with TextIOWrapper(os.fdopen(theirs, "rb", buffering=0)) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield ours
    os.close(ours)


async def test_somebody_talks_hears_and_types_in_a_call_of_the_real_platform(
    platform: RunningPlatform, actions: ActionServer, keyboard: int
) -> None:
    hello = actions.serves("hello.mp3", mp3_of(tone(HELLO_HZ, 1)))
    actions.says(f"gather playback {hello} digits=2 timeout=20")
    actions.says_after("gather", "voicemail next=self")
    actions.says_after("voicemail", "pause 60")
    headset, hung_up = Headset(), asyncio.Event()

    wish = Wish(NUMBER, "819055550201", Destination(*platform.sip))
    talks = partial(talking, device=headset, hang_up=hung_up.set)
    call = asyncio.create_task(place(wish, lambda _happening: None, hung_up, joined=talks))
    await headset.until(lambda: headset.has_played(HELLO_HZ))
    # The same key twice in one breath is two keys.
    os.write(keyboard, b"77")
    await headset.until(lambda: headset.has_played(HELLO_HZ, BEEP_HZ))
    beeped = len(headset.played)
    await headset.until(lambda: len(headset.played) > beeped + 2 * 2 * ear.RATE)
    os.write(keyboard, b"#")
    await headset.until(lambda: actions.questions[-1].parameters["event"] == "voicemail")
    os.write(keyboard, b"q")
    outcome = await call
    assert (outcome.happenings[-1].text, headset.is_closed) == ("we hung up", True)
    gathered, told = (question.parameters for question in actions.questions[-2:])
    assert gathered["digits"] == "77"
    message = await asyncio.to_thread(samples, told["recording_url"])
    assert len(message) > ear.RATE
    assert ear.has_tone(message[4_000:12_000], VOICE_HZ)


def test_a_device_of_another_rate_talks_to_a_phone_that_listens(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (terminal.folder / "sounddevice.py").write_text(STAND_IN)
    write_wav(Path("hello.wav"), tone(HELLO_HZ, 1))
    script = f"answer\nexpect tone {VOICE_HZ} for 1\nplay hello.wav\nexpect keys 1#\nhang up\n"
    with scripted(terminal, script, "--calls", "1") as phone:
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(terminal.folder), os.environ.get("PYTHONPATH", "")]))
        with terminal.start("dial", "1", "--from", "2", "--to-sip", phone.address, "--talk") as caller:
            out, err = caller.communicate("1#", timeout=SOON_S)
        status, told = phone.ends()
    assert (caller.returncode, status, err) == (0, 0, ""), (out, told)
    assert "the other side hung up" in out
    assert ear.has_tone(np.fromfile("played.raw", "<i2"), HELLO_HZ, 44_100)
