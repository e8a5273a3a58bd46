"""What leaves one leg: packet by packet a frame of its own playback, or the other leg's sound while they are joined.

`send` runs for every packet of every call, and a thousand calls share one core's caches, so it touches little:
a header as one number, a list of frames, a place in it. Whatever needs a decision ends such a run
(`_decide`), and whoever else wants stream or playback ends it first (`settle`).
"""

from collections.abc import Callable
from typing import Protocol

from offhook.domain.sounds import Codec
from offhook.engine.media.rtp import CLOCK_HZ, FRAME_SAMPLES, HEADER_SIZE, Stream, step
from offhook.engine.net.media_keys import Keypad
from offhook.engine.net.media_lifesigns import NEVER, Lifesigns
from offhook.engine.net.media_playback import Playback
from offhook.engine.net.orders import FirstOut, Report

Tell = Callable[[Report], None]
Transmit = Callable[[bytes], int]


class Tenant(Protocol):
    """The partner's sound, which has the line while it comes."""

    def rests_until(self) -> float:
        """Return when the line is our own again unless more comes."""
        ...

    def settle(self) -> None:
        """Let the line's stream learn what was sent."""
        ...

    def interrupt(self) -> None:
        """Begin anew with what comes next: somebody else has had the line meanwhile."""
        ...


class _Run:
    """What `send` touches, side by side in memory: slots of a base class come first."""

    __slots__ = ("_ends", "_frames", "_header", "_place", "_step", "transmit")

    _ends: int
    _frames: list[bytes]
    _header: int
    _place: int
    _step: int
    transmit: Transmit


class Outlet(_Run):
    """One line of packets, of `packet_samples` each.

    `transmit` sends one to the peer; `may_send` is false until the start and on hold.
    """

    __slots__ = (
        "_began",
        "_began_at",
        "_keypad",
        "_lifesigns",
        "_name",
        "_playback",
        "_stream",
        "_tell",
        "_tenant",
        "has_sent",
        "may_send",
        "packet_samples",
    )

    def __init__(self, name: str, stream: Stream, tell: Tell, lifesigns: Lifesigns, transmit: Transmit) -> None:
        self.may_send = False
        self.packet_samples = FRAME_SAMPLES
        self.transmit = transmit
        self.has_sent = False
        self._name = name
        self._stream = stream
        self._playback = Playback(name, tell)
        self._tell = tell
        self._lifesigns = lifesigns
        self._tenant: Tenant | None = None
        # While keys are pressed the line is theirs.
        self._keypad: Keypad | None = None
        # The present run: where it began, the next place, the first that is not in it.
        self._began = self._place = self._ends = 0
        self._header = 0
        self._step = step(FRAME_SAMPLES)
        self._frames = []
        self._began_at = NEVER

    @property
    def stream(self) -> Stream:
        """The line of packets, true to what has been sent."""
        self.settle()
        return self._stream

    @property
    def playback(self) -> Playback:
        """What is played, true to what has been sent."""
        self.settle()
        return self._playback

    def use(self, packet_samples: int) -> None:
        """Send packets of this length from now on."""
        self.settle()
        self.packet_samples = packet_samples
        self._step = step(packet_samples)

    def send(self, now: float) -> None:
        """Send the next packet, unless the partner's sound does."""
        place = self._place
        if place >= self._ends:
            self._decide(now)
            return
        header = self._header
        self._header = header + self._step
        self._place = place + 1
        try:
            self.transmit(header.to_bytes(HEADER_SIZE, "big") + self._frames[place])
        except OSError as error:
            self.refused(error, now)

    def give_way(self) -> bool:
        """Let the partner's sound have the line; False if nothing may be sent."""
        if self._ends:
            self.settle()
        return self.may_send and self._keypad is None

    def press(self, key: str, duration_ms: int, event_type: int | None, codec: Codec, now: float) -> None:
        """Press a key instead of what else would be sent, after those that are pressed already.

        Raises `UnknownKey`.
        """
        keypad = self._keypad or Keypad()
        keypad.press(key, duration_ms, event_type, codec)
        if self._keypad is None:
            self.settle()
            if self._tenant is not None:
                self._tenant.interrupt()
            self.take_back(now)
            self._keypad = keypad

    def relay(self, packet: bytes, tenant: Tenant, now: float) -> None:
        """Send a packet of the partner's sound, in place of our own for a while."""
        self._tenant = tenant
        self._emit(packet, now)

    def rests_until(self) -> float:
        """Return until when the partner's sound has the line, if no more of it comes."""
        return NEVER if self._tenant is None or self._keypad is not None else self._tenant.rests_until()

    def take_back(self, now: float) -> None:
        """Go on with our own sound if the line was the partner's."""
        if self._tenant is not None:
            self.stream.catch_up(now)
            self._tenant = None

    def refused(self, error: OSError, now: float) -> None:
        """Note that a packet could not be sent."""
        self._lifesigns.refused(error, now)

    def settle(self) -> None:
        """End the run, be it ours or the partner's: stream and playback learn what has been sent."""
        if self._tenant is not None:
            self._tenant.settle()
        frames = self._place - self._began
        if frames:
            self._stream.advance(frames, self.packet_samples)
            self._stream.sent_at = self._began_at + frames * self.packet_samples / CLOCK_HZ
            self._playback.advance(frames)
        self._began = self._place = self._ends = 0

    def _decide(self, now: float) -> None:
        """Send a frame that is out of the ordinary, and make a run of those that follow."""
        if self._keypad is not None and self._press(self._keypad, now):
            return
        if now < self.rests_until():
            return
        self.settle()
        # The partner's peer may have fallen still.
        self.take_back(now)
        stream, playback = self._stream, self._playback
        stream.sent_at = now
        self._emit(stream.next_packet(playback.next_frame()), now)
        self._header, steps = stream.frames_ahead(self.packet_samples)
        self._frames, self._began, end = playback.frames_ahead()
        self._began_at = now
        self._place = self._began
        self._ends = min(end, self._began + steps)

    def _press(self, keypad: Keypad, now: float) -> bool:
        """Send what the keys want to be sent; False once they are over."""
        if not keypad.is_pressing:
            self._keypad = None
            self._stream.catch_up(now)
            return False
        for packet in keypad.turn(self._stream, self.packet_samples, now):
            self._emit(packet, now)
        return True

    def _emit(self, packet: bytes, now: float) -> None:
        try:
            self.transmit(packet)
        except OSError as error:
            self.refused(error, now)
        if not self.has_sent:
            self.has_sent = True
            self._tell(FirstOut(self._name, now, bytes(packet[:HEADER_SIZE]).hex()))
