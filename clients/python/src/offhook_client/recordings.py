"""What callers said: to be listed, heard, marked and deleted."""

from datetime import datetime
from typing import Literal

from offhook_client.answers import Page, read_audio, reads, reads_page
from offhook_client.asks import AUDIO_PATIENCE, Ask, Filter, delete, get, path_of, post
from offhook_client.documents import Recording, RecordingLink
from offhook_client.errors import BadValue

_RECORDINGS = ("voice", "recordings")
# Four hours, the longest that the action language knows, of 16-bit samples at 8 kHz are 230 MB.
LARGEST_AUDIO = 256 * 1024 * 1024


def get_recording_list(
    *,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    number: str | None = None,
    heard: bool | None = None,
    limit: int | None = None,
    **others: Filter,
) -> Ask[Page[Recording]]:
    """List recordings, the newest first; all that fit come, page by page. `limit` is the size of a page."""
    return get(
        reads_page(Recording),
        *_RECORDINGS,
        since=since,
        until=until,
        number=number,
        heard=heard,
        limit=limit,
        **others,
    )


def get_recording(recording_uid: str) -> Ask[Recording]:
    """Read one recording, also one that was deleted."""
    return get(reads(Recording), *_RECORDINGS, recording_uid)


def mark_recording(recording_uid: str, heard: bool = True, *, idempotency_key: str | None = None) -> Ask[Recording]:
    """Mark a recording as heard, or take the mark away."""
    return post(reads(Recording), {"heard": heard}, idempotency_key, *_RECORDINGS, recording_uid)


def get_recording_link(recording_uid: str) -> Ask[RecordingLink]:
    """Get links to the audio that need no API user, good for an hour."""
    return get(reads(RecordingLink), *_RECORDINGS, recording_uid, "link")


def get_recording_audio(
    recording_uid: str,
    format: Literal["wav", "mp3"] = "wav",  # noqa: A002 - as the API says it
) -> Ask[bytes]:
    """Fetch the audio."""
    if format not in {"wav", "mp3"}:
        raise BadValue(f"There is no audio as {format!r}. Ask for wav or mp3.")
    path = path_of(*_RECORDINGS, recording_uid, f"audio.{format}")
    # An error is JSON in any case.
    return Ask(
        "GET",
        path,
        read_audio,
        accept="audio/*, application/json",
        largest=LARGEST_AUDIO,
        patience=AUDIO_PATIENCE,
    )


def delete_recording(recording_uid: str) -> Ask[Recording]:
    """Delete the audio. What is known of it stays."""
    return delete(reads(Recording), *_RECORDINGS, recording_uid)
