"""Recordings on a node: the desk that begins and stores them, the jobs that look after rows and files, the mail.

The row goes first when a recording begins, and when one is deleted. So whatever dies in between, what is left over
is a row that says what to do with a file, or a file that has no row: both are found here.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from offhook.audio.shelf import Found, Shelf
from offhook.domain.notices import Notice, NoticeKind
from offhook.domain.recordings import LINK_LASTS, MAIL_LINK_LASTS, Recording, RecordingStatus, link, path_of
from offhook.domain.terms import Terms
from offhook.errors import SoundError
from offhook.mail.smtp import Attachment
from offhook.serve.notices import Enclosure
from offhook.serve.rounds import repeat
from offhook.service import recordings
from offhook.service.ports import Database

TEND_EVERY_S = 30.0
SWEEP_EVERY_S = 3600.0
CANNOT = "recordings cannot be looked after now"
ORPHANED_AFTER = timedelta(days=1)
"""So old a file without a row may be: its row may come any moment."""
MOST_ATTACHED_BYTES = 5 << 20
"""Larger ones are too much for many mailboxes; MP3 of half an hour is smaller."""
AT_ONCE = 500

log = structlog.get_logger("offhook.serve")


class RecordingDesk:
    """What the engine asks while it records. `base_url` is the API's for customers, `fresh` 32 digits of chance."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        node: str,
        *,
        now: Callable[[], datetime],
        fresh: Callable[[], str],
        terms: Terms,
        base_url: str,
        secret: str,
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._node = node
        self._now = now
        self._fresh = fresh
        self._terms = terms
        self._base_url = base_url
        self._secret = secret

    async def begin(self, call_id: str, *, rate: int = 8_000, channels: int = 1) -> tuple[str, Path]:
        """Put a recording on record; return its uid, and where its file is to be written.

        Raises CallNotFound, SoundNotKept, DatabaseAway.
        """
        uid, now = self._fresh(), self._now()
        path = path_of(uid, now)
        place = await self._shelf.prepare(path)
        await self._database.write(
            partial(
                recordings.begin,
                uid=uid,
                call_id=call_id,
                path=path,
                now=now,
                node=self._node,
                rate=rate,
                channels=channels,
            )
        )
        return uid, place

    async def store(self, uid: str, seconds: float, size: int, code: str | None = None) -> None:
        """Note that a recording is whole. Raises RecordingNotFound, DatabaseAway."""
        await self._database.write(
            partial(
                recordings.store,
                uid=uid,
                seconds=seconds,
                size=size,
                now=self._now(),
                terms=self._terms,
                code=code,
            )
        )

    async def lose(self, uid: str, code: str) -> None:
        """Note that there is nothing to hear. Raises RecordingNotFound, DatabaseAway."""
        await self._database.write(partial(recordings.lost, uid=uid, code=code, now=self._now()))

    def url(self, uid: str) -> str:
        """Return the link that action servers get: good for an hour, for whoever has it."""
        return link(self._base_url, uid, secret=self._secret, until=self._now() + LINK_LASTS)


