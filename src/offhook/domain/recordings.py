"""Recordings: what callers said, from the first packet until its file is deleted.

A row is there before the file. It becomes `stored` or `lost` once, and keeps what became of it when its audio is
long gone. Links that need no API user are signed here.
"""

import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from math import ceil

from offhook.domain.errors import LinkExpired, LinkWrong
from offhook.errors import Codes

PERIOD = timedelta(days=30)
"""What one charge for the storage of a recording pays for."""
FOLDER = "recordings"
"""Under the data folder."""
LINK_LASTS = timedelta(hours=1)
MAIL_LINK_LASTS = timedelta(days=7)
"""A mail is read later than an action server reads."""
LINK_SECRET = "recording-links"  # noqa: S105 (its name)

_UID = re.compile("[0-9a-f]{32}")
_EXPIRY = re.compile("[0-9]{1,12}")


class RecordingStatus(StrEnum):
    """Where a recording stands, in the words of the API."""

    RECORDING = "recording"
    STORED = "stored"
    LOST = "lost"


class Loss(Codes):
    """Why there is nothing to hear."""

    EMPTY = "recording-empty"
    MISSING = "file-missing"


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: WAV of 16 bit. `path` is relative to the data folder of the node that recorded it.

    `code` says why it is lost, or what ended it before the call did. `heard_at` is when the customer marked it as
    read. The file is kept until `kept_until`; `charged_until` is up to when its storage is charged, in `periods`.
    """

    id: int
    uid: str
    call_id: str
    account_id: int
    din: str
    din_uid: str
    caller: str
    path: str
    node: str
    status: RecordingStatus
    code: str | None
    rate: int
    channels: int
    size: int
    duration_ms: int
    started_at: datetime
    ended_at: datetime | None = None
    heard_at: datetime | None = None
    deleted_at: datetime | None = None
    kept_until: datetime | None = None
    charged_until: datetime | None = None
    periods: int = 0

    @property
    def seconds(self) -> int:
        """How many seconds it has begun."""
        return ceil(self.duration_ms / 1000)

    @property
    def is_there(self) -> bool:
        """Whether there is something to hear."""
        return self.status is RecordingStatus.STORED and self.deleted_at is None


@dataclass(frozen=True, slots=True)
class RecordingFilters:
    """Which recordings to list: `since` counts in, `until` does not. Deleted ones are left out unless asked for."""

    since: datetime | None = None
    until: datetime | None = None
    din: str | None = None
    is_heard: bool | None = None
    with_deleted: bool = False


def is_uid(text: str) -> bool:
    """Tell whether a text is written as the uid of a recording is."""
    return _UID.fullmatch(text) is not None


def path_of(uid: str, at: datetime) -> str:
    """Return where a recording that begins at a moment is kept, relative to the data folder."""
    return f"{FOLDER}/{at.astimezone(UTC):%Y-%m-%d}/{uid}.wav"


def stored(
    recording: Recording, *, seconds: float, size: int, ended_at: datetime, kept: timedelta, code: str | None = None
) -> Recording:
    """Return a recording that is whole; its first period of storage begins."""
    return replace(
        recording,
        status=RecordingStatus.STORED,
        code=code,
        size=size,
        duration_ms=round(seconds * 1000),
        ended_at=ended_at,
        kept_until=ended_at + kept,
        charged_until=ended_at,
    )


def is_due(recording: Recording, now: datetime) -> bool:
    """Tell whether a period of storage has begun that is not charged yet."""
    if not recording.is_there or recording.charged_until is None or recording.kept_until is None:
        return False
    return recording.charged_until <= now and recording.charged_until < recording.kept_until


def prolong(recording: Recording) -> Recording:
    """Return the recording with one more period charged."""
    assert recording.charged_until is not None, "it is stored"
    return replace(recording, charged_until=recording.charged_until + PERIOD, periods=recording.periods + 1)


def link(base_url: str, uid: str, *, secret: str, until: datetime, ending: str = "wav") -> str:
    """Return a URL under which anybody hears a recording until a moment; `base_url` is the API's, without a slash."""
    expires = int(until.timestamp())
    signature = _signature(uid, expires, secret)
    return f"{base_url}/voice/recordings/{uid}/audio.{ending}?expires={expires}&signature={signature}"


def check_link(uid: str, expires: str, signature: str, *, secret: str, now: datetime) -> None:
    """Prove that we signed a link, and that it has not expired. Raises LinkWrong, LinkExpired."""
    if not _EXPIRY.fullmatch(expires):
        raise LinkWrong
    # The signature first: whether a link that nobody signed has expired is nobody's business.
    if not hmac.compare_digest(_signature(uid, int(expires), secret).encode(), signature.encode()):
        raise LinkWrong
    if int(expires) <= now.timestamp():
        raise LinkExpired


def _signature(uid: str, expires: int, secret: str) -> str:
    return hmac.new(bytes.fromhex(secret), f"{uid}\n{expires}".encode(), sha256).hexdigest()
