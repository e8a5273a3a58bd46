"""One end of a call: its SIP leg, what was negotiated with it, and its media."""

from collections.abc import Callable
from typing import Protocol

from offhook.engine.net.answers import NO_CODEC
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.media_pool import LegNews, MediaLeg, MediaPool
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.orders import Closed


class Note(Protocol):
    """Writes a line into the call's timeline."""

    def __call__(
        self, kind: str, text: str, code: str | None = None, data: dict[str, object] | None = None
    ) -> None: ...


class Party:
    """A caller, or a callee. `prefix` stands before the kinds of its lines in the timeline."""

    def __init__(self, endpoint: Endpoint, leg: str, negotiation: Negotiation, note: Note, prefix: str = "") -> None:
        self.leg = leg
        self.negotiation = negotiation
        self.media: MediaLeg | None = None
        self._endpoint = endpoint
        self._note = note
        self._prefix = prefix

    async def open(
        self,
        pool: MediaPool,
        on_news: Callable[[LegNews], None],
        on_death: Callable[[], None],
        *,
        name: str,
        beside: MediaLeg | None = None,
    ) -> MediaLeg:
        """Make a media leg, in the worker of the leg that it is to be joined with. Raises `MediaUnavailable`."""

        def died() -> None:
            self.media = None
            on_death()

        own = self._endpoint.own_toward(self.negotiation.signalling_ip)
        return await pool.open(name, own, on_news, died, beside=beside)

    def connect(self) -> None:
        """Send to where the peer said, and hear it."""
        if self.media is not None:
            self._note(f"{self._prefix}media", self.negotiation.described())
            self.media.connect(self.negotiation.order(self.media.name))
            self.media.start()

    def reoffered(self, sdp: bytes) -> None:
        """The peer wants other media."""
        agent, now = self._endpoint.agent, self._endpoint.now()
        body = self.negotiation.reoffered(sdp)
        if body is None or self.media is None:
            self._endpoint.do(agent.decline(self.leg, NO_CODEC, now))
            return
        self._note(f"{self._prefix}media-changed", self.negotiation.described())
        self._endpoint.do(agent.accept(self.leg, body, now))
        if not self.negotiation.waits_for_answer:
            self.connect()

    def hang_up(self) -> None:
        """End the leg in the way its state asks for."""
        self._endpoint.do(self._endpoint.agent.hang_up(self.leg, self._endpoint.now()))

    async def close(self) -> None:
        """Free the media, and note what it was like."""
        media, self.media = self.media, None
        if media is not None and (closed := await media.close()) is not None:
            self._note_quality(closed)

    def _note_quality(self, closed: Closed) -> None:
        heard = f"received {closed.received} packets, {closed.lost} lost, jitter {closed.jitter_ms:.1f} ms"
        data: dict[str, object] = {
            "sent": {"packets": closed.sent, "lost": closed.peer_lost, "jitter_ms": closed.peer_jitter_ms},
            "received": {
                "packets": closed.received,
                "lost": closed.lost,
                "jitter_ms": closed.jitter_ms,
                "longest_gap_ms": closed.longest_gap_ms,
            },
            "round_trip_ms": closed.round_trip_ms,
        }
        self._note(f"{self._prefix}quality", f"sent {closed.sent} packets; {heard}", data=data)
