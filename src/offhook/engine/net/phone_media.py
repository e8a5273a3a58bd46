"""The sound of our own phones: sends 20 ms every 20 ms, keeps what it hears and the keys that were pressed."""

import asyncio
import contextlib
import socket
from collections import Counter, deque
from collections.abc import Callable
from time import monotonic

from offhook.domain.sounds import Codec
from offhook.engine.media import dtmf
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.g711 import to_linear16
from offhook.engine.media.rtp import FRAME_S, Stream, parse_header
from offhook.engine.media.sdp import Agreement
from offhook.engine.net.recording import RATE, SAMPLE_BYTES, Recording
from offhook.engine.net.transcoding import transcoder

FRAME_BYTES = 160
PACKET_LIMIT = 2048
PRESS_MS = 120
BETWEEN_PRESSES_MS = 120


Listener = Callable[[int, int, bytes], None]
"""Is told of each packet of sound that is heard: its SSRC, its timestamp, and samples in the form of `heard`."""

Source = Callable[[], bytes]
"""Is asked every 20 ms for what is said next: at most `FRAME_BYTES` of PCMU."""


def ignore_key(_key: str) -> None:
    """Whoever called does not care which keys are pressed."""


def lose_nothing() -> bool:
    """A line that loses no packet."""
    return False


def say_nothing() -> bytes:
    """Whoever has nothing to say but what `speak` was told."""
    return b""


def _ignore_sound(_ssrc: int, _timestamp: int, _samples: bytes) -> None:
    """Nobody listens while it sounds."""


