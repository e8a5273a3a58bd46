"""What becomes of audio on its way from one leg to another whose codec or packets differ: turned, and cut anew.

Everything that the source sends goes this way, in its order: keys keep their places among the audio, and what is not
to leave is stepped over.
"""

from collections.abc import Callable
from dataclasses import replace

from offhook.domain.sounds import Codec
from offhook.engine.media.recutting import Recutting
from offhook.engine.net.media_transcoding import Kind, Lane, Speech, Transcoding


class Passage:
    """One direction. `emit` takes each packet as it is to leave; `size` is how many bytes each has."""

    __slots__ = ("_emit", "_lane", "_recutting")

    def __init__(
        self,
        size: int,
        emit: Callable[[Speech, float], None],
        turn: tuple[Transcoding, Codec, Codec] | None = None,
    ) -> None:
        self._emit = emit
        self._recutting = Recutting(size)
        self._lane: Lane | None = None
        if turn is not None:
            transcoding, source, target = turn
            self._lane = transcoding.open(source, target, self._arrive)

    def take(self, speech: Speech, now: float) -> None:
        """Take a new packet of the source."""
        if self._lane is None:
            self._arrive(speech, now)
        else:
            self._lane.send(speech, now)

    def close(self) -> None:
        """Emit nothing more."""
        if self._lane is not None:
            self._lane.close()

    def _arrive(self, speech: Speech, now: float) -> None:
        sequence, ssrc = speech.sequence, speech.ssrc
        if speech.kind is Kind.AUDIO:
            for piece in self._recutting.cut(sequence, speech.timestamp, ssrc, speech.marker, speech.payload):
                self._emit(Speech(piece.sequence, piece.timestamp, ssrc, piece.marker, piece.payload), now)
        elif speech.kind is Kind.NOTHING:
            self._recutting.leave_out(sequence, ssrc)
        elif (number := self._recutting.number(sequence, ssrc)) is not None:
            self._emit(replace(speech, sequence=number), now)
