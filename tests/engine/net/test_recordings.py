"""Legs of the real process are recorded, while phones speak in real time."""

import io
import os
import signal
import wave
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from numpy.typing import NDArray

from ear import WIDE_RATE, has_tone
from free_ports import udp_range
from media_process import HOST, PATIENCE_S, WorkerProcess, connection, phone_socket, worker_process
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import from_linear16
from offhook.engine.media.rtp import Stream
from offhook.engine.net.g722 import encode
from offhook.engine.net.orders import (
    Close,
    Closed,
    FirstIn,
    Join,
    Open,
    Opened,
    Record,
    RecordingEnded,
    Start,
    StopRecording,
)
from processes import children
from soundfiles import sine

RECORDER = "offhook.engine.net.recorder"
FRAME = 160
FRAME_S = 0.02
LEFT_HZ, RIGHT_HZ = 600, 1000
MOST = 1 << 24


class Phone:
    """A socket that speaks a tone to its leg."""

    def __init__(self, stack: ExitStack, worker: WorkerProcess, name: str, codec: Codec, hz: int) -> None:
        self.socket = stack.enter_context(phone_socket())
        self.stream = Stream(ssrc=7, sequence=100, timestamp=0, payload_type={"PCMU": 0, "PCMA": 8, "G722": 9}[codec])
        samples = sine(hz, 1.0, codec.rate_hz).tobytes()
        sound = encode(samples) if codec is Codec.G722 else from_linear16(samples, codec)
        self.frames = [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
        self.place = 0
        worker.order(Open(name, HOST, 9, 10, 20))
        self.leg = (HOST, worker.report(Opened).port)
        worker.order(connection(name, self.socket, codec=codec.value), Start(name))
        self.socket.recv(2048)
        self.speak()
        assert worker.report(FirstIn).leg == name

    def speak(self) -> None:
        self.socket.sendto(self.stream.next_packet(self.frames[self.place % len(self.frames)]), self.leg)
        self.place += 1

    def lose(self) -> None:
        self.stream.next_packet(self.frames[0])
        self.place += 1


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    with worker_process(udp_range(8)) as made:
        yield made


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def _talk(seconds: float, *phones: Phone) -> None:
    due = monotonic()
    for _ in range(round(seconds / FRAME_S)):
        for phone in phones:
            phone.speak()
        due += FRAME_S
        sleep(max(0.0, due - monotonic()))


def _record(path: Path, *, is_both: bool = False, longest_s: float = 60.0, most_bytes: int = MOST) -> Record:
    return Record("left", str(path), is_both, longest_s, most_bytes)


def _stop(worker: WorkerProcess) -> RecordingEnded:
    worker.order(StopRecording("left"))
    return worker.report(RecordingEnded)


def _read(data: bytes) -> tuple[int, list[NDArray[np.int16]]]:
    """Return the rate, and the samples of each channel."""
    with wave.open(io.BytesIO(data)) as file:
        assert file.getsampwidth() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        return file.getframerate(), [samples[:, channel] for channel in range(file.getnchannels())]


@pytest.mark.parametrize("codec", Codec)
def test_what_a_peer_says_is_recorded_and_can_be_read_while_it_grows(
    worker: WorkerProcess, stack: ExitStack, tmp_path: Path, codec: Codec
) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", codec, LEFT_HZ)
    worker.order(_record(path))
    _talk(2.5, left)
    rate, [growing] = _read(path.read_bytes())
    assert rate == codec.rate_hz
    assert len(growing) > rate / 2
    assert has_tone(growing, LEFT_HZ, rate)
    ended = _stop(worker)
    rate, [whole] = _read(path.read_bytes())
    assert (ended.leg, ended.path, ended.code) == ("left", str(path), "stopped")
    assert ended.seconds == pytest.approx(len(whole) / rate, abs=0.001)
    assert ended.size == path.stat().st_size == 44 + 2 * len(whole)
    assert ended.seconds > 2.4
    assert np.array_equal(whole[: len(growing)], growing)
    assert has_tone(whole, LEFT_HZ, rate)


@pytest.mark.parametrize(("left_codec", "right_codec"), [(Codec.PCMU, Codec.PCMA), (Codec.PCMU, Codec.G722)])
def test_both_sides_of_a_bridge_are_two_channels_of_one_time(
    worker: WorkerProcess, stack: ExitStack, tmp_path: Path, left_codec: Codec, right_codec: Codec
) -> None:
    path = tmp_path / "both.wav"
    left = Phone(stack, worker, "left", left_codec, LEFT_HZ)
    right = Phone(stack, worker, "right", right_codec, RIGHT_HZ)
    worker.order(Join("left", "right"))
    # The run of packets that are passed on at a glance has begun.
    _talk(0.5, left, right)
    worker.order(_record(path, is_both=True))
    _talk(1.0, left, right)
    _talk(0.5, left)
    ended = _stop(worker)
    rate, [ours, theirs] = _read(path.read_bytes())
    assert rate == max(left_codec.rate_hz, right_codec.rate_hz)
    assert ended.seconds == pytest.approx(len(ours) / rate, abs=0.001)
    for channel, its_own, others in ((ours, LEFT_HZ, RIGHT_HZ), (theirs, RIGHT_HZ, LEFT_HZ)):
        assert has_tone(channel, its_own, rate)
        assert not has_tone(channel, others, rate)
    # Who fell silent is silent, at the time at which it was.
    assert np.max(np.abs(theirs[-rate // 5 :].astype(int))) < 100
    assert has_tone(ours[-rate // 5 :], LEFT_HZ, rate)


def test_losses_and_pauses_are_silence_of_their_length(worker: WorkerProcess, stack: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(path))
    began = monotonic()
    _talk(0.4, left)
    for _ in range(20):
        left.lose()
        sleep(FRAME_S)
    _talk(0.4, left)
    ended = _stop(worker)
    assert ended.seconds == pytest.approx(monotonic() - began, abs=0.3)
    _, [whole] = _read(path.read_bytes())
    blocks = np.abs(whole[: len(whole) // FRAME * FRAME].reshape(-1, FRAME).astype(int)).max(axis=1) > 1000
    loud = np.flatnonzero(blocks)
    silent = int((~blocks[loud[0] : loud[-1]]).sum())
    assert 15 <= silent <= 30


def test_it_ends_by_itself_at_its_longest_and_its_largest(
    worker: WorkerProcess, stack: ExitStack, tmp_path: Path
) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(path, longest_s=0.5))
    _talk(2.5, left)
    ended = worker.report(RecordingEnded)
    assert (ended.code, ended.seconds, ended.size) == ("recording-too-long", 0.5, 44 + 8000)
    assert len(_read(path.read_bytes())[1][0]) == 4000
    worker.order(_record(path, most_bytes=8044))
    _talk(2.5, left)
    ended = worker.report(RecordingEnded)
    assert (ended.code, ended.seconds, ended.size) == ("recording-too-large", 0.5, 8044)


def test_a_disk_that_is_full_ends_the_recording_and_not_the_call(worker: WorkerProcess, stack: ExitStack) -> None:
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(Path("/dev/full")))
    assert worker.report(RecordingEnded).code == "disk-full"
    _talk(0.5, left)
    worker.order(Close("left"))
    assert worker.report(Closed).received == 26


def test_a_file_that_cannot_be_made_is_told(worker: WorkerProcess, stack: ExitStack, tmp_path: Path) -> None:
    Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(tmp_path / "nowhere" / "left.wav"))
    assert worker.report(RecordingEnded).code == "recording-not-written"


def test_a_close_ends_it_with_everything_in_the_file(worker: WorkerProcess, stack: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(path))
    _talk(0.5, left)
    worker.order(Close("left"))
    ended = worker.report(RecordingEnded)
    assert ended.code == "stopped"
    assert has_tone(_read(path.read_bytes())[1][0], LEFT_HZ)
    assert ended.size == path.stat().st_size


def test_the_end_of_a_worker_leaves_everything_in_the_file(
    worker: WorkerProcess, stack: ExitStack, tmp_path: Path
) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(path))
    _talk(0.5, left)
    worker.control.close()
    worker.process.wait(PATIENCE_S)
    _, [whole] = _read(path.read_bytes())
    assert len(whole) > 3600
    assert has_tone(whole, LEFT_HZ)


def test_a_disk_that_hangs_delays_no_packet(worker: WorkerProcess, stack: ExitStack, tmp_path: Path) -> None:
    # A pipe that nobody reads: to open it takes for ever.
    pipe = tmp_path / "left.wav"
    os.mkfifo(pipe)
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    right = Phone(stack, worker, "right", Codec.PCMU, RIGHT_HZ)
    worker.order(Join("left", "right"), _record(pipe))
    _talk(1.0, left, right)
    right.socket.setblocking(False)
    heard = []
    try:
        while True:
            heard.append(right.socket.recv(2048))
    except BlockingIOError:
        pass
    assert len(heard) >= 45
    # Nobody waits for the disk when the worker ends.
    for recorder in children(worker.process.pid, RECORDER):
        os.kill(recorder, signal.SIGKILL)
    assert worker.report(RecordingEnded).code == "recorder-died"


def test_a_recorder_that_dies_leaves_a_file_that_can_be_read_and_the_next_recording_works(
    worker: WorkerProcess, stack: ExitStack, tmp_path: Path
) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", Codec.PCMU, LEFT_HZ)
    worker.order(_record(path))
    _talk(2.5, left)
    (recorder,) = children(worker.process.pid, RECORDER)
    os.kill(recorder, signal.SIGKILL)
    assert worker.report(RecordingEnded).code == "recorder-died"
    assert has_tone(_read(path.read_bytes())[1][0], LEFT_HZ)
    _talk(0.6, left)
    worker.order(_record(tmp_path / "next.wav"))
    _talk(0.5, left)
    assert _stop(worker).code == "stopped"


def test_wideband_is_kept(worker: WorkerProcess, stack: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "left.wav"
    left = Phone(stack, worker, "left", Codec.G722, 6000)
    worker.order(_record(path))
    _talk(0.6, left)
    _stop(worker)
    assert has_tone(_read(path.read_bytes())[1][0], 6000, WIDE_RATE)


def test_it_ends_by_itself_when_nothing_is_said_for_a_while(
    worker: WorkerProcess, stack: ExitStack, tmp_path: Path
) -> None:
    phone = Phone(stack, worker, "leg", Codec.PCMU, LEFT_HZ)
    path = tmp_path / "message.wav"
    worker.order(Record("leg", str(path), False, 60.0, MOST, 2.0))
    for _ in range(100):
        phone.speak()
        sleep(FRAME_S)
    ended = worker.report(RecordingEnded)
    assert ended.code == "silent"
    assert ended.seconds > 3.5
    with wave.open(str(path)) as written:
        samples = np.frombuffer(written.readframes(written.getnframes()), "<i2")
    assert has_tone(samples[: 2 * 8_000], LEFT_HZ)
