"""`offhook dial --talk` but for the device: what lies between network and loudspeaker, and keys that are typed."""

import asyncio
import os
import pty
import sys
import termios
from collections.abc import Iterator
from io import TextIOWrapper

import pytest

from ear import has_tone
from offhook.cli.errors import SoundDeviceMissing
from offhook.cli.talk.conversation import talking
from offhook.cli.talk.jitter import FRAME_BYTES, MOST, TARGET, JitterBuffer
from offhook.cli.talk.keyboard import typing
from offhook.cli.talk.portaudio import Resampler
from offhook.engine.net.phone_media import PhoneMedia
from terminal import Terminal
from tones import tone

SAMPLES = FRAME_BYTES // 2
NO_DEVICE = """
class PortAudioError(Exception): pass
def check_input_settings(**wish): raise PortAudioError("no such device")
def query_devices(kind): raise PortAudioError("Error querying device -1")
"""
WRAPPING = (1 << 32) - 2 * SAMPLES


def frame(value: int) -> bytes:
    return value.to_bytes(2, "little") * SAMPLES


def put(buffer: JitterBuffer, *places: int, ssrc: int = 1) -> None:
    """Let the packets of these places come; each holds its own number."""
    for place in places:
        buffer.put(ssrc, WRAPPING + place * SAMPLES & 0xFFFFFFFF, frame(place + 1))


def taken(buffer: JitterBuffer, count: int) -> list[int]:
    """Take frames and tell which they are; 0 is silence."""
    frames = [buffer.take() for _ in range(count)]
    assert {len(one) for one in frames} == {FRAME_BYTES}
    return [int.from_bytes(one[:2], "little") for one in frames]


def test_some_packets_are_gathered_before_they_sound_in_their_order() -> None:
    buffer = JitterBuffer()
    put(buffer, 0, 1)
    assert taken(buffer, 1) == [0]
    put(buffer, 3, 2)
    assert taken(buffer, 6) == [1, 2, 3, 4, 0, 0]


def test_what_is_lost_is_silence_and_what_comes_late_is_dropped() -> None:
    buffer = JitterBuffer()
    put(buffer, 0, 1, 3, 4)
    assert taken(buffer, 4) == [1, 2, 0, 4]
    put(buffer, 2)
    assert taken(buffer, 2) == [5, 0]


def test_what_has_piled_up_is_cut_back() -> None:
    buffer = JitterBuffer()
    put(buffer, *range(MOST // FRAME_BYTES + 1))
    last = MOST // FRAME_BYTES + 1
    assert taken(buffer, 4) == [last - 2, last - 1, last, 0]


def test_after_a_pause_it_gathers_anew_without_the_silence_of_the_pause() -> None:
    buffer = JitterBuffer()
    put(buffer, 0, 1, 2)
    assert taken(buffer, 4) == [1, 2, 3, 0]
    put(buffer, 8)
    assert taken(buffer, 1) == [0]
    put(buffer, 9, 10)
    assert taken(buffer, 4) == [9, 10, 11, 0]


def test_another_stream_and_one_that_leaps_begin_anew() -> None:
    buffer = JitterBuffer()
    put(buffer, 0, 1, 2)
    put(buffer, 40, 41, 42, ssrc=2)
    assert taken(buffer, 1) == [41]
    put(buffer, 900, ssrc=2)
    assert taken(buffer, 2) == [901, 0]
    assert TARGET == 3 * FRAME_BYTES


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_a_device_may_have_another_rate(rate: int) -> None:
    there, back = Resampler(8_000, rate), Resampler(rate, 8_000)
    sound = tone(600, 1).astype("<i2").tobytes()
    heard = b""
    for at in range(0, len(sound), FRAME_BYTES):
        widened = there.turn(sound[at : at + FRAME_BYTES])
        heard += back.turn(widened)
    assert back.turn(b"") == b""
    # The filters hold a few samples back.
    assert 0.97 < len(heard) / len(sound) <= 1
    assert has_tone(heard, 600)


class BrokenDevice:
    """A headset that is pulled out at once."""

    def __init__(self) -> None:
        self.is_closed = False

    async def read(self) -> bytes:
        raise SoundDeviceMissing("the microphone gave nothing for 5 s")

    def write(self, frame: bytes) -> None:
        raise AssertionError("nothing was read")

    def close(self) -> None:
        self.is_closed = True


async def test_a_device_that_is_gone_ends_the_call_and_is_told() -> None:
    device, hung_up = BrokenDevice(), asyncio.Event()
    media = PhoneMedia("127.0.0.1", lambda bits: 1)
    with pytest.raises(SoundDeviceMissing):
        async with talking(media, device, hung_up.set):
            await hung_up.wait()
    assert device.is_closed
    await media.stop()


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let standard input be a terminal, and return the end at which somebody types."""
    ours, theirs = pty.openpty()
    with TextIOWrapper(os.fdopen(theirs, "rb", buffering=0)) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield ours
    os.close(ours)


async def test_keys_count_as_they_are_typed_and_the_terminal_is_as_it_was(keyboard: int) -> None:
    pressed, hung_up = "", asyncio.Event()
    before = termios.tcgetattr(sys.stdin.fileno())

    def press(key: str) -> None:
        nonlocal pressed
        pressed += key

    with typing(press, hung_up.set):
        assert not termios.tcgetattr(sys.stdin.fileno())[3] & termios.ICANON
        os.write(keyboard, "1x#aé q".encode())
        await hung_up.wait()
    assert pressed == "1#A"
    assert termios.tcgetattr(sys.stdin.fileno()) == before


async def test_without_a_keyboard_nothing_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_is_typed() -> None:
        with typing(pressed.append, lambda: pressed.append("q")):
            await asyncio.sleep(0.05)

    pressed: list[str] = []
    ours, theirs = os.pipe()
    os.close(theirs)
    file = os.open(__file__, os.O_RDONLY)
    for place in (ours, file):
        with os.fdopen(place) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            await nothing_is_typed()
    monkeypatch.setattr(sys, "stdin", None)
    await nothing_is_typed()
    assert pressed == []


@pytest.mark.parametrize(
    ("module", "hint"),
    [
        ("raise ImportError", "pip install 'sounddevice>=0.5,<0.6'"),
        ("raise OSError('PortAudio library not found')", "apt install libportaudio2"),
        (NO_DEVICE, "python -m sounddevice"),
    ],
    ids=["no package", "no library", "no device"],
)
def test_what_is_missing_is_told_before_anybody_is_called(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, module: str, hint: str
) -> None:
    # A stand-in takes the place of the package, if it is installed at all, as each of these computers has it.
    (terminal.folder / "sounddevice.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(terminal.folder), os.environ.get("PYTHONPATH", "")]))
    printed = terminal.run("dial", "1", "--from", "2", "--to-sip", "127.0.0.1:9", "--talk", "--json")
    assert (printed.status, printed.out, printed.error["code"]) == (1, "", "no-sound-device")
    assert hint in printed.error["hint"]
