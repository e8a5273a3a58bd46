"""One direction of two joined legs: what one hears leaves the other.

Sound is passed on as it came if both agreed on the same codec, and by table between the laws of G.711. Where codecs
or the length of packets differ otherwise, it takes another way (`media_passage.py`). Keys go under the other's payload
type, or not at all if it has none; so does comfort noise (RFC 3389). What was not agreed on is left out.

`receive` runs for every packet of every joined leg. It knows which header comes next and which one of ours that
becomes: a packet with that header is passed on, and anything else is looked at (`pass_on`), as is every so many
packets, whatever they are. Stream and statistics learn of the others when somebody wants them (`settle`).
"""

from dataclasses import dataclass
from typing import Protocol

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import are_laws
from offhook.engine.media.g711 import TRANSCODE
from offhook.engine.media.quality import JITTER_GAIN
from offhook.engine.media.relaying import PAUSE_S, Relaying
from offhook.engine.media.rtp import CLOCK_HZ, FRAME_SAMPLES, HEADER_SIZE, Header, step
from offhook.engine.net.media_cipher import PACKET_LIMIT, Receive
from offhook.engine.net.media_lifesigns import NEVER
from offhook.engine.net.media_outlet import Outlet, Transmit
from offhook.engine.net.media_passage import Passage
from offhook.engine.net.media_transcoding import Kind, Speech, Transcoding

LOOK_EVERY = 64
"""Of so many packets in a row one is looked at."""

NOISE_S = 10.0
"""So long comfort noise stands for the source; many repeat it sooner (RFC 3389 section 5.1 leaves it to them)."""

GAP_S = 0.06
"""What comes so long after the packet before is looked at: a gap of the network."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a leg agreed on with its peer; no payload type means that the peer does not know keys, or comfort noise.

    `packet_bytes` is how much sound the peer would like to find in a packet.
    Where keys are tones, each packet of sound is looked at.
    """

    codec: Codec
    payload_type: int
    event_type: int | None
    packet_bytes: int = FRAME_SAMPLES
    noise_type: int | None = None
    has_tones: bool = False


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

    @property
    def receive(self) -> Receive:
        """Reads what its peer sends."""
        ...

    @property
    def is_recorded(self) -> bool:
        """Whether each of its packets is to be looked at."""
        ...

    def is_newest(self, sequence: int) -> bool:
        """Whether the packet of this number is the last one in order so far."""
        ...

    @property
    def jitter_s(self) -> float:
        """The jitter of what its peer sent so far."""
        ...

    def passed(self, packets: int, samples: int, seconds: float, jitter_s: float, now: float) -> None:
        """Count packets that were passed on in order, each of so many samples.

        The last of them came now, and so long after the one before them all. The jitter is what it is by now.
        """
        ...


class _Run:
    """What `receive` touches, side by side in memory: slots of a base class come first."""

    __slots__ = (
        "_jitter_s",
        "_ours",
        "_packet_s",
        "_receive",
        "_size",
        "_step",
        "_table",
        "_theirs",
        "_transmit",
        "heard_at",
        "left",
    )

    _jitter_s: float
    _ours: int
    _packet_s: float
    _receive: Receive
    _size: int
    _step: int
    _table: bytes | None
    _theirs: int
    _transmit: Transmit
    heard_at: float
    left: int


