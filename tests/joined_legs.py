"""Two legs that are joined, each with its peer, with one clock."""

from contextlib import ExitStack

from leg_peers import Bench
from offhook.engine.media.dtmf import press
from offhook.engine.media.rtp import FRAME_S
from offhook.engine.net.orders import Connect
from offhook.engine.net.sound_files import FRAME_BYTES

SPEECH = bytes(range(FRAME_BYTES))


class Side:
    """One leg and its peer."""

    def __init__(self, hall: Bench) -> None:
        self.hall = hall
        self.leg = hall.leg
        self.peer = hall.peer(ssrc=70 + hall.leg.outlet.stream.ssrc)

    def meet(self) -> None:
        self.hall.meet(self.peer)

    def speaks(self, payload: bytes = SPEECH, *, marker: bool = False) -> None:
        """Send one packet from the peer, and read it as the worker does."""
        if marker:
            self.peer.stream.mark()
        self.arrives(self.peer.stream.next_packet(payload))

    def arrives(self, packet: bytes) -> None:
        self.peer.rtp.sendto(packet, self.hall.address)
        self.hall.receive()

    def presses(self, key: str, payload_type: int) -> None:
        for pulse in press(key, 100):
            self.arrives(self.peer.stream.next_event(pulse.payload, payload_type, marker=pulse.marker))
        self.peer.stream.pause(800)

    def hears(self) -> list[bytes]:
        return self.peer.hears()

    def order(self, **changes: object) -> Connect:
        return self.hall.order(self.peer, **changes)  # type: ignore[arg-type]  # the names are the bench's


class Pair:
    """Two sides with one clock."""

    def __init__(self, stack: ExitStack) -> None:
        self.left, self.right = (Side(Bench(stack, ssrc)) for ssrc in (9, 8))

    @property
    def now(self) -> float:
        return self.left.hall.now

    def meet(self) -> None:
        self.left.meet()
        self.right.meet()
        # Each leg has sent a first packet of its own.
        self.turn()
        self.left.hears()
        self.right.hears()

    def join(self) -> None:
        self.left.leg.join(self.right.leg, self.now)

    def part(self) -> None:
        self.left.leg.part(self.now)

    def turn(self, seconds: float = FRAME_S) -> None:
        """Let both pumps have their turn, and time pass."""
        for side in (self.left, self.right):
            side.leg.outlet.send(side.hall.now)
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        for side in (self.left, self.right):
            side.hall.now += seconds
