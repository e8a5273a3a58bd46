"""What one leg hears, put on another leg's line of packets (a translator's work, RFC 3550 section 7).

Loss and order of the source stay visible: its gaps become gaps. Where its numbers tell nothing - at its
beginning, with a new SSRC, after a jump, after a pause in which somebody else sent - the line goes on
where it was, by the time that really passed, with the marker. Absent: reports, which each leg makes itself.
"""

from math import inf

from offhook.engine.media.quality import REORDERING_LIMIT, SEQUENCE_GAP_LIMIT
from offhook.engine.media.rtp import CLOCK_HZ, Stream, headers_from

PAUSE_S = 0.2
"""A source that has been still for so long is over, until it begins again: others may use the line."""

CLOCK_TOLERANCE = CLOCK_HZ
"""A timestamp so many samples from the time that passed is a jump: a second, more than a network delays."""

_LONGEST_EVENT = 0x10000
_NOBODY = -1


class Relaying:
    """Puts the packets of one source on `stream`. Give it only packets that are new, in order of arrival."""

    __slots__ = ("_audio_at", "_began", "_sequence", "_ssrc", "_stream", "_timestamp", "_until")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._ssrc = _NOBODY
        # What the source's next packet carries if nothing is lost; it belongs to the stream's next place.
        self._sequence = 0
        self._timestamp = 0
        # Our own sequence number from which on each of the source's has its place.
        self._began = 0
        self._audio_at = 0.0
        self._until = -inf

    def audio(self, sequence: int, timestamp: int, ssrc: int, marker: bool, payload: bytes, now: float) -> bytes | None:
        """Return the packet that carries this audio on; None for what is too late to have a place."""
        stream = self._stream
        is_next = sequence == self._sequence and timestamp == self._timestamp and ssrc == self._ssrc
        if not is_next or now >= self._until:
            packets, samples = self._steps(sequence, timestamp)
            expected = (now - self._audio_at) * CLOCK_HZ
            if not self._goes_on(packets, ssrc, now):
                self._begin(timestamp, ssrc, now)
            elif packets < 0:
                return self._late(packets, samples, payload, None, marker=marker)
            elif samples < 0 or abs(samples - expected) > CLOCK_TOLERANCE:
                self._begin(timestamp, ssrc, now)
            else:
                stream.skip(packets, samples)
        if marker:
            stream.mark()
        self._sequence = (sequence + 1) & 0xFFFF
        self._timestamp = (timestamp + len(payload)) & 0xFFFFFFFF
        self._audio_at = stream.sent_at = now
        self._until = now + PAUSE_S
        return stream.next_packet(payload)

    def frames_ahead(self, payload_type: int, samples: int) -> tuple[int, int, int]:
        """Return the headers of the source's next packet and of ours, and for how many frames both go on by `step`.

        The headers are large numbers. Whoever passes such frames on by itself tells `advance` about them.
        """
        heard, heard_frames = headers_from(payload_type, self._sequence, self._timestamp, self._ssrc, samples)
        sent, sent_frames = self._stream.frames_ahead(samples)
        return heard, sent, min(heard_frames, sent_frames)

    def advance(self, frames: int, samples: int, now: float) -> None:
        """Go on by frames of so many samples that were passed on, the last of them now."""
        self._stream.advance(frames, samples)
        self._sequence = (self._sequence + frames) & 0xFFFF
        self._timestamp = (self._timestamp + frames * samples) & 0xFFFFFFFF
        self._audio_at = self._stream.sent_at = now
        self._until = now + PAUSE_S

    def event(
        self,
        sequence: int,
        timestamp: int,
        ssrc: int,
        marker: bool,
        payload: bytes,
        payload_type: int,
        now: float,
    ) -> bytes | None:
        """Return the packet that carries a telephone-event on, under the other leg's payload type.

        All packets of an event carry the timestamp of its beginning, which may lie before that of audio
        already sent (RFC 4733 section 2.2.1): it is kept in its distance, and the line does not advance.
        """
        packets, samples = self._steps(sequence, timestamp)
        most = (now - self._audio_at) * CLOCK_HZ + CLOCK_TOLERANCE
        if not self._goes_on(packets, ssrc, now):
            self._begin(timestamp, ssrc, now)
            packets = samples = 0
        elif packets < 0:
            return self._late(packets, samples, payload, payload_type, marker=marker)
        elif not -_LONGEST_EVENT <= samples <= most:
            self._begin(timestamp, ssrc, now)
            packets = samples = 0
        self._stream.skip(packets, 0)
        self._sequence = (sequence + 1) & 0xFFFF
        self._until = now + PAUSE_S
        packet = self._stream.packet_at(0, samples, payload, payload_type, marker=marker)
        self._stream.skip(1, 0)
        return packet

    def interrupt(self) -> None:
        """Let the next packet begin anew, as after a pause."""
        self._until = -inf

    def leave_out(self, sequence: int, ssrc: int, now: float) -> None:
        """Step over a packet that is not passed on, so that the other side does not take it for lost.

        From here on the source's numbers are fewer in our line: what it overtook has no place any more.
        """
        packets, _ = self._steps(sequence, 0)
        if packets >= 0 and self._goes_on(packets, ssrc, now):
            self._stream.skip(packets, 0)
            self._sequence = (sequence + 1) & 0xFFFF
            self._began = self._stream.sequence

    def begin_anew(self) -> None:
        """Take the source's numbers for new ones from now on: somebody else counts."""
        self._ssrc = _NOBODY

    def _steps(self, sequence: int, timestamp: int) -> tuple[int, int]:
        """Return how far a packet is from the one that is next, as signed numbers."""
        packets = ((sequence - self._sequence + 0x8000) & 0xFFFF) - 0x8000
        samples = ((timestamp - self._timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return packets, samples

    def _goes_on(self, packets: int, ssrc: int, now: float) -> bool:
        return ssrc == self._ssrc and now < self._until and -REORDERING_LIMIT <= packets < SEQUENCE_GAP_LIMIT

    def _begin(self, timestamp: int, ssrc: int, now: float) -> None:
        """Let the stream's next place be that of this packet."""
        self._stream.catch_up(now)
        self._ssrc = ssrc
        self._timestamp = timestamp
        self._audio_at = now
        self._began = self._stream.sequence

    def _late(
        self, packets: int, samples: int, payload: bytes, payload_type: int | None, *, marker: bool
    ) -> bytes | None:
        """Return a packet that others overtook, for its place in the line, unless that is somebody else's."""
        is_of_this_source = self._stream.sequence + packets >= self._began
        if not is_of_this_source or not -_LONGEST_EVENT <= samples <= 0:
            return None
        return self._stream.packet_at(packets, samples, payload, payload_type, marker=marker)
