"""The sound of our own phone: sends 20 ms every 20 ms, keeps what it hears in the right order."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from time import monotonic

from offhook.domain.sounds import Codec
from offhook.engine.media import dtmf
from offhook.engine.media.g711 import SILENCE, to_linear16, transcode
from offhook.engine.media.rtp import Stream, parse_header
from offhook.engine.media.sdp import Agreement

FRAME_S = 0.02
FRAME_BYTES = 160
PACKET_LIMIT = 2048
PRESS_MS = 120
BETWEEN_PRESSES_MS = 120
HEARD_LIMIT_S = 4 * 3600
LONGEST_GAP_S = 60


class PhoneMedia:
    """One RTP socket. Speech is G.711 PCMU, 8 kHz, mono, and is transcoded when PCMA was agreed on."""

    def __init__(self, host: str, random_bits: Callable[[int], int]) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind((host, 0))
        self.port: int = self._socket.getsockname()[1]
        self.packets = 0
        self.first_packet_at: float | None = None
        self._loop = asyncio.get_running_loop()
        self._stream = Stream(ssrc=random_bits(32), sequence=random_bits(15), timestamp=random_bits(32), payload_type=0)
        self._speech = b""
        self._presses: deque[dtmf.Pulse] = deque()
        self._pressing_since = 0.0
        self._agreement: Agreement | None = None
        self._heard: dict[int, bytes] = {}
        self._first_timestamp: int | None = None
        self._sender: asyncio.Task[None] | None = None
        self._loop.add_reader(self._socket.fileno(), self._receive)

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

    def start(self, agreement: Agreement) -> None:
        """Send from now on, or go on with what was agreed on anew."""
        self._agreement = agreement
        self._stream.switch(agreement.payload_type)
        if self._sender is None:
            self._sender = self._loop.create_task(self._send())

    async def stop(self) -> None:
        """Stop sending and free the port."""
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def heard(self) -> bytes:
        """Return what was heard: linear 16-bit little-endian, 8 kHz, mono; lost packets are silence."""
        if not self._heard:
            return b""
        end = max(start + len(samples) // 2 for start, samples in self._heard.items())
        whole = bytearray(2 * end)
        for start, samples in sorted(self._heard.items()):
            whole[2 * start : 2 * start + len(samples)] = samples
        return bytes(whole)

    async def _send(self) -> None:
        due = monotonic()
        while True:
            self._send_frame()
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - monotonic()))

    def _send_frame(self) -> None:
        agreement = self._agreement
        if agreement is None or not agreement.direction.sends:
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
        frame += SILENCE[Codec.PCMU] * (FRAME_BYTES - len(frame))
        self._transmit(self._stream.next_packet(transcode(frame, Codec.PCMU, agreement.codec)), to)

    def _transmit(self, packet: bytes, to: tuple[str, int]) -> None:
        # A full buffer or a peer that is gone: sound that is lost is lost.
        with contextlib.suppress(OSError):
            self._socket.sendto(packet, to)

    def _receive(self) -> None:
        try:
            packet = self._socket.recv(PACKET_LIMIT)
        except OSError:
            return
        header = parse_header(packet)
        agreement = self._agreement
        if header is None or agreement is None:
            return
        payload_type, _, _, timestamp, _, start, end = header
        if payload_type != agreement.payload_type:
            return
        self.packets += 1
        if self._first_timestamp is None:
            self._first_timestamp = timestamp
            self.first_packet_at = monotonic()
        place = (timestamp - self._first_timestamp) & 0xFFFFFFFF
        if place < HEARD_LIMIT_S * 8000:
            self._heard[place] = to_linear16(packet[start:end], agreement.codec)
