"""One direction of two joined legs: what one hears leaves the other.

G.711 is passed on as it came if both agreed on the same law, else by table; keys under the other's payload
type, or not at all if it has none. What was not agreed on is left out.
"""

from dataclasses import dataclass
from typing import Protocol

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import TRANSCODE
from offhook.engine.media.relaying import Relaying
from offhook.engine.media.rtp import Header
from offhook.engine.net.media_outlet import Outlet


@dataclass(frozen=True, slots=True)
class Terms:
    """What a leg agreed on with its peer; no payload type means that the peer does not know keys."""

    codec: Codec
    payload_type: int
    event_type: int | None


class Side(Protocol):
    """A leg that is joined with another one."""

    @property
    def terms(self) -> Terms:
        """What it agreed on."""
        ...

    @property
    def outlet(self) -> Outlet:
        """What leaves it."""
        ...


class Relay:
    """From what `source` hears to what leaves `target`."""

    __slots__ = (
        "_audio_type",
        "_event_type",
        "_outlet",
        "_relaying",
        "_sent_event_type",
        "_source",
        "_table",
        "_target",
    )

    def __init__(self, source: Side, target: Side) -> None:
        self._source = source
        self._target = target
        self._outlet = target.outlet
        self._relaying = Relaying(target.outlet.stream)
        self.agree()

    def agree(self) -> None:
        """Go by what both sides have agreed on by now."""
        heard, sent = self._source.terms, self._target.terms
        self._audio_type = heard.payload_type
        self._event_type = heard.event_type
        self._sent_event_type = sent.event_type
        self._table = None if heard.codec is sent.codec else TRANSCODE[heard.codec]

    def pass_on(self, packet: bytes, header: Header, now: float) -> None:
        """Send a new packet of the peer on, if it has a place there."""
        outlet = self._outlet
        if not outlet.give_way():
            return
        payload_type, marker, sequence, timestamp, ssrc, start, end = header
        payload = packet[start:end]
        passed: bytes | None
        if payload_type == self._audio_type:
            if self._table is not None:
                payload = payload.translate(self._table)
            passed = self._relaying.audio(sequence, timestamp, ssrc, marker, payload, now)
        elif payload_type == self._event_type and self._sent_event_type is not None:
            passed = self._relaying.event(sequence, timestamp, ssrc, marker, payload, self._sent_event_type, now)
        else:
            self._relaying.leave_out(sequence, ssrc, now)
            return
        if passed is not None:
            outlet.relay(passed, now)
