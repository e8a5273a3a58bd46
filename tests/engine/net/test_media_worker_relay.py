"""Two legs joined in the real process, with phones that speak in real time."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from time import monotonic, sleep

import pytest

from ear import decode, has_tone
from free_ports import udp_range
from leg_peers import header
from media_process import HOST, PATIENCE_S, WorkerProcess, connection, phone_socket, worker_process
from offhook.domain.sounds import Codec
from offhook.engine.media.dtmf import press
from offhook.engine.media.g711 import SILENCE, from_linear16
from offhook.engine.media.rtp import Stream
from offhook.engine.media.tones import RINGING_HZ
from offhook.engine.net.g722 import encode
from offhook.engine.net.orders import Close, Closed, Digit, FirstIn, Join, Open, Opened, Part, Quiet, Ring, Start
from processes import children, gone_within
from soundfiles import sine

TRANSCODER = "offhook.engine.net.transcoder"
FRAME = 160
FRAME_S = 0.02
QUIET = SILENCE[Codec.PCMU] * FRAME
# No whole number of periods in 20 ms, so that no frame is like its neighbours.
LEFT_HZ, RIGHT_HZ = 613.0, 1013.0


class Phone:
    """A socket that speaks a tone, and its leg."""

    def __init__(self, worker: WorkerProcess, name: str, codec: Codec, hz: float, event_type: int = 101) -> None:
        self.name = name
        self.socket = phone_socket()
        self.codec = codec
        self.event_type = event_type
        self.stream = Stream(ssrc=7, sequence=100, timestamp=0, payload_type={"PCMU": 0, "PCMA": 8, "G722": 9}[codec])
        samples = _coded(codec, hz)
        self.frames = [samples[at : at + FRAME] for at in range(0, len(samples), FRAME)]
        self.heard: list[bytes] = []
        worker.order(Open(name, HOST, 9, 10, 20))
        self.leg = (HOST, worker.report(Opened).port)
        self.worker = worker

    def answer(self) -> None:
        """Let the leg be connected and started; it is when its first packet is here."""
        order = replace(connection(self.name, self.socket, codec=self.codec.value), event_type=self.event_type)
        self.worker.order(order, Start(self.name))
        self.heard.append(self.socket.recv(2048))

    def speak(self, place: int) -> None:
        self.socket.sendto(self.stream.next_packet(self.frames[place % len(self.frames)]), self.leg)

    def listen(self) -> None:
        """Take what has come."""
        self.socket.setblocking(False)
        try:
            while True:
                self.heard.append(self.socket.recv(2048))
        except BlockingIOError:
            self.socket.settimeout(PATIENCE_S)

    def listen_until(self, payload: bytes) -> None:
        """Take what comes until this has come."""
        while not self.heard or self.heard[-1][12:] != payload:
            self.heard.append(self.socket.recv(2048))

    def hears(self, hz: float) -> bool:
        sound = b"".join(packet[12:] for packet in self.heard if header(packet)[0] != self.event_type)
        return has_tone(decode(sound, self.codec), hz)

    def is_one_line(self) -> bool:
        """Whether what was heard is one source without a hole, whose time never goes back."""
        headers = [header(packet) for packet in self.heard]
        assert {one[4] for one in headers} == {9}
        numbers, times = [one[2] for one in headers], [one[3] for one in headers]
        return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and times == sorted(times)


def _coded(codec: Codec, hz: float) -> bytes:
    samples = sine(hz, 2.0, codec.rate_hz).tobytes()
    return encode(samples) if codec is Codec.G722 else from_linear16(samples, codec)


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    with worker_process(udp_range(8)) as made:
        yield made


@pytest.fixture
def phones() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _phone(stack: ExitStack, worker: WorkerProcess, name: str, codec: Codec, hz: float, event_type: int = 101) -> Phone:
    phone = Phone(worker, name, codec, hz, event_type)
    stack.enter_context(phone.socket)
    return phone


def _pair(stack: ExitStack, worker: WorkerProcess, left: Codec, right: Codec) -> tuple[Phone, Phone]:
    pair = _phone(stack, worker, "left", left, LEFT_HZ), _phone(stack, worker, "right", right, RIGHT_HZ, 96)
    for phone in pair:
        phone.answer()
        phone.speak(0)
        assert worker.report(FirstIn).leg == phone.name
    return pair


def _joined(stack: ExitStack, worker: WorkerProcess, left: Codec, right: Codec) -> tuple[Phone, Phone]:
    pair = _pair(stack, worker, left, right)
    worker.order(Join("left", "right"))
    return pair


def _talk(pair: tuple[Phone, Phone], frames: int) -> None:
    """Let both speak, and each keep what it hears."""
    for place in range(frames):
        for phone in pair:
            phone.speak(place)
            phone.listen()
        sleep(FRAME_S)
    sleep(2 * FRAME_S)
    for phone in pair:
        phone.listen()


def _talk_until_heard(pair: tuple[Phone, Phone]) -> None:
    """Let both speak until each has heard the other for half a second: a transcoder takes its time to start."""
    left, right = pair
    until = monotonic() + PATIENCE_S
    while True:
        _talk(pair, 25)
        if (left.hears(RIGHT_HZ) and right.hears(LEFT_HZ)) or monotonic() > until:
            return
        for phone in pair:
            phone.heard.clear()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Codec.PCMU, Codec.PCMU),
        (Codec.PCMA, Codec.PCMA),
        (Codec.PCMU, Codec.PCMA),
        (Codec.G722, Codec.G722),
        (Codec.PCMU, Codec.G722),
        (Codec.G722, Codec.PCMA),
    ],
)
def test_each_hears_the_others_tone_in_its_own_codec(
    worker: WorkerProcess, phones: ExitStack, left: Codec, right: Codec
) -> None:
    pair = _joined(phones, worker, left, right)
    _talk_until_heard(pair)
    for phone, its_own, others in zip(pair, (LEFT_HZ, RIGHT_HZ), (RIGHT_HZ, LEFT_HZ), strict=True):
        assert phone.hears(others)
        assert not phone.hears(its_own)
        assert phone.is_one_line()


def test_a_transcoder_that_dies_is_started_again_and_the_call_goes_on(worker: WorkerProcess, phones: ExitStack) -> None:
    left, right = pair = _joined(phones, worker, Codec.G722, Codec.PCMU)
    _talk_until_heard(pair)
    (transcoder,) = children(worker.process.pid, TRANSCODER)
    os.kill(transcoder, signal.SIGKILL)
    for phone in pair:
        phone.heard.clear()
    _talk_until_heard(pair)
    assert children(worker.process.pid, TRANSCODER) != [transcoder]
    assert right.hears(LEFT_HZ)
    assert left.hears(RIGHT_HZ)


def test_a_transcoder_ends_with_its_worker_and_is_not_there_without_g722(
    worker: WorkerProcess, phones: ExitStack
) -> None:
    _joined(phones, worker, Codec.PCMU, Codec.PCMA)
    assert children(worker.process.pid, TRANSCODER) == []
    _phone(phones, worker, "third", Codec.G722, LEFT_HZ).answer()
    (transcoder,) = children(worker.process.pid, TRANSCODER)
    worker.process.kill()
    worker.process.wait(PATIENCE_S)
    assert gone_within(transcoder, PATIENCE_S)


def test_one_line_lasts_over_silence_ringing_a_join_a_part_and_another_join(
    worker: WorkerProcess, phones: ExitStack
) -> None:
    pair = _pair(phones, worker, Codec.PCMU, Codec.PCMU)
    left, right = pair
    worker.order(Ring("left"))
    _talk(pair, 10)
    assert left.hears(RINGING_HZ)
    worker.order(Quiet("left"))
    _talk(pair, 5)
    worker.order(Join("right", "left"))
    _talk(pair, 10)
    worker.order(Part("left"))
    _talk(pair, 10)
    for phone in pair:
        phone.listen_until(QUIET)
    worker.order(Join("left", "right"))
    left.speak(9)
    right.listen_until(left.frames[9])
    right.speak(9)
    left.listen_until(right.frames[9])
    assert left.is_one_line()
    assert right.is_one_line()


def test_a_key_is_told_and_passed_on_by_the_others_number(worker: WorkerProcess, phones: ExitStack) -> None:
    pair = _joined(phones, worker, Codec.PCMU, Codec.PCMA)
    left, right = pair
    _talk(pair, 5)
    for pulse in press("7", 100):
        packet = left.stream.next_event(pulse.payload, 101, marker=pulse.marker)
        left.socket.sendto(packet, left.leg)
    assert worker.report(Digit) == Digit("left", "7")
    _talk(pair, 5)
    keys = [packet for packet in right.heard if header(packet)[0] == 96]
    assert [packet[12] for packet in keys] == [7, 7, 7, 7]
    assert header(keys[0])[1]
    assert right.is_one_line()


def test_loss_stays_visible(worker: WorkerProcess, phones: ExitStack) -> None:
    pair = _joined(phones, worker, Codec.PCMU, Codec.PCMU)
    left, right = pair
    _talk(pair, 5)
    # At once, so that no pause of ours can be taken for one of the source.
    left.speak(5)
    left.stream.next_packet(left.frames[6])
    left.speak(7)
    right.listen_until(left.frames[7])
    before, after = (header(packet)[2] for packet in right.heard[-2:])
    assert after == before + 2


def test_a_stranger_is_never_passed_on(worker: WorkerProcess, phones: ExitStack) -> None:
    pair = _joined(phones, worker, Codec.PCMU, Codec.PCMU)
    left, right = pair
    stranger = phones.enter_context(phone_socket())
    foreign = Stream(ssrc=7, sequence=100, timestamp=0, payload_type=0)
    for _ in range(5):
        stranger.sendto(foreign.next_packet(b"\x33" * FRAME), left.leg)
        _talk(pair, 2)
    assert b"\x33" * FRAME not in [packet[12:] for packet in right.heard]
    assert right.hears(LEFT_HZ)


def test_early_media_is_passed_back_when_the_caller_is_there(worker: WorkerProcess, phones: ExitStack) -> None:
    caller = _phone(phones, worker, "left", Codec.PCMU, LEFT_HZ)
    callee = _phone(phones, worker, "right", Codec.PCMU, RIGHT_HZ)
    callee.answer()
    worker.order(Join("left", "right"))
    callee.speak(0)
    worker.report(FirstIn)
    _talk((caller, callee), 5)
    assert caller.heard == []
    caller.answer()
    _talk((caller, callee), 20)
    assert caller.hears(RIGHT_HZ)


def test_a_close_parts_the_partner_which_goes_on_with_silence(worker: WorkerProcess, phones: ExitStack) -> None:
    pair = _joined(phones, worker, Codec.PCMU, Codec.PCMU)
    left, right = pair
    _talk(pair, 10)
    right.speak(10)
    left.listen_until(right.frames[10])
    worker.order(Close("right"))
    closed = worker.report(Closed)
    right.listen()
    assert closed.sent == len(right.heard)
    assert closed.received == 12
    # A leg that is gone joins nobody.
    worker.order(Join("left", "right"))
    left.listen_until(QUIET)
    assert left.is_one_line()


def test_a_worker_that_is_killed_sends_nothing_more(worker: WorkerProcess, phones: ExitStack) -> None:
    pair = _joined(phones, worker, Codec.PCMU, Codec.PCMU)
    left, right = pair
    _talk(pair, 5)
    worker.process.kill()
    worker.process.wait(PATIENCE_S)
    for phone in pair:
        phone.listen()
    heard = len(left.heard), len(right.heard)
    for phone in pair:
        # Nobody is there any more: the phone's kernel may say so.
        phone.socket.sendto(phone.stream.next_packet(phone.frames[0]), phone.leg)
    sleep(5 * FRAME_S)
    for phone in pair:
        phone.listen()
    assert (len(left.heard), len(right.heard)) == heard
