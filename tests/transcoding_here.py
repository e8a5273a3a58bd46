"""Transcoding in the test's own process: what was sent comes back at once, or when the test says so."""

from collections.abc import Callable
from dataclasses import replace

from offhook.domain.sounds import Codec
from offhook.engine.net.media_transcoding import Deliver, Kind, Lane, Speech
from offhook.engine.net.transcoding import Turn, transcoder


class TranscodingHere:
    """Lanes without a process. While it `holds`, what was sent waits for `release`."""

    def __init__(self) -> None:
        self.holds = False
        self.lanes = 0
        self._waiting: list[Callable[[], None]] = []

    def prepare(self, now: float) -> None:
        """It is always ready."""

    def open(self, source: Codec, target: Codec, deliver: Deliver) -> Lane:
        self.lanes += 1
        return _LaneHere(self, transcoder(source, target), deliver)

    def pass_on(self, work: Callable[[], None]) -> None:
        if self.holds:
            self._waiting.append(work)
        else:
            work()

    def release(self) -> None:
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()


class _LaneHere:
    def __init__(self, owner: TranscodingHere, turn: Turn, deliver: Deliver) -> None:
        self._owner = owner
        self._turn = turn
        self._deliver = deliver
        self._is_open = True

    def send(self, speech: Speech, now: float) -> None:
        is_audio = speech.kind is Kind.AUDIO
        turned = replace(speech, payload=self._turn(speech.payload)) if is_audio else speech
        self._owner.pass_on(lambda: self._arrive(turned, now))

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._owner.lanes -= 1

    def _arrive(self, speech: Speech, now: float) -> None:
        if self._is_open:
            self._deliver(speech, now)
