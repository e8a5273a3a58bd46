"""A message that a caller leaves: where it is recorded, and what has become of it.

It has its place on record before anything is said, so that no crash loses what was.
"""

from offhook.domain.recordings import Loss
from offhook.engine.call.effects import RecordMessage
from offhook.engine.call.inputs import MessageKept
from offhook.engine.net.clerk import Clerk
from offhook.engine.net.media_pool import MediaLeg
from offhook.engine.net.orders import RecordingEnded
from offhook.engine.net.ports import Blank
from offhook.engine.net.recording_file import Ended

SHORTEST_S = 1.0
"""What is shorter was said by nobody."""


class MessageTape:
    """The messages of one call, one at a time."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk
        self._blank: Blank | None = None
        self._media: MediaLeg | None = None

    async def prepare(self) -> None:
        """Get a place to record to, unless there is one. Raises `OffhookError`."""
        if self._blank is None:
            self._blank = await self._clerk.begin_recording()

    def begin(self, media: MediaLeg, wish: RecordMessage) -> None:
        """Record what the caller says from now on."""
        assert self._blank is not None, "its place was made ready with the beep"
        self._media = media
        media.record(self._blank.path, longest_s=wish.longest_s, silence_s=wish.silence_s)

    async def stop(self) -> MessageKept | None:
        """End the recording, and keep or drop it; None if there is none."""
        if self._media is None:
            return None
        media, self._media = self._media, None
        ended = await media.stop_recording()
        return await self._put_away(ended)

    async def ended(self, ended: RecordingEnded) -> MessageKept | None:
        """The recording ended by itself: keep or drop it; None if it was stopped meanwhile."""
        if self._media is None:
            return None
        self._media = None
        return await self._put_away(ended)

    async def close(self) -> MessageKept | None:
        """The call is over: keep what was recorded, and give the place back if nothing was."""
        kept = await self.stop()
        if self._blank is not None:
            await self._clerk.drop_recording(self._blank.uid, Loss.EMPTY)
            self._blank = None
        return kept

    async def _put_away(self, ended: RecordingEnded | None) -> MessageKept:
        blank, self._blank = self._blank, None
        assert blank is not None, "what was recorded had a place"
        if ended is None:
            # Whoever wrote it is gone. It stays on record as begun, and what is in its file is found there.
            return MessageKept(0.0, Ended.RECORDER_DIED.value, "")
        if ended.seconds < SHORTEST_S:
            await self._clerk.drop_recording(blank.uid, Loss.EMPTY)
            return MessageKept(ended.seconds, ended.code, "")
        url = await self._clerk.keep_recording(blank.uid, ended.seconds, ended.size, ended.code)
        return MessageKept(ended.seconds, ended.code, url)
