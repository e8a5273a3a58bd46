"""Recordings over HTTP: listed, heard by API users and by links, marked, deleted."""

import wave
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import av
import pytest
import requests

from api_house import BEGIN, NODE, OTHER_SID, OTHER_TOKEN, SID, TOKEN, House
from offhook.domain.recordings import path_of
from offhook.service import recordings
from soundfiles import sine, wav

OTHER = (OTHER_SID, OTHER_TOKEN)
SOUND = wav(sine(440, 3.0, 8_000).tobytes())
UIDS = [f"{number:032x}" for number in range(1, 9)]
Record = Callable[..., str]


@pytest.fixture
def record(house: House, tmp_path: Path) -> Record:
    house.subscribe()
    fresh = iter(UIDS)

    def record(minute: int = 0, *, is_stored: bool = True, node: str = NODE, has_file: bool = True) -> str:
        uid, call_id, at = next(fresh), f"call-{minute}", BEGIN + timedelta(minutes=minute)
        house.receive_call(call_id, minute)
        path = path_of(uid, at)
        if has_file:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(SOUND)
        begin = partial(recordings.begin, uid=uid, call_id=call_id, path=path, now=at, node=node)
        house.database.write_now(begin)
        if is_stored:
            house.database.write_now(partial(recordings.store, uid=uid, seconds=2.5, size=len(SOUND), now=at))
        return uid

    return record


def problem(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_recording_is_listed_and_read(house: House, record: Record) -> None:
    uid = record()
    (listed,) = house.get("/voice/recordings/").json()
    assert listed == house.get(f"/voice/recordings/{uid}").json()
    assert listed == {
        "recording_uid": uid,
        "call_id": "call-0",
        "din": "815012345678",
        "din_uid": "JP00000000000001",
        "caller": "819012345678",
        "status": "stored",
        "reason": None,
        "start_time": "2026-11-23T06:00:00Z",
        "end_time": "2026-11-23T06:00:00Z",
        "duration": 3,
        "size": len(SOUND),
        "heard": False,
        "heard_at": None,
        "kept_until": "2026-12-23T06:00:00Z",
        "deleted_at": None,
        "wav_url": f"{house.url}/voice/recordings/{uid}/audio.wav",
        "mp3_url": f"{house.url}/voice/recordings/{uid}/audio.mp3",
    }


def test_pages_lead_through_all_and_filters_choose(house: House, record: Record) -> None:
    made = [record(minute) for minute in range(3)]
    first = house.get("/voice/recordings/?limit=2")
    assert [one["recording_uid"] for one in first.json()] == made[:0:-1]
    rest = house.session.get(first.links["next"]["url"], auth=(SID, TOKEN), timeout=10)
    assert [one["recording_uid"] for one in rest.json()] == made[:1]
    assert "next" not in rest.links
    assert house.post(f"/voice/recordings/{made[1]}/", form={"heard": "true"}).json()["heard"]

    def found(query: str) -> list[str]:
        return [one["recording_uid"] for one in house.get(f"/voice/recordings/?{query}").json()]

    assert found("heard=true") == [made[1]]
    assert found("heard=false") == [made[2], made[0]]
    assert found("since=2026-11-23T06:01:00Z&until=2026-11-23T06:02:00Z") == [made[1]]
    assert (found("number=815012345678&limit=1"), found("number=81")) == ([made[2]], [])
    assert house.get("/voice/recordings/?colour=red").status_code == 400


def test_nothing_of_it_is_for_another_account(house: House, record: Record) -> None:
    path = f"/voice/recordings/{record()}/"
    assert house.get("/voice/recordings/", who=OTHER).json() == []
    answers = [house.get(path + what, who=OTHER) for what in ("", "audio.wav", "audio.mp3", "link/")]
    answers += [house.delete(path, who=OTHER), house.post(path, form={"heard": "true"}, who=OTHER)]
    assert {problem(answer) for answer in answers} == {(404, "recording-not-found")}
    assert house.get(path + "audio.wav", who=None).status_code == 401
    assert house.get(path + "audio.wav", who=(SID, "wrong")).status_code == 401
    assert house.get(path + "audio.wav").content == SOUND


def test_a_wav_is_heard_whole_and_in_parts(house: House, record: Record) -> None:
    path = f"/voice/recordings/{record()}/audio.wav"
    whole = house.get(path)
    assert (whole.status_code, whole.content) == (200, SOUND)
    assert whole.headers["Content-Type"] == "audio/wav"
    assert whole.headers["Content-Disposition"] == 'inline; filename="815012345678-2026-11-23-060000.wav"'
    with wave.open(BytesIO(whole.content)) as file:
        assert file.getnframes() == 24_000
    part = house.get(path, headers={"Range": "bytes=44-143"})
    assert (part.status_code, part.content) == (206, SOUND[44:144])
    assert part.headers["Content-Range"] == f"bytes 44-143/{len(SOUND)}"
    assert house.get(path, headers={"Range": "bytes=-10"}).content == SOUND[-10:]
    beyond = house.get(path, headers={"Range": f"bytes={len(SOUND)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(SOUND)}")


def test_an_mp3_is_heard_whole_and_in_parts(house: House, record: Record) -> None:
    path = f"/voice/recordings/{record()}/audio.mp3"
    whole = house.get(path)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "audio/mpeg")
    with av.open(BytesIO(whole.content), "r", format="mp3") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / 8_000 == pytest.approx(3.0, abs=0.2)
    part = house.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])


