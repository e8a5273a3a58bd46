"""Rows and files of recordings held together: by the desk, by the jobs, through crashes, in mails."""

import asyncio
import os
import sys
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import av
import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from mail_sink import MailSink
from offhook.audio.shelf import Shelf
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.recordings import Recording, RecordingStatus
from offhook.domain.terms import Terms
from offhook.mail.server import MailServer, Security
from offhook.serve.notices import Notices, Post
from offhook.serve.pulse import Pulse
from offhook.serve.recordings import Enclosures, RecordingDesk, Recordings
from offhook.service import nodes, notices, recordings
from offhook.service.ports import Work
from offhook.storage import DatabaseAway
from soundfiles import sine, wav

T = TypeVar("T")
A, B = "node-1", "node-2"
BASE = "https://voice.example"
SOUND = wav(sine(440, 3.0, 8_000).tobytes())
TERMS = Terms(recording_cost=CREDIT)
RECORDER = """
import os, sys
from offhook.engine.net.recording_file import RecordingFile
file = RecordingFile(sys.argv[1], 8000, 1)
for _ in range(5):
    file.append(bytes(8000))
# As far as a write comes whose header is not written any more.
os.pwrite(file._file, bytes(4001), file.size)
print("recorded", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.subscribed()
    yield opened
    opened.close()


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    await made.stop()


@pytest.fixture
def desk(house: House, shelf: Shelf) -> RecordingDesk:
    return desk_of(house, shelf, A)


def desk_of(house: House, shelf: Shelf, node: str) -> RecordingDesk:
    serial = count(1)
    return RecordingDesk(
        house.database,
        shelf,
        node,
        now=lambda: NOW,
        fresh=lambda: f"{next(serial):032x}",
        terms=TERMS,
        base_url=BASE,
        secret=house.read(recordings.link_secret),
    )


def job(house: House, shelf: Shelf, at: datetime, node: str = A) -> Recordings:
    return Recordings(house.database, shelf, node, now=lambda: at, terms=TERMS, tend_every_s=0.0, sweep_every_s=0.0)


async def record(house: House, desk: RecordingDesk) -> tuple[str, Path]:
    call_id = house.ring()
    house.answer(call_id)
    uid, place = await desk.begin(call_id)
    place.write_bytes(SOUND)
    await desk.store(uid, 3.0, len(SOUND))
    return uid, place


def find(house: House, uid: str) -> Recording:
    return house.read(lambda work: recordings.find_recording(work, None, uid))


def age(place: Path, at: datetime) -> None:
    os.utime(place, (at.timestamp(), at.timestamp()))


async def test_the_desk_puts_the_row_before_the_file(house: House, desk: RecordingDesk, tmp_path: Path) -> None:
    call_id = house.ring()
    uid, place = await desk.begin(call_id, rate=16_000)
    assert (place.exists(), place.parent.is_dir()) == (False, True)
    assert place == tmp_path / find(house, uid).path
    assert (find(house, uid).status, find(house, uid).rate) == (RecordingStatus.RECORDING, 16_000)
    await desk.store(uid, 4.0, 128_044, "recording-too-long")
    assert (find(house, uid).status, find(house, uid).code) == (RecordingStatus.STORED, "recording-too-long")
    other, _ = await desk.begin(call_id)
    await desk.lose(other, "disk-full")
    assert (find(house, other).status, find(house, other).code) == (RecordingStatus.LOST, "disk-full")


async def test_the_desk_gives_out_links_for_an_hour(house: House, desk: RecordingDesk) -> None:
    uid, _ = await record(house, desk)
    url = urlsplit(desk.url(uid))
    assert (url.scheme, url.netloc, url.path) == ("https", "voice.example", f"/voice/recordings/{uid}/audio.wav")
    query = dict(parse_qsl(url.query))
    late = NOW + timedelta(seconds=3599)
    found = house.read(lambda work: recordings.find_linked(work, uid, **query, now=late))
    assert found.uid == uid


async def test_a_node_that_is_killed_while_it_records_loses_nothing_that_was_written(
    house: House, shelf: Shelf
) -> None:
    """A recorder is really killed with its file open; another node with the same folder finishes what it left."""
    house.write(lambda work: nodes.begin(work, node=A, now=NOW))
    call_id = house.ring(node=A)
    house.answer(call_id)
    uid, place = await desk_of(house, shelf, A).begin(call_id)
    recorder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RECORDER, str(place)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert recorder.stdout is not None
    assert await recorder.stdout.readline() == b"recorded\n"
    recorder.kill()
    await recorder.wait()
    house.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))
    house.write(lambda work: nodes.begin(work, node=B, now=NOW + timedelta(minutes=5)))
    later = NOW + timedelta(minutes=10)
    pulse = Pulse(house.database, B, now=lambda: later, hang_up=lambda _: None)
    await pulse.recover()
    pulse.stop()
    assert house.call(call_id).reason == "node-lost"
    for _ in range(2):
        await job(house, shelf, later, B).tend()
    found = find(house, uid)
    assert (found.status, found.code, found.duration_ms) == (RecordingStatus.STORED, "node-lost", 2750)
    with wave.open(str(place)) as file:
        assert file.getnframes() == 22_000
    assert place.stat().st_size == found.size == 44 + 44_000
    assert len(house.read(lambda work: notices.list_notices(work, house.shop.id, 10))) == 1
    assert [event.kind for event in house.timeline(call_id)] == ["ended", "recording-recovered"]


async def test_a_file_that_only_the_dead_node_has_waits_a_day_for_it(
    house: House, shelf: Shelf, tmp_path: Path
) -> None:
    call_id = house.ring()
    house.answer(call_id)
    uid, place = await desk_of(house, shelf, A).begin(call_id)
    place.write_bytes(SOUND)
    house.hang_up(call_id, 5)
    elsewhere = Shelf(tmp_path / "other")
    await job(house, elsewhere, NOW + timedelta(hours=23), B).tend()
    assert find(house, uid).status is RecordingStatus.RECORDING
    await job(house, shelf, NOW + timedelta(hours=23), A).tend()
    assert find(house, uid).status is RecordingStatus.STORED


async def test_a_recording_of_which_nothing_is_found_is_lost(house: House, shelf: Shelf, tmp_path: Path) -> None:
    calls = [house.ring(), house.ring()]
    desk = desk_of(house, shelf, A)
    mine, theirs = [(await desk.begin(call_id))[0] for call_id in calls]
    for call_id in calls:
        house.give_up(call_id)
    await job(house, shelf, NOW + timedelta(minutes=3), A).tend()
    assert [find(house, uid).code for uid in (mine, theirs)] == ["node-lost"] * 2


async def test_a_node_that_never_comes_back_is_given_up_after_a_day(house: House, shelf: Shelf) -> None:
    call_id = house.ring()
    uid, _ = await desk_of(house, shelf, A).begin(call_id)
    house.give_up(call_id)
    await job(house, shelf, NOW + timedelta(hours=24), B).tend()
    assert find(house, uid).status is RecordingStatus.LOST


async def test_storage_is_charged_until_the_recording_goes_and_its_file_with_it(
    house: House, shelf: Shelf, desk: RecordingDesk
) -> None:
    uid, place = await record(house, desk)
    await shelf.mp3(find(house, uid).path)
    for at in (NOW, NOW, NOW + timedelta(days=29)):
        await job(house, shelf, at).tend()
    assert place.exists()
    await job(house, shelf, NOW + timedelta(days=30)).tend()
    assert not place.parent.exists()
    assert find(house, uid).deleted_at == NOW + timedelta(days=30)
    charged = [line for line in house.ledger() if line.posting.kind is PostingKind.RECORDING_STORAGE]
    assert [line.posting.amount for line in charged] == [CREDIT]


async def test_the_sweep_removes_files_without_a_row_after_a_day_and_deleted_ones_at_once(
    house: House, shelf: Shelf, desk: RecordingDesk
) -> None:
    kept, place = await record(house, desk)
    deleted, _ = await record(house, desk)
    house.write(lambda work: recordings.delete(work, account_id=None, uid=deleted, now=NOW))
    day = place.parent
    fresh, old, part, foreign = (
        day / name for name in (f"{'a' * 32}.wav", f"{'b' * 32}.wav", f"{kept}.x.part", "notes")
    )
    for file in (fresh, old, part, foreign):
        file.write_bytes(b"")
        age(file, NOW)
    age(old, NOW - timedelta(days=1, seconds=1))
    await job(house, shelf, NOW).sweep()
    assert {file for file in day.iterdir() if file != part} == {place, fresh, foreign}
    assert find(house, kept).is_there


async def test_a_row_without_its_file_is_noticed_and_one_whose_file_comes_back_too(
    house: House, shelf: Shelf, desk: RecordingDesk
) -> None:
    uid, place = await record(house, desk)
    away = place.rename(place.with_name("away"))
    with capture_logs() as logs:
        await job(house, shelf, NOW, B).sweep()
        assert find(house, uid).is_there
        await job(house, shelf, NOW, A).sweep()
    assert [(entry["log_level"], entry["recording"]) for entry in logs] == [("error", uid)]
    assert (find(house, uid).status, find(house, uid).code) == (RecordingStatus.LOST, "file-missing")
    away.rename(place)
    await job(house, shelf, NOW, A).sweep()
    assert find(house, uid).is_there


class Away:
    """A database that is away."""

    def write_now(self, _: Callable[[Work], T]) -> T:
        raise DatabaseAway("the server is restarted")

    async def write(self, unit: Callable[[Work], T]) -> T:
        return self.write_now(unit)

    read_now, read = write_now, write


async def test_the_jobs_go_on_while_the_database_is_away(shelf: Shelf) -> None:
    running = Recordings(Away(), shelf, A, now=lambda: NOW, terms=TERMS, tend_every_s=0.0, sweep_every_s=0.0)
    with capture_logs() as logs:
        running.start()
        async with asyncio.timeout(5):
            while len(logs) < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        running.stop()
    assert {entry["code"] for entry in logs} == {"database-away"}


def post_of(house: House, shelf: Shelf, port: int, most_bytes: int) -> Post:
    enclosures = Enclosures(
        house.database,
        shelf,
        now=lambda: NOW,
        base_url=BASE,
        secret=house.read(recordings.link_secret),
        most_bytes=most_bytes,
    )
    return Post(MailServer("127.0.0.1", port, Security.NONE), "offhook@example.org", enclosures.of)


async def mailed(house: House, shelf: Shelf, most_bytes: int = 1 << 20) -> MailSink:
    with MailSink() as sink:
        post = post_of(house, shelf, sink.port, most_bytes)
        assert await Notices(house.database, post.deliver, now=lambda: NOW).work_off() == 1
    return sink


@pytest.fixture
def mailbox(house: House) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))


async def test_a_mail_brings_the_message(house: House, shelf: Shelf, desk: RecordingDesk, mailbox: None) -> None:
    await record(house, desk)
    (mail,) = (await mailed(house, shelf)).mails
    assert (mail["To"], mail["Subject"]) == ("shop@example.com", "Shop: +815012345678: a message from +819012345678")
    body, attached = mail.iter_parts()
    assert "left a message of 3 seconds. The message is attached." in " ".join(body.get_content().split())
    assert (attached.get_content_type(), attached.get_filename()) == ("audio/mpeg", "message-2026-11-23-060000.mp3")
    (shelf.place("heard.mp3")).write_bytes(attached.get_content())
    with av.open(str(shelf.place("heard.mp3"))) as container:
        assert container.streams.audio[0].rate == 8_000


@pytest.mark.parametrize("is_here", [True, False])
async def test_a_message_that_is_too_large_or_elsewhere_comes_as_a_link(
    house: House, shelf: Shelf, desk: RecordingDesk, mailbox: None, tmp_path: Path, is_here: bool
) -> None:
    uid, _ = await record(house, desk)
    place = (shelf, 10) if is_here else (Shelf(tmp_path / "other"), 1 << 20)
    (mail,) = (await mailed(house, *place)).mails
    text = mail.get_content()
    assert "Hear it until 30 November 2026" in text
    (url,) = [word for word in text.split() if word.startswith(BASE)]
    query = dict(parse_qsl(urlsplit(url).query))
    late = NOW + timedelta(days=6)
    assert house.read(lambda work: recordings.find_linked(work, uid, **query, now=late)).uid == uid


async def test_a_message_that_was_deleted_before_the_mail_is_not_sent(
    house: House, shelf: Shelf, desk: RecordingDesk, mailbox: None
) -> None:
    uid, _ = await record(house, desk)
    house.write(lambda work: recordings.delete(work, account_id=None, uid=uid, now=NOW))
    (mail,) = (await mailed(house, shelf)).mails
    assert "The message was deleted meanwhile." in mail.get_content()
    assert not mail.is_multipart()


async def test_a_message_that_cannot_be_made_into_mp3_comes_as_a_link(
    house: House, shelf: Shelf, desk: RecordingDesk, mailbox: None
) -> None:
    _, place = await record(house, desk)
    place.write_bytes(b"no sound")
    (mail,) = (await mailed(house, shelf)).mails
    assert f"{BASE}/voice/recordings/" in mail.get_content()