class Recordings:
    """The jobs: finish what dead nodes left, delete what was kept long enough, charge, and hold rows against files."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        node: str,
        *,
        now: Callable[[], datetime],
        terms: Terms,
        tend_every_s: float = TEND_EVERY_S,
        sweep_every_s: float = SWEEP_EVERY_S,
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._node = node
        self._now = now
        self._terms = terms
        self._jobs = ((self.tend, tend_every_s), (self.sweep, sweep_every_s))
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(repeat(job, every_s, or_else=CANNOT)) for job, every_s in self._jobs]

    def stop(self) -> None:
        """End; what was begun is done whole by whoever looks next."""
        for task in self._tasks:
            task.cancel()

    async def tend(self) -> None:
        """Finish, charge and delete what is due. Raises DatabaseAway, SoundNotKept."""
        await self._recover()
        await self._charge()
        await self._expire()

    async def sweep(self) -> None:
        """Remove files that no row wants, and notice rows whose file is gone. Raises DatabaseAway, SoundNotKept."""
        files = await self._shelf.files()
        for begin in range(0, len(files), AT_ONCE):
            found = files[begin : begin + AT_ONCE]
            uids = [file.uid for file in found if file.uid]
            known = await self._database.read(partial(recordings.of_uids, uids=uids))
            for file in found:
                await self._judge(file, known.get(file.uid))
        await self._miss()

    async def _recover(self) -> None:
        now = self._now()
        for recording in await self._database.read(partial(recordings.unfinished, now=now)):
            is_here = recording.node == self._node or await self._shelf.has(recording.path)
            if not is_here and now - recording.started_at < recordings.GIVEN_UP_AFTER:
                # Its node may come back, and has the file.
                continue
            audio = await self._shelf.repair(recording.path)
            found = partial(
                recordings.recover,
                uid=recording.uid,
                seconds=audio.seconds if audio else 0.0,
                size=audio.size if audio else 0,
                rate=audio.rate if audio else 0,
                channels=audio.channels if audio else 0,
                now=now,
                node=self._node,
                terms=self._terms,
            )
            if await self._database.write(found):
                seconds = audio.seconds if audio else 0.0
                log.warning("an unfinished recording was finished", recording=recording.uid, seconds=round(seconds, 1))

    async def _charge(self) -> None:
        mark: recordings.Mark | None = recordings.FIRST
        while mark is not None:
            charged = await self._database.write(
                partial(recordings.charge_due, now=self._now(), terms=self._terms, after=mark)
            )
            mark = charged.mark

    async def _expire(self) -> None:
        while expired := await self._database.write(partial(recordings.expire, now=self._now())):
            for recording in expired:
                await self._shelf.remove(recording.path)
            log.info("recordings were deleted after their time", count=len(expired))

    async def _judge(self, file: Found, recording: Recording | None) -> None:
        if recording is not None and recording.deleted_at is None:
            if recording.status is RecordingStatus.LOST and file.path == recording.path:
                # Where a disk was away for a while, what it holds is there again.
                await self._database.write(partial(recordings.found_again, uid=recording.uid))
            return
        age = self._now().timestamp() - file.written_at
        if recording is not None or (file.uid and age > ORPHANED_AFTER.total_seconds()):
            await self._shelf.remove(file.path)
            log.warning("a file that no recording wants was removed", path=file.path)

    async def _miss(self) -> None:
        after: int | None = 0
        while after is not None:
            rows = await self._database.read(partial(recordings.stored_at, node=self._node, after=after, limit=AT_ONCE))
            for recording in rows:
                if await self._shelf.has(recording.path):
                    continue
                if await self._database.write(partial(recordings.missing, uid=recording.uid)):
                    log.error("the file of a recording is gone", recording=recording.uid, path=recording.path)
            after = rows[-1].id if rows else None


class Enclosures:
    """What a mail about a recording brings: its sound, or where that is too large or not here, a link."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        *,
        now: Callable[[], datetime],
        base_url: str,
        secret: str,
        most_bytes: int = MOST_ATTACHED_BYTES,
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._now = now
        self._base_url = base_url
        self._secret = secret
        self._most_bytes = most_bytes

    async def of(self, notice: Notice) -> Enclosure:
        """Return what goes with a notice. Raises DatabaseAway."""
        if notice.kind is not NoticeKind.RECORDED:
            return Enclosure()
        uid = str(notice.data["recording_uid"])
        known = await self._database.read(partial(recordings.of_uids, uids=[uid]))
        recording = known.get(uid)
        if recording is None or not recording.is_there:
            return Enclosure("The message was deleted meanwhile.")
        data = await self._sound(recording)
        if data is not None and len(data) <= self._most_bytes:
            name = f"message-{recording.started_at:%Y-%m-%d-%H%M%S}.mp3"
            return Enclosure("The message is attached.", (Attachment(name, "audio/mpeg", data),))
        until = self._now() + MAIL_LINK_LASTS
        if recording.kept_until is not None:
            until = min(until, recording.kept_until)
        url = link(self._base_url, uid, secret=self._secret, until=until, ending="mp3")
        return Enclosure(f"Hear it until {until:%d %B %Y} at\n{url}")

    async def _sound(self, recording: Recording) -> bytes | None:
        """Return the sound as MP3, None if it is not here or cannot be made: a link is better than no mail."""
        try:
            return await self._shelf.mp3_bytes(recording.path) if await self._shelf.has(recording.path) else None
        except SoundError as error:
            log.warning("a recording was not enclosed", recording=recording.uid, code=error.code, text=error.sentence)
            return None
