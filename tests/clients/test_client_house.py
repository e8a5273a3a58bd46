"""Both clients do all that they can do with a real server; the async one through the same steps."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api_house import BEGIN, NODE, SID, TOKEN, House, Looks, Server, open_house
from offhook.domain.calls import Arrival, Caller
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import warning
from offhook.domain.recordings import path_of
from offhook.service import desk, recordings
from offhook_client import (
    NO_RETRIES,
    AsyncClient,
    BadRequest,
    Client,
    NotFound,
    Script,
    Throttled,
    Unauthorized,
)
from soundfiles import sine, wav

SOUND = wav(sine(440, 1.0, 8_000).tobytes())
CALL, RECORDING = "running", f"{1:032x}"


class Waiting:
    """The async client, used as the other one is."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            return asyncio.run(self._do(name, args, kwargs))

        return method

    async def _do(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        async with AsyncClient(self._url, SID, TOKEN) as client:
            done: Coroutine[Any, Any, Any] | AsyncIterator[Any] = getattr(client, name)(*args, **kwargs)
            if isinstance(done, AsyncIterator):
                return [item async for item in done]
            return await done


@pytest.fixture(params=["waiting", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def opened(kind: str, url: str) -> Iterator[Any]:
    if kind == "async":
        yield Waiting(url)
        return
    with Client(url, SID, TOKEN) as client:
        yield client


@pytest.fixture
def either(kind: str, house: House) -> Iterator[Any]:
    with opened(kind, house.url) as client:
        yield client


@pytest.fixture
def recorded(house: House, tmp_path: Path) -> str:
    house.subscribe()
    house.receive_call("call-1")
    path = path_of(RECORDING, BEGIN)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(SOUND)
    begin = partial(recordings.begin, uid=RECORDING, call_id="call-1", path=path, now=BEGIN, node=NODE)
    house.database.write_now(begin)
    house.database.write_now(partial(recordings.store, uid=RECORDING, seconds=1.0, size=len(SOUND), now=BEGIN))
    return RECORDING


def test_a_number_is_reserved_and_released(house: House, either: Any) -> None:
    uid = house.uid()
    assert either.reserve_din(uid)["reserved_until"] == "2026-11-23T06:30:00Z"
    assert [one["din_uid"] for one in either.get_reservation_list()] == [uid]
    assert either.release_din(uid)["din_uid"] == uid
    assert either.get_reservation_list() == []


def test_a_number_is_subscribed_and_given_back(house: House, either: Any) -> None:
    uid = house.uid()
    assert either.subscribe_din(uid)["action_url"] is None
    assert either.set_action_url(uid, "https://shop.example/")["action_url"] == "https://shop.example/"
    text = Script().say("en", 'A "quote" and a \\').text
    assert either.set_urls(uid, default_action=text)["default_action"] == text
    assert either.get_subscription(uid) == either.get_subscription_list()[0]
    assert either.unsubscribe_din(uid)["status"] == "ended"


def test_a_number_is_looked_at_by_the_doctor(server: Server, furnished: Path, tmp_path: Path, kind: str) -> None:
    looks = Looks()
    looks.found = [warning(Check.CREDIT, "it is short", "Top up.", minutes=3)]
    with open_house(server, furnished, tmp_path, diagnoses=looks) as house, opened(kind, house.url) as client:
        told = client.get_diagnosis(house.subscribe())
    assert (told["verdict"], told["din"]) == ("warning", "815012345678")
    assert [(one["code"], one["cure"], one["data"]["minutes"]) for one in told["findings"]] == [
        ("credit", "Top up.", 3)
    ]


def test_what_cannot_be_set_is_named(house: House, either: Any) -> None:
    uid = house.subscribe()
    with pytest.raises(BadRequest) as caught:
        either.set_urls(uid, action_url="https://shop.example/?caller=1", default_action="hangup")
    assert list(caught.value.fields) == ["action_url"]
    with pytest.raises(BadRequest) as caught:
        either.set_urls(uid)
    assert list(caught.value.fields) == ["action_url"]


def test_rules_are_set_tried_and_taken_away(house: House, either: Any) -> None:
    uid = house.subscribe()
    document = {"time_zone": "Asia/Tokyo", "anonymous": {"script": "reject"}, "open": "hangup"}
    assert either.set_rules(uid, document)["rules"]["open"] == "hangup"
    assert either.get_rules(uid)["url"].startswith(house.url)
    assert either.preview_rules(uid, at=BEGIN, caller="819012345678")["script"] == "hangup"
    assert either.preview_rules(uid, anonymous=True)["rule"] == "anonymous"
    assert either.delete_rules(uid)["din_uid"] == uid
    with pytest.raises(NotFound, match="rules-not-found"):
        either.get_rules(uid)


def test_calls_are_read_and_directed(house: House, either: Any) -> None:
    house.subscribe()
    house.receive_call("call-1")
    arrival = Arrival(CALL, BEGIN, "carrier", "192.0.2.1", ("+815012345678",), Caller("819012345678", "819012345678"))
    house.database.write_now(partial(desk.admit, arrival=arrival, now=BEGIN, node="node-1"))
    assert either.get_call("call-1")["duration"] == 42
    assert [call["call_id"] for call in either.get_call_list(status="completed")] == ["call-1"]
    kinds = [event["kind"] for event in either.get_timeline("call-1")]
    assert [kind for kind in kinds if kind != "posting"] == ["arrived", "action-requested"]
    assert "posting" in kinds
    wanted = either.direct_call(CALL, Script().say("en", "One moment").text)
    assert either.get_command(CALL, wanted["command_id"]) == wanted
    assert either.hang_up_call(CALL)["action"] is None


def test_a_recording_is_heard_marked_and_deleted(recorded: str, either: Any) -> None:
    assert [one["recording_uid"] for one in either.get_recording_list(heard=False)] == [recorded]
    assert either.mark_recording(recorded)["heard"] is True
    assert either.mark_recording(recorded, False)["heard"] is False
    assert either.get_recording_audio(recorded) == SOUND
    assert either.get_recording_audio(recorded, "mp3").startswith((b"ID3", b"\xff"))
    assert either.get_recording_link(recorded)["expires_at"] == "2026-11-23T07:00:00Z"
    assert either.delete_recording(recorded)["deleted_at"] is not None
    assert either.get_recording(recorded)["wav_url"] is None


def test_the_account_tells_its_credit(house: House, either: Any) -> None:
    house.subscribe()
    assert either.get_account()["balance"] == 350.0
    assert [posting["kind"] for posting in either.get_ledger(limit=1)] == ["subscription", "top-up"]
    assert [line["subscription_cost"] for line in either.get_usage(since="2026-11-01", until="2026-12-01")] == [650.0]
    assert either.get_breakers() == []


def test_signing_is_set_up_and_ended(either: Any) -> None:
    assert either.get_signing()["signed"] is False
    assert either.rotate_signing_secret(old_secret="drop")["secret"]
    origins = ["https://api.example.com", "https://example.net:8443"]
    assert either.set_signing(origins)["sign_origins"] == origins
    assert either.remove_signing_secret()["signed"] is False


def test_a_wrong_token_is_told(house: House) -> None:
    with Client(house.url, SID, "wrong") as client, pytest.raises(Unauthorized) as caught:
        client.get_account()
    assert caught.value.code == "wrong-credentials"


def test_a_wrong_path_of_the_right_host_is_told(house: House) -> None:
    with Client(f"{house.url}/v3", SID, TOKEN) as client, pytest.raises(NotFound) as caught:
        client.get_account()
    assert caught.value.code == "no-such-path"


def test_a_server_that_throttles_is_waited_for(server: Server, furnished: Path, tmp_path: Path) -> None:
    slept: list[float] = []
    with open_house(server, furnished, tmp_path, rate=1.0) as house:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            house.seconds += seconds

        with Client(house.url, SID, TOKEN, sleep=sleep) as client:
            for _ in range(6):
                client.get_account()
        with Client(house.url, SID, TOKEN, retries=NO_RETRIES) as client, pytest.raises(Throttled) as caught:
            client.get_account()
    assert slept == [1.0, 1.0, 1.0, 1.0]
    assert caught.value.retry_after_s == 1.0
