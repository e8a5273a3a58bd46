from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest

from offhook.domain.errors import LinkExpired, LinkWrong
from offhook.domain.recordings import (
    PERIOD,
    Recording,
    RecordingStatus,
    check_link,
    is_due,
    is_uid,
    link,
    path_of,
    prolong,
    stored,
)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
UID = "0123456789abcdef" * 2
SECRET, OTHER = "aa" * 32, "ab" * 32
BEGUN = Recording(
    id=1,
    uid=UID,
    call_id="call-0",
    account_id=1,
    din="815012345678",
    din_uid="JP1",
    caller="819012345678",
    path=f"recordings/2026-11-23/{UID}.wav",
    node="a",
    status=RecordingStatus.RECORDING,
    code=None,
    rate=8000,
    channels=1,
    size=0,
    duration_ms=0,
    started_at=NOW,
)


def whole(kept_days: int = 45) -> Recording:
    return stored(BEGUN, seconds=4.2, size=67_244, ended_at=NOW, kept=timedelta(days=kept_days))


def signed(ending: str = "wav", until: datetime = NOW) -> tuple[str, dict[str, str]]:
    url = urlsplit(link("https://voice.example", UID, secret=SECRET, until=until, ending=ending))
    return url.path, dict(parse_qsl(url.query))


def test_a_recording_is_kept_by_the_day_in_utc() -> None:
    tokyo = datetime(2026, 11, 24, 8, 0, tzinfo=timezone(timedelta(hours=9)))
    assert path_of(UID, tokyo) == f"recordings/2026-11-23/{UID}.wav"


@pytest.mark.parametrize("text", ["", UID[:-1], UID + "0", UID.upper(), "../" + UID[3:], UID[:-1] + "\n"])
def test_only_what_is_written_as_a_uid_is_one(text: str) -> None:
    assert is_uid(UID)
    assert not is_uid(text)


def test_seconds_that_have_begun_count() -> None:
    assert (BEGUN.seconds, whole().seconds) == (0, 5)


def test_a_recording_can_be_heard_once_it_is_stored_and_until_it_is_deleted() -> None:
    assert [BEGUN.is_there, whole().is_there, replace(whole(), deleted_at=NOW).is_there] == [False, True, False]


def test_periods_are_due_when_they_begin_as_long_as_the_recording_is_kept() -> None:
    first = whole()
    assert not is_due(BEGUN, NOW)
    assert not is_due(first, NOW - timedelta(seconds=1))
    assert is_due(first, NOW)
    second = prolong(first)
    assert second.periods == 1
    assert not is_due(second, NOW + PERIOD - timedelta(seconds=1))
    assert is_due(second, NOW + PERIOD)
    # The third would begin after 60 days, and it is kept for 45.
    assert not is_due(prolong(second), NOW + 9 * PERIOD)


def test_a_deleted_recording_costs_nothing_any_more() -> None:
    assert not is_due(replace(whole(), deleted_at=NOW), NOW + PERIOD)


@pytest.mark.parametrize("ending", ["wav", "mp3"])
def test_a_link_is_good_until_it_expires(ending: str) -> None:
    path, query = signed(ending, NOW + timedelta(hours=1))
    assert path == f"/voice/recordings/{UID}/audio.{ending}"
    check_link(UID, **query, secret=SECRET, now=NOW + timedelta(seconds=3599))
    with pytest.raises(LinkExpired):
        check_link(UID, **query, secret=SECRET, now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "1900000000"},
        {"expires": ""},
        {"expires": "-1"},
        {"expires": "٣"},
        {"expires": "9" * 13},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "\N{SNOWMAN}"},
    ],
)
def test_a_link_that_was_changed_is_wrong_and_does_not_say_that_it_expired(change: dict[str, str]) -> None:
    _, query = signed(until=NOW + timedelta(hours=1))
    with pytest.raises(LinkWrong):
        check_link(UID, **{**query, **change}, secret=SECRET, now=NOW + timedelta(days=1))


def test_a_link_is_for_one_recording_and_one_platform() -> None:
    _, query = signed(until=NOW + timedelta(hours=1))
    with pytest.raises(LinkWrong):
        check_link(UID[::-1], **query, secret=SECRET, now=NOW)
    with pytest.raises(LinkWrong):
        check_link(UID, **query, secret=OTHER, now=NOW)
