"""Keys that we press on a leg's line: telephone-events where the peer knows them, else tones, one after the other.

While `is_pressing` the line is theirs. `turn` is called for every packet of the line; what it returns is to be sent
at once.
"""

from collections import deque

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.dtmf import Pulse, press
from offhook.engine.media.rtp import Stream
from offhook.engine.net.media_tones import key_turn

WAITING_LIMIT = 32
"""Keys that wait for those before them; what is pressed beyond is lost."""
BETWEEN_S = 0.08
"""Between two keys; who hears tones wants 40 ms of silence (ITU-T Q.24)."""


class Keypad:
    """The keys that are pressed on one line of packets."""

    __slots__ = ("_began_at", "_event_type", "_frames", "_may_begin_at", "_pulses", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, int, int | None, Codec]] = deque()
        # Of the present key; only one of the two has something in it.
        self._pulses: deque[Pulse] = deque()
        self._frames: deque[bytes] = deque()
        self._event_type = -1
        self._began_at = 0.0
        self._may_begin_at = 0.0

    @property
    def is_pressing(self) -> bool:
        """Whether a key is pressed, or waits."""
        return bool(self._waiting or self._pulses or self._frames)

    def press(self, key: str, duration_ms: int, event_type: int | None, codec: Codec) -> None:
        """Press a key after those that wait; without a payload type of events it is a tone. Raises `UnknownKey`."""
        # What is on no keypad must fail here and not when its turn comes.
        press(key, duration_ms)
        if len(self._waiting) < WAITING_LIMIT:
            self._waiting.append((key.upper(), duration_ms, event_type, codec))

    def turn(self, stream: Stream, packet_bytes: int, now: float) -> list[bytes]:
        """Return the packets of this turn, at the stream's place; those with sound are so long."""
        if not self._pulses and not self._frames:
            if now < self._may_begin_at or not self._waiting:
                return []
            self._begin(stream, packet_bytes, now)
        if self._frames:
            stream.sent_at = now
            return [stream.next_packet(self._frames.popleft())]
        elapsed_ms = (now - self._began_at) * 1000
        packets = []
        while self._pulses and self._pulses[0].at_ms <= elapsed_ms:
            pulse = self._pulses.popleft()
            packets.append(stream.next_event(pulse.payload, self._event_type, marker=pulse.marker))
        if not self._pulses:
            self._may_begin_at = now + BETWEEN_S
        return packets

    def _begin(self, stream: Stream, packet_bytes: int, now: float) -> None:
        key, duration_ms, event_type, codec = self._waiting.popleft()
        stream.catch_up(now)
        self._began_at = now
        if event_type is not None:
            self._event_type = event_type
            self._pulses.extend(press(key, duration_ms))
            return
        sound = key_turn(key, duration_ms, codec)
        sound += SILENCE[codec] * (-len(sound) % packet_bytes)
        self._frames.extend(sound[at : at + packet_bytes] for at in range(0, len(sound), packet_bytes))
