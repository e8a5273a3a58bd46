"""The command line and the API show the same things in the same shape."""

from datetime import UTC, datetime

import pytest

from offhook.api.account import account_json
from offhook.api.calls import call_json, event_json
from offhook.api.recordings import recording_json
from offhook.cli import documents
from offhook.domain.accounts import AccountSummary
from offhook.domain.calls import Call, Caller, Status, TimelineEvent
from offhook.domain.recordings import PERIOD, Recording, RecordingStatus, stored

AT = datetime(2026, 11, 23, 6, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("ended_at", [None, AT])
def test_a_call_has_the_shape_of_the_api(ended_at: datetime | None) -> None:
    call = Call(
        call_id="1",
        account_id=1,
        api_user="Shop",
        trunk="carrier",
        source="192.0.2.1",
        direction="inbound",
        caller=Caller("819012345678", "+819012345678"),
        recipient="815012345678",
        action_url=None,
        status=Status.COMPLETED,
        reason=None,
        started_at=AT,
        answered_at=ended_at,
        ended_at=ended_at,
        duration_s=42,
        minute_cost=1_000_000,
        held_minutes=1,
        cost=1_500_000,
        node="a",
    )
    assert documents.of_call(call) == call_json(call).model_dump(mode="json")


def test_an_account_has_the_shape_of_the_api() -> None:
    summary = AccountSummary("Shop", 3_000_000, 1_000_000, 2_000_000)
    assert documents.of_account(summary) == account_json(summary).model_dump(mode="json")


@pytest.mark.parametrize("code", [None, "no-credit"])
def test_an_event_has_the_shape_of_the_api_and_is_read_back(code: str | None) -> None:
    event = TimelineEvent(12.4, "action-requested", "asked", code, {"attempt": 1})
    # Why a call went as it did stands in the first line there, and beside all lines here.
    assert documents.of_event(event) == event_json(event).model_dump(mode="json", exclude={"cause"})
    assert documents.read_event(documents.of_event(event)) == event


def test_a_recording_has_the_shape_of_the_api_with_its_place_for_its_urls() -> None:
    begun = Recording(
        id=1,
        uid="0a" * 16,
        call_id="1",
        account_id=1,
        din="815012345678",
        din_uid="JP1",
        caller="819012345678",
        path="recordings/x.wav",
        node="a",
        status=RecordingStatus.RECORDING,
        code=None,
        rate=8_000,
        channels=1,
        size=0,
        duration_ms=0,
        started_at=AT,
    )
    for recording in (begun, stored(begun, seconds=1.5, size=99, ended_at=AT, kept=PERIOD)):
        document = documents.of_recording(recording)
        shown = recording_json(recording, "").model_dump(mode="json", exclude={"wav_url", "mp3_url"})
        assert document == {**shown, "node": "a", "path": "recordings/x.wav"}
