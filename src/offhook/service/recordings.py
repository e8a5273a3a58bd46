"""Recordings: begun and stored by the desk, heard and deleted by customers, charged and forgotten by time.

Nothing here touches a file. A row says what there is; whoever has the disk asks here first, and does it then. So
a node that dies in between leaves a row that says what is still to be done.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from offhook.domain.calls import Reason, TimelineEvent
from offhook.domain.credits import PostingKind, charge
from offhook.domain.errors import CallNotFound, RecordingGone, RecordingNotFound, RecordingNotStored
from offhook.domain.notices import NoticeKind
from offhook.domain.recordings import (
    LINK_SECRET,
    PERIOD,
    Loss,
    Recording,
    RecordingFilters,
    RecordingStatus,
    check_link,
    is_due,
    prolong,
    stored,
)
from offhook.domain.terms import TERMS, Terms
from offhook.service import notices
from offhook.service.ports import Work

BATCH = 20
"""So many recordings are looked after in one unit: calls wait for no more than that."""
FINISHED_AFTER = timedelta(minutes=2)
"""So long after its call's end a recording may be told stored by its own node."""
GIVEN_UP_AFTER = timedelta(days=1)
"""So long a node that is away may come back with its recordings."""

Mark = tuple[datetime, int]
FIRST: Mark = (datetime.min.replace(tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Charged:
    """How many periods a batch charged. `mark` is where the next one begins, None if nothing is left."""

    periods: int
    unpaid: int
    mark: Mark | None


def begin(
    work: Work, *, uid: str, call_id: str, path: str, now: datetime, node: str, rate: int = 8_000, channels: int = 1
) -> Recording:
    """Put a recording of a call on record, before the first byte of its file is written.

    `uid` is 32 hexadecimal digits of chance, `path` what `domain.recordings.path_of` says. Raises CallNotFound.
    """
    call = work.calls.get(call_id)
    if call is None or call.account_id is None:
        raise CallNotFound(call_id)
    dialled = work.numbers.dialled(call.recipient)
    return work.recordings.add(
        Recording(
            id=0,
            uid=uid,
            call_id=call_id,
            account_id=call.account_id,
            din=call.recipient,
            din_uid="" if dialled is None else dialled.number.din_uid,
            caller=call.caller.number,
            path=path,
            node=node,
            status=RecordingStatus.RECORDING,
            code=None,
            rate=rate,
            channels=channels,
            size=0,
            duration_ms=0,
            started_at=now,
        )
    )


def store(
    work: Work, *, uid: str, seconds: float, size: int, now: datetime, terms: Terms = TERMS, code: str | None = None
) -> Recording:
    """Note that a recording is whole, and let the customer be told. One without a sound is lost (`recording-empty`).

    `code` is what ended it before the caller did (its limits, the disk). What is stored or lost already stays so.
    Raises RecordingNotFound.
    """
    recording = _lock(work, uid)
    if recording.status is not RecordingStatus.RECORDING:
        return recording
    if seconds <= 0:
        return _lose(work, recording, Loss.EMPTY.value, now)
    return _store(work, _whole(recording, seconds, size, now, terms, code), now)


def lost(work: Work, *, uid: str, code: str, now: datetime) -> Recording:
    """Note that there is nothing to hear, and why. What is stored or lost stays so. Raises RecordingNotFound."""
    recording = _lock(work, uid)
    return _lose(work, recording, code, now) if recording.status is RecordingStatus.RECORDING else recording


def unfinished(work: Work, *, now: datetime) -> list[Recording]:
    """Return recordings whose call has ended and of which nobody told what became of them.

    The calls of a dead node end when they are settled (`service.recovery`), so this finds what it left behind.
    """
    return work.recordings.unfinished(now - FINISHED_AFTER)


def recover(
    work: Work,
    *,
    uid: str,
    seconds: float,
    size: int,
    rate: int,
    channels: int,
    now: datetime,
    node: str,
    terms: Terms = TERMS,
) -> bool:
    """Store what the file of an unfinished recording holds; False if somebody else was first.

    `node` is who found it. Without a sound (0 seconds: no file, or an empty one) the recording is lost.
    Safe to run on every node at once. Raises RecordingNotFound.
    """
    recording = _lock(work, uid)
    if recording.status is not RecordingStatus.RECORDING:
        return False
    call = work.calls.get(recording.call_id)
    ended_at = (call.ended_at if call else None) or now
    if seconds <= 0:
        _lose(work, recording, Reason.NODE_LOST.value, ended_at)
        said = "nothing of the recording was found after its node died"
    else:
        found = replace(recording, rate=rate, channels=channels)
        _store(work, _whole(found, seconds, size, ended_at, terms, Reason.NODE_LOST.value), now)
        said = f"{seconds:.1f} s of the recording were found after its node died"
    if call is not None:
        at_ms = (ended_at - call.started_at).total_seconds() * 1000
        data = {"recording": uid, "node": recording.node, "found_by": node}
        work.calls.note(call.call_id, [TimelineEvent(at_ms, "recording-recovered", said, Reason.NODE_LOST, data)])
    return True


def missing(work: Work, *, uid: str) -> bool:
    """Note that the file of a stored recording is gone from its disk; False if it may be so by now.

    Raises RecordingNotFound.
    """
    recording = _lock(work, uid)
    if not recording.is_there:
        return False
    work.recordings.save(replace(recording, status=RecordingStatus.LOST, code=Loss.MISSING.value))
    return True


def found_again(work: Work, *, uid: str) -> bool:
    """Note that a file that was missing is there again; False if it was not missing. Raises RecordingNotFound."""
    recording = _lock(work, uid)
    if recording.code != Loss.MISSING or recording.deleted_at is not None:
        return False
    work.recordings.save(replace(recording, status=RecordingStatus.STORED, code=None))
    return True


def list_recordings(
    work: Work, account_id: int | None, filters: RecordingFilters, *, limit: int = 100, before: str | None = None
) -> list[Recording]:
    """Return recordings, newest first; `before` is the uid of the last one already seen."""
    return work.recordings.page(account_id, filters, limit, before)


def find_recording(work: Work, account_id: int | None, uid: str) -> Recording:
    """Return a recording; raises RecordingNotFound, also when it is another account's."""
    recording = work.recordings.get(uid)
    if recording is None or account_id not in (None, recording.account_id):
        raise RecordingNotFound(uid)
    return recording


def find_audio(work: Work, account_id: int | None, uid: str) -> Recording:
    """Return a recording that can be heard; raises RecordingNotFound, RecordingNotStored, RecordingGone."""
    recording = find_recording(work, account_id, uid)
    if recording.deleted_at is not None:
        raise RecordingGone(uid, "it was deleted")
    if recording.status is RecordingStatus.LOST:
        raise RecordingGone(uid, f"it is lost ({recording.code})")
    if recording.status is RecordingStatus.RECORDING:
        raise RecordingNotStored(uid)
    return recording


def find_linked(work: Work, uid: str, *, expires: str, signature: str, now: datetime) -> Recording:
    """Return the recording of a link that we signed; raises LinkWrong, LinkExpired, and what `find_audio` does."""
    check_link(uid, expires, signature, secret=link_secret(work), now=now)
    return find_audio(work, None, uid)


def link_secret(work: Work) -> str:
    """Return what links are signed with."""
    return work.server_secrets.get(LINK_SECRET)


def mark(work: Work, *, account_id: int, uid: str, is_heard: bool, now: datetime) -> Recording:
    """Mark a recording as read, or as not; the first time stays. Raises RecordingNotFound."""
    find_recording(work, account_id, uid)
    recording = _lock(work, uid)
    if is_heard == (recording.heard_at is not None):
        return recording
    marked = replace(recording, heard_at=now if is_heard else None)
    work.recordings.save(marked)
    return marked


def delete(work: Work, *, account_id: int | None, uid: str, now: datetime) -> Recording:
    """Note that a recording is deleted: its file is to be removed then. Twice is once.

    Raises RecordingNotFound, RecordingNotStored.
    """
    find_recording(work, account_id, uid)
    recording = _lock(work, uid)
    if recording.status is RecordingStatus.RECORDING:
        raise RecordingNotStored(uid)
    return _delete(work, recording, now)


def charge_due(work: Work, *, now: datetime, terms: Terms, after: Mark = FIRST, limit: int = BATCH) -> Charged:
    """Charge the storage of recordings: every period that has begun, once.

    What an account cannot pay is charged when it can, as long as the recording is kept, and then no more.
    """
    due = work.recordings.due(now, limit, after)
    periods = unpaid = 0
    # Accounts are locked in the order of their ids, as everywhere.
    for recording in sorted(due, key=lambda one: (one.account_id, one.id)):
        charged = _charge(work, recording, now, terms)
        periods += charged.periods - recording.periods
        unpaid += is_due(charged, now)
    last = due[-1] if len(due) == limit else None
    if last is None or last.charged_until is None:
        return Charged(periods, unpaid, None)
    return Charged(periods, unpaid, (last.charged_until, last.id))


def expire(work: Work, *, now: datetime, limit: int = BATCH) -> list[Recording]:
    """Delete recordings that were kept long enough; their files are to be removed then."""
    return [_delete(work, recording, now) for recording in work.recordings.expired(now, limit)]


def of_uids(work: Work, *, uids: Collection[str]) -> dict[str, Recording]:
    """Return those of the recordings that there are, by their uids."""
    return {recording.uid: recording for recording in work.recordings.of_uids(uids)}


def stored_at(work: Work, *, node: str, after: int, limit: int = 500) -> list[Recording]:
    """Return what must be on a node's disk, by ids from one on: those after the id `after`."""
    return work.recordings.stored_at(node, after, limit)


def _lock(work: Work, uid: str) -> Recording:
    recording = work.recordings.lock(uid)
    if recording is None:
        raise RecordingNotFound(uid)
    return recording


def _whole(recording: Recording, seconds: float, size: int, at: datetime, terms: Terms, code: str | None) -> Recording:
    return stored(recording, seconds=seconds, size=size, ended_at=at, kept=terms.recordings_kept, code=code)


def _store(work: Work, whole: Recording, now: datetime) -> Recording:
    work.recordings.save(whole)
    _tell(work, whole, now)
    return whole


def _lose(work: Work, recording: Recording, code: str, at: datetime) -> Recording:
    gone = replace(recording, status=RecordingStatus.LOST, code=code, ended_at=at)
    work.recordings.save(gone)
    return gone


def _delete(work: Work, recording: Recording, now: datetime) -> Recording:
    if recording.deleted_at is not None:
        return recording
    deleted = replace(recording, deleted_at=now)
    work.recordings.save(deleted)
    return deleted


def _charge(work: Work, recording: Recording, now: datetime, terms: Terms) -> Recording:
    """Charge every period that has begun, as far as credit goes; free ones pass without a posting."""
    cost = terms.recording_cost
    available = work.ledger.lock(recording.account_id)[0] if cost else 0
    present = recording
    while is_due(present, now) and available >= cost:
        if cost:
            posting = charge(
                present.account_id,
                cost,
                kind=PostingKind.RECORDING_STORAGE,
                fact=f"recording:{present.uid}:{present.periods + 1}",
                at=now,
                din=present.din,
                text=f"{present.din}: {PERIOD.days} days of a recording from {present.charged_until:%d %B %Y}",
            )
            work.ledger.post(posting)
            available -= cost
        present = prolong(present)
    if present != recording:
        work.recordings.save(present)
    return present


def _tell(work: Work, recording: Recording, now: datetime) -> None:
    who = f"+{recording.caller}" if recording.caller else "a hidden number"
    notices.tell(
        work,
        account_id=recording.account_id,
        kind=NoticeKind.RECORDED,
        fact=f"recording:{recording.uid}",
        subject=f"+{recording.din}: a message from {who}",
        text=f"{who.capitalize()} called +{recording.din} on {recording.started_at:%d %B %Y at %H:%M} UTC and left a"
        f" message of {recording.seconds} seconds.",
        data={
            "recording_uid": recording.uid,
            "call_id": recording.call_id,
            "din": recording.din,
            "din_uid": recording.din_uid,
            "caller": recording.caller,
            "start_time": recording.started_at.isoformat(),
            "duration": recording.seconds,
            "path": f"/voice/recordings/{recording.uid}/",
        },
        now=now,
    )