class Relay(_Run):
    """From what `source` hears to what leaves `target`.

    While packets are `left` of a run, they are read with `receive`. `heard_at` is when the last one was passed on.
    """

    __slots__ = (
        "_audio_type",
        "_began_at",
        "_began_with",
        "_event_type",
        "_noise_type",
        "_outlet",
        "_packet_bytes",
        "_passage",
        "_relaying",
        "_rests_s",
        "_sent_event_type",
        "_sent_noise_type",
        "_source",
        "_target",
        "_transcoding",
        "_turned",
    )

    def __init__(self, source: Side, target: Side, transcoding: Transcoding) -> None:
        self.left = 0
        self.heard_at = NEVER
        self._rests_s = PAUSE_S
        self._source = source
        self._target = target
        self._outlet = target.outlet
        self._relaying = Relaying(target.outlet.stream)
        self._began_with = 0
        self._transcoding = transcoding
        self._turned: tuple[Codec, Codec] | None = None
        self._packet_bytes = FRAME_SAMPLES
        self._passage: Passage | None = None
        self.agree()

    def agree(self) -> None:
        """Go by what both sides have agreed on by now."""
        self.settle()
        heard, sent = self._source.terms, self._target.terms
        self._receive = self._source.receive
        self._audio_type = heard.payload_type
        self._event_type = heard.event_type
        self._sent_event_type = sent.event_type
        self._noise_type = heard.noise_type
        self._sent_noise_type = sent.noise_type
        is_by_table = heard.codec is not sent.codec and are_laws(heard.codec, sent.codec)
        self._table = TRANSCODE[heard.codec] if is_by_table else None
        turned = None if heard.codec is sent.codec or self._table else (heard.codec, sent.codec)
        if turned != self._turned or sent.packet_bytes != self._packet_bytes:
            self._turned, self._packet_bytes = turned, sent.packet_bytes
            self.close()
            if turned is not None:
                self._open()

    def close(self) -> None:
        """Pass nothing on any more that is on its way."""
        if self._passage is not None:
            self._passage.close()
            self._passage = None
            self._relaying.begin_anew()

    def _open(self) -> None:
        """Let the sound take the other way from now on."""
        turn = None if self._turned is None else (self._transcoding, *self._turned)
        self._passage = Passage(self._packet_bytes, self._emerge, turn)
        self._relaying.begin_anew()

    def receive(self, now: float) -> bytes | None:
        """Read a packet and pass it on; return it instead if it is to be looked at. Raises `OSError`."""
        packet = self._receive(PACKET_LIMIT)
        theirs = self._theirs
        since_s = now - self.heard_at
        if int.from_bytes(packet[:HEADER_SIZE], "big") != theirs or len(packet) != self._size or since_s > GAP_S:
            return packet
        # RFC 3550 section 6.4.1: every packet counts.
        self._jitter_s += (abs(since_s - self._packet_s) - self._jitter_s) * JITTER_GAIN
        ours = self._ours
        self._theirs = theirs + self._step
        self._ours = ours + self._step
        self.heard_at = now
        self.left -= 1
        payload = packet[HEADER_SIZE:]
        if self._table is not None:
            payload = payload.translate(self._table)
        try:
            self._transmit(ours.to_bytes(HEADER_SIZE, "big") + payload)
        except OSError as error:
            self._outlet.refused(error, now)
        return None

    def rests_until(self) -> float:
        """Return when the line is our own again unless more comes."""
        return self.heard_at + self._rests_s

    def settle(self) -> None:
        """End the run: streams and statistics learn what was passed on."""
        packets = self._began_with - self.left
        if packets:
            self._relaying.advance(packets, self._size - HEADER_SIZE, self.heard_at)
            samples, seconds = self._size - HEADER_SIZE, self.heard_at - self._began_at
            self._source.passed(packets, samples, seconds, self._jitter_s, self.heard_at)
        self._began_with = self.left = 0

    def interrupt(self) -> None:
        """Begin anew with what comes next: somebody else has had the line meanwhile."""
        self.settle()
        self._relaying.interrupt()
        self.heard_at = NEVER

    def pass_on(self, packet: bytes, header: Header, now: float) -> None:
        """Send a new packet of the peer on, if it has a place there."""
        if not self._outlet.give_way():
            return
        payload_type, marker, sequence, timestamp, ssrc, start, end = header
        payload = packet[start:end]
        kind = self._kind(payload_type)
        if kind is Kind.AUDIO:
            if self._table is not None:
                payload = payload.translate(self._table)
            if self._passage is None and len(payload) != self._packet_bytes:
                self._open()
        if self._passage is not None:
            self._passage.take(Speech(sequence, timestamp, ssrc, marker, payload, kind), now)
        elif kind is Kind.AUDIO:
            passed = self._relaying.audio(sequence, timestamp, ssrc, marker, payload, now)
            # What is bare and in order now is taken to be so next time, unless somebody listens.
            is_heard = self._source.terms.has_tones or self._source.is_recorded
            is_bare = len(packet) == HEADER_SIZE + len(payload) and not is_heard
            if self._leave(passed, now) and is_bare and self._source.is_newest(sequence):
                self._begin(len(payload), now)
        elif kind is Kind.NOTHING:
            self._relaying.leave_out(sequence, ssrc, now)
        else:
            self._emerge(Speech(sequence, timestamp, ssrc, marker, payload, kind), now)

    def _kind(self, payload_type: int) -> Kind:
        if payload_type == self._audio_type:
            return Kind.AUDIO
        if payload_type == self._event_type and self._sent_event_type is not None:
            return Kind.EVENT
        if payload_type == self._noise_type and self._sent_noise_type is not None:
            return Kind.NOISE
        return Kind.NOTHING

    def _leave(self, packet: bytes | None, now: float) -> bool:
        """Send a packet; False if it had no place."""
        if packet is None:
            return False
        self.heard_at = now
        self._rests_s = PAUSE_S
        self._outlet.relay(packet, self, now)
        return True

    def _emerge(self, speech: Speech, now: float) -> None:
        """Send what has come through the passage, or needs none."""
        if not self._outlet.give_way():
            return
        place = (speech.sequence, speech.timestamp, speech.ssrc, speech.marker, speech.payload)
        if speech.kind is Kind.AUDIO:
            self._leave(self._relaying.audio(*place, now), now)
        elif speech.kind is Kind.NOISE and self._sent_noise_type is not None:
            self._leave(self._relaying.event(*place, self._sent_noise_type, now), now)
            # Until the source speaks again, the other side makes the noise itself: silence of ours would cut it short.
            self._rests_s = NOISE_S
        elif self._sent_event_type is not None:
            self._leave(self._relaying.event(*place, self._sent_event_type, now), now)

    def _begin(self, samples: int, now: float) -> None:
        self._theirs, self._ours, frames = self._relaying.frames_ahead(self._audio_type, samples)
        self._began_with = self.left = min(frames, LOOK_EVERY - 1)
        self._began_at = now
        self._size = HEADER_SIZE + samples
        self._packet_s = samples / CLOCK_HZ
        self._jitter_s = self._source.jitter_s
        self._step = step(samples)
        self._transmit = self._outlet.transmit
