import os
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import av
import pytest

from house import DIN, NOW, House
from offhook.domain.recordings import path_of
from offhook.service import recordings
from soundfiles import sine, wav
from terminal import Terminal

OLD, NEW = "0a" * 16, "0b" * 16
SOUND = wav(sine(440, 2.0, 8_000).tobytes())


@pytest.fixture
def house(terminal: Terminal) -> Iterator[House]:
    house = House(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    house.subscribed()
    yield house
    house.close()


@pytest.fixture
def kept(terminal: Terminal, house: House) -> Terminal:
    """Two recordings: the older one's file is here, the newer one's on another node."""
    for minute, (uid, node) in enumerate(((OLD, "node-1"), (NEW, "node-2"))):
        at = NOW + timedelta(minutes=minute)
        path = path_of(uid, at)
        call_id = house.ring()
        house.write(partial(recordings.begin, uid=uid, call_id=call_id, path=path, now=at, node=node))
        house.write(partial(recordings.store, uid=uid, seconds=2.0, size=len(SOUND), now=at))
    place = file_of(terminal)
    place.parent.mkdir(parents=True)
    place.write_bytes(SOUND)
    return terminal


def file_of(terminal: Terminal) -> Path:
    return terminal.folder / "offhook-data" / path_of(OLD, NOW)


def listed(terminal: Terminal, *words: str) -> list[str]:
    return [one["recording_uid"] for one in terminal.type("recordings", "list", "--json", *words).document]


def test_recordings_are_listed_newest_first_and_filtered(kept: Terminal) -> None:
    assert listed(kept) == [NEW, OLD]
    assert (listed(kept, "--limit", "1"), listed(kept, "--before", "0b")) == ([NEW], [OLD])
    assert listed(kept, "--since", (NOW + timedelta(seconds=1)).isoformat()) == [NEW]
    assert (listed(kept, "--number", DIN, "--account", "Shop"), listed(kept, "--number", "81")) == ([NEW, OLD], [])
    table = kept.type("recordings", "list").out
    assert "0b0b0b0b" in table
    assert "819012345678" in table


def test_a_recording_is_shown_by_the_beginning_of_its_uid(kept: Terminal) -> None:
    document = kept.type("recordings", "show", "0a", "--json").document
    assert (document["recording_uid"], document["status"], document["duration"]) == (OLD, "stored", 2)
    assert document["path"] == path_of(OLD, NOW)
    assert path_of(OLD, NOW) in kept.type("recordings", "show", OLD).out
    assert kept.type("recordings", "show", "0", "--json").error["code"] == "recording-ambiguous"
    assert kept.type("recordings", "show", "f", "--json").error["code"] == "recording-not-found"


def test_a_recording_is_exported_as_wav_and_as_mp3(kept: Terminal) -> None:
    printed = kept.type("recordings", "export", "0a", "--json")
    assert printed.document == {"recording_uid": OLD, "output": f"{OLD}.wav", "size": len(SOUND)}
    assert (kept.folder / f"{OLD}.wav").read_bytes() == SOUND
    assert kept.type("recordings", "export", "0a", "--format", "mp3", "--output", "heard.mp3").status == 0
    with av.open(BytesIO((kept.folder / "heard.mp3").read_bytes()), "r", format="mp3") as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) / 8_000 == pytest.approx(2.0, abs=0.2)
    if os.access("/dev/full", os.W_OK):
        assert (
            kept.type("recordings", "export", "0a", "--output", "/dev/full", "--json").error["code"] == "file-unusable"
        )


def test_a_file_that_another_node_has_is_not_exported_here(kept: Terminal) -> None:
    error = kept.type("recordings", "export", NEW, "--json").error
    assert error["code"] == "file-unusable"
    assert "node-2" in error["hint"]
    assert not (kept.folder / f"{NEW}.wav").exists()


def test_a_recording_is_deleted_with_its_file(kept: Terminal) -> None:
    assert kept.type("recordings", "delete", "0a").out == f"recording {OLD} is deleted\n"
    assert not file_of(kept).exists()
    assert "the node node-2 removes it" in kept.type("recordings", "delete", "0b").out
    assert listed(kept) == []
    assert listed(kept, "--deleted") == [NEW, OLD]
    assert kept.type("recordings", "export", "0a", "--json").error["code"] == "recording-gone"
    assert kept.type("recordings", "show", "0a", "--json").document["status"] == "stored"