@pytest.mark.parametrize("ending", ["wav", "mp3"])
def test_a_link_needs_no_api_user_for_an_hour(house: House, record: Record, ending: str) -> None:
    uid = record()
    signed = house.get(f"/voice/recordings/{uid}/link").json()
    assert signed["expires_at"] == "2026-11-23T07:00:00Z"
    url = signed[f"{ending}_url"].removeprefix(house.url)
    assert house.get(url, who=None).status_code == 200
    assert house.get(url, who=None, headers={"Range": "bytes=0-9"}).status_code == 206
    assert problem(house.get(url + "0", who=None)) == (404, "link-wrong")
    assert problem(house.get(url.replace(uid, UIDS[7]), who=None)) == (404, "link-wrong")
    assert problem(house.get(url.partition("&")[0], who=None)) == (404, "link-wrong")
    # A link is judged as one, whoever else asks.
    assert problem(house.get(url + "0")) == (404, "link-wrong")
    house.pass_time(hours=1)
    assert problem(house.get(url, who=None)) == (410, "link-expired")
    assert problem(house.get(url + "0", who=None)) == (404, "link-wrong")


def test_a_link_is_good_for_the_audio_alone(house: House, record: Record) -> None:
    uid = record()
    query = house.get(f"/voice/recordings/{uid}/link").json()["wav_url"].partition("?")[2]
    assert house.get(f"/voice/recordings/{uid}/?{query}", who=None).status_code == 401
    assert house.delete(f"/voice/recordings/{uid}/?{query}", who=None).status_code == 401


def test_a_deleted_recording_leaves_its_row_and_no_file(house: House, record: Record, tmp_path: Path) -> None:
    uid = record()
    path = f"/voice/recordings/{uid}/"
    link = house.get(path + "link").json()["mp3_url"].removeprefix(house.url)
    assert house.get(link, who=None).status_code == 200
    house.pass_time(minutes=1)
    deleted = house.delete(path)
    assert (deleted.status_code, deleted.json()["deleted_at"]) == (200, "2026-11-23T06:01:00Z")
    assert (deleted.json()["wav_url"], deleted.json()["mp3_url"]) == (None, None)
    assert [file for file in (tmp_path / "recordings").rglob("*") if file.is_file()] == []
    house.pass_time(minutes=1)
    assert house.delete(path).json() == house.get(path).json() == deleted.json()
    assert house.get("/voice/recordings/").json() == []
    for gone in (house.get(path + "audio.wav"), house.get(link, who=None), house.get(path + "link")):
        assert problem(gone) == (410, "recording-gone")


def test_a_mark_is_set_and_taken_away_in_form_and_json(house: House, record: Record) -> None:
    path = f"/voice/recordings/{record()}/"
    assert house.post(path, json={"heard": True}).json()["heard_at"] == "2026-11-23T06:00:00Z"
    assert house.post(path, form={"heard": "false"}).json()["heard_at"] is None
    assert house.post(path, form={"heard": "yes"}).status_code == 400
    assert house.post(path, form={}).status_code == 400


def test_what_is_still_recorded_cannot_be_heard_yet(house: House, record: Record) -> None:
    path = f"/voice/recordings/{record(is_stored=False)}/"
    assert (house.get(path).json()["status"], house.get(path).json()["wav_url"]) == ("recording", None)
    for answer in (house.get(path + "audio.wav"), house.get(path + "link"), house.delete(path)):
        assert problem(answer) == (409, "recording-not-stored")


def test_a_file_on_another_node_is_asked_for_there(house: House, record: Record) -> None:
    path = f"/voice/recordings/{record(node='node-2', has_file=False)}/"
    answer = house.get(path + "audio.mp3")
    assert problem(answer) == (409, "recording-elsewhere")
    assert "node-2" in answer.json()["detail"]
    # Its row is deleted here, its file there.
    assert house.delete(path).status_code == 200


def test_a_shared_folder_serves_what_other_nodes_recorded(house: House, record: Record) -> None:
    assert house.get(f"/voice/recordings/{record(node='node-2')}/audio.wav").content == SOUND


@pytest.mark.parametrize("ending", ["wav", "mp3"])
def test_a_file_that_is_gone_is_noticed_by_who_asks_for_it(house: House, record: Record, ending: str) -> None:
    path = f"/voice/recordings/{record(has_file=False)}/"
    for _ in range(2):
        assert problem(house.get(f"{path}audio.{ending}")) == (410, "recording-gone")
    assert (house.get(path).json()["status"], house.get(path).json()["reason"]) == ("lost", "file-missing")