class PhoneMedia:
    """One RTP socket. Speech is G.711 PCMU, 8 kHz, mono, and is transcoded when another codec was agreed on.

    `hears_key` is told of each key that the peer presses. One that does not speak sends nothing at all.
    """

    def __init__(
        self,
        host: str,
        random_bits: Callable[[int], int],
        *,
        hears_key: Callable[[str], None] = ignore_key,
        speaks: bool = True,
    ) -> None:
        self._host = host
        self._hears_key = hears_key
        self._speaks = speaks
        self._loop = asyncio.get_running_loop()
        self._sockets: list[socket.socket] = []
        self.port = self._open()
        self.packets_at: Counter[int] = Counter()
        self.first_packet_at: float | None = None
        self._stream = Stream(ssrc=random_bits(32), sequence=random_bits(15), timestamp=random_bits(32), payload_type=0)
        self._speech = b""
        self._presses: deque[dtmf.Pulse] = deque()
        self._pressing_since = 0.0
        self._agreement: Agreement | None = None
        self._heard_law = Codec.PCMU
        self._spoken = self._understood = transcoder(Codec.PCMU, Codec.PCMU)
        self._keys = dtmf.Receiver()
        self._recording = Recording()
        self._listener: Listener = _ignore_sound
        self._source: Source = say_nothing
        self._loses_sent = self._loses_heard = lose_nothing
        self._has_heard = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._has_started = False

    @property
    def packets(self) -> int:
        """How many packets of sound were heard; `packets_at` counts them by our port."""
        return self.packets_at.total()

    @property
    def has_started(self) -> bool:
        """Whether both sides have agreed on sound and the call was answered."""
        return self._has_started

    @property
    def is_speaking(self) -> bool:
        """Whether something that `speak` was told is still to be said."""
        return bool(self._speech)

    @property
    def is_pressing(self) -> bool:
        """Whether keys are still to be pressed."""
        return bool(self._presses)

    @property
    def takes_events(self) -> bool:
        """Whether the peer takes keys as telephone-events, and so what `press` does reaches it."""
        return self._agreement is not None and self._agreement.telephone_event is not None

    def overhear(self, listener: Listener) -> None:
        """Tell somebody of all sound as it comes."""
        self._listener = listener

    def say_from(self, source: Source) -> None:
        """Say what somebody has to say, whenever nothing is left that `speak` was told."""
        self._source = source

    def lose(self, sent: Callable[[], bool], heard: Callable[[], bool]) -> None:
        """Have a line that loses packets: each way it is asked about each one, of sound and of keys."""
        self._loses_sent, self._loses_heard = sent, heard

    def mute(self, is_mute: bool) -> None:
        """Send nothing at all from now on, or again what is due."""
        self._speaks = not is_mute
        if self._speaks and self._has_started:
            self._begin_to_send()

    def speak(self, samples: bytes) -> None:
        """Say these samples (PCMU) after what is still to be said."""
        self._speech += samples

    def press(self, digits: str) -> None:
        """Press keys one after the other. Raises `UnknownKey`."""
        for place, digit in enumerate(digits):
            offset = place * (PRESS_MS + BETWEEN_PRESSES_MS)
            self._presses += [
                dtmf.Pulse(offset + pulse.at_ms, pulse.marker, pulse.payload) for pulse in dtmf.press(digit, PRESS_MS)
            ]
        self._pressing_since = monotonic()

    def listen(self, agreement: Agreement) -> None:
        """Hear what comes from now on, and say nothing yet: early media."""
        if self._agreement is None or agreement.codec is not self._agreement.codec:
            self._spoken = transcoder(Codec.PCMU, agreement.codec)
            self._heard_law = Codec.PCMU if agreement.codec.is_wideband else agreement.codec
            self._understood = transcoder(agreement.codec, self._heard_law)
        self._agreement = agreement

    def start(self, agreement: Agreement) -> None:
        """Send from now on, or go on with what was agreed on anew."""
        self.listen(agreement)
        self._stream.switch(agreement.payload_type)
        self._has_started = True
        if self._speaks:
            self._begin_to_send()

    def send_from_another_port(self) -> int:
        """Send from now on from a port that no description names, and return it; both ports hear."""
        return self._open()

    async def stop(self) -> None:
        """Stop sending and free the ports."""
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender
        for opened in self._sockets:
            self._loop.remove_reader(opened.fileno())
            opened.close()
        self._sockets.clear()

    def heard(self) -> bytes:
        """Return what was heard: linear 16-bit little-endian, 8 kHz, mono; lost packets are silence."""
        return self._recording.samples()

    async def hear(self, seconds: float) -> bytes:
        """Wait until so much more was heard, and return it in the form of `heard`."""
        start = self._recording.length
        end = start + round(seconds * RATE)
        while self._recording.length < end:
            self._has_heard.clear()
            await self._has_heard.wait()
        return self.heard()[SAMPLE_BYTES * start : SAMPLE_BYTES * end]

    def _open(self) -> int:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        opened.bind((self._host, 0))
        self._sockets.append(opened)
        port: int = opened.getsockname()[1]
        self._loop.add_reader(opened.fileno(), self._receive, opened, port)
        return port

    def _begin_to_send(self) -> None:
        if self._sender is None:
            self._sender = self._loop.create_task(self._send())

    async def _send(self) -> None:
        due = monotonic()
        while True:
            self._send_frame()
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - monotonic()))

    def _send_frame(self) -> None:
        agreement = self._agreement
        if agreement is None:
            return
        if not self._speaks or not agreement.direction.sends:
            self._stream.pause(FRAME_BYTES)
            return
        to = (agreement.remote_address, agreement.remote_port)
        if self._presses and agreement.telephone_event is not None:
            elapsed = (monotonic() - self._pressing_since) * 1000
            while self._presses and self._presses[0].at_ms <= elapsed:
                pulse = self._presses.popleft()
                self._transmit(
                    self._stream.next_event(pulse.payload, agreement.telephone_event, marker=pulse.marker), to
                )
                if not self._presses or self._presses[0].at_ms - pulse.at_ms > BETWEEN_PRESSES_MS:
                    self._stream.pause(PRESS_MS * 8)
            if self._presses:
                return
        frame, self._speech = self._speech[:FRAME_BYTES], self._speech[FRAME_BYTES:]
        # It is asked in any case: what it had to say meanwhile would come late.
        spoken = self._source()[:FRAME_BYTES]
        frame = frame or spoken
        frame += SILENCE[Codec.PCMU] * (FRAME_BYTES - len(frame))
        self._transmit(self._stream.next_packet(self._spoken(frame)), to)

    def _transmit(self, packet: bytes, to: tuple[str, int]) -> None:
        if self._loses_sent():
            return
        # A full buffer or a peer that is gone: sound that is lost is lost.
        with contextlib.suppress(OSError):
            self._sockets[-1].sendto(packet, to)

    def _receive(self, opened: socket.socket, port: int) -> None:
        try:
            packet = opened.recv(PACKET_LIMIT)
        except OSError:
            return
        if self._loses_heard():
            return
        header = parse_header(packet)
        agreement = self._agreement
        if header is None or agreement is None:
            return
        payload_type, marker, _, timestamp, ssrc, start, end = header
        payload = packet[start:end]
        if payload_type == agreement.payload_type:
            self._keep(ssrc, timestamp, to_linear16(self._understood(payload), self._heard_law), port)
        elif payload_type == agreement.telephone_event:
            key = self._keys.receive(payload, timestamp, marker)
            if key is not None:
                self._hears_key(key)

    def _keep(self, ssrc: int, timestamp: int, samples: bytes, port: int) -> None:
        self.packets_at[port] += 1
        if self.first_packet_at is None:
            self.first_packet_at = monotonic()
        self._recording.add(ssrc, timestamp, samples)
        self._listener(ssrc, timestamp, samples)
        self._has_heard.set()
