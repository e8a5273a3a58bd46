"""Files of recordings: read, written as MP3 by a real worker, put right after a crash, removed."""

import asyncio
import wave
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ear import has_tone
from offhook.audio.errors import SoundNotAudio, SoundNotKept
from offhook.audio.shelf import Audio, Found, Shelf
from processes import kill
from soundfiles import sine, wav

UID = "0123456789abcdef" * 2
PATH = f"recordings/2026-11-23/{UID}.wav"


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    await made.stop()


async def put(shelf: Shelf, data: bytes, path: str = PATH) -> Path:
    place = await shelf.prepare(path)
    place.write_bytes(data)
    return place


def heard(place: Path) -> tuple[NDArray[np.float64], int, int]:
    """Decode a file; return its samples (channel, time), its rate and the bits a second that it says it has."""
    with av.open(BytesIO(place.read_bytes()), "r", format="mp3") as container:
        (stream,) = container.streams.audio
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)
        return samples.astype(np.float64) * 32_767, stream.rate, int(stream.bit_rate or 0)


@pytest.mark.parametrize("rate", [8_000, 16_000])
async def test_a_recording_can_be_had_as_mp3(shelf: Shelf, rate: int) -> None:
    await put(shelf, wav(sine(440, 12.3, rate).tobytes(), rate))
    samples, found_rate, bits = heard(await shelf.mp3(PATH))
    assert found_rate == rate
    assert bits == {8_000: 24_000, 16_000: 40_000}[rate]
    assert samples.shape[1] / rate == pytest.approx(12.3, abs=0.2)
    assert has_tone(samples[0], 440, rate)
    assert (shelf.place(PATH).with_suffix(".mp3").stat().st_size) < 70_000


async def test_both_sides_of_a_call_stay_apart(shelf: Shelf) -> None:
    both = np.stack([sine(440, 3.0, 8_000), sine(1000, 3.0, 8_000)], axis=1)
    await put(shelf, wav(both.tobytes(), 8_000, 2))
    samples, _, _ = heard(await shelf.mp3(PATH))
    left, right = samples
    assert has_tone(left, 440, 8_000)
    assert has_tone(right, 1000, 8_000)
    assert not has_tone(left, 1000, 8_000)


async def test_an_mp3_is_made_once_for_all_who_want_it(shelf: Shelf) -> None:
    await put(shelf, wav(sine(440, 1.0, 8_000).tobytes()))
    first, second = await asyncio.gather(shelf.mp3(PATH), shelf.mp3(PATH))
    made = first.stat()
    assert (await shelf.mp3(PATH), second) == (first, first)
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


@pytest.mark.parametrize("data", [b"", b"no sound", wav(bytes(99), 44_100)])
async def test_what_our_recorder_did_not_write_is_refused_and_the_worker_goes_on(shelf: Shelf, data: bytes) -> None:
    await put(shelf, data)
    with pytest.raises(SoundNotAudio):
        await shelf.mp3(PATH)
    await put(shelf, wav(sine(440, 1.0, 8_000).tobytes()))
    assert (await shelf.mp3(PATH)).stat().st_size


async def test_a_worker_that_was_killed_is_replaced(shelf: Shelf) -> None:
    await put(shelf, wav(sine(440, 1.0, 8_000).tobytes()))
    (await shelf.mp3(PATH)).unlink()
    worker = shelf._press._worker
    assert worker is not None
    await kill(worker.pid)
    await worker.ended()
    assert (await shelf.mp3(PATH)).is_file()


async def test_a_file_that_is_not_there_is_told(shelf: Shelf) -> None:
    assert not await shelf.has(PATH)
    with pytest.raises(SoundNotKept, match="No such file"):
        await shelf.mp3(PATH)
    assert not await shelf.remove(PATH)
    assert await shelf.repair(PATH) is None
    assert await shelf.files() == []


async def test_a_file_whose_recorder_was_killed_holds_all_that_was_written(shelf: Shelf) -> None:
    """The header counts the second of sound before the last write; of its last sample half was written."""
    place = await put(shelf, wav(sine(440, 2.0, 8_000).tobytes(), claimed_bytes=16_000) + b"\1")
    assert await shelf.repair(PATH) == Audio(8_000, 1, 44 + 32_000)
    with wave.open(str(place)) as file:
        assert file.getnframes() == 16_000
    assert place.stat().st_size == 44 + 32_000
    audio = await shelf.repair(PATH)
    assert audio is not None
    assert audio.seconds == 2.0


@pytest.mark.parametrize("data", [b"", b"RIFF", wav(b""), wav(b"") + b"\1"])
async def test_a_file_without_a_sound_is_none(shelf: Shelf, data: bytes) -> None:
    await put(shelf, data)
    assert await shelf.repair(PATH) is None


async def test_a_recording_is_removed_in_every_form_and_its_day_with_the_last(shelf: Shelf, tmp_path: Path) -> None:
    await put(shelf, wav(sine(440, 1.0, 8_000).tobytes()))
    await shelf.mp3(PATH)
    found = await shelf.files()
    assert sorted(file.path for file in found) == [PATH.replace(".wav", ".mp3"), PATH]
    assert {file.uid for file in found} == {UID}
    assert await shelf.remove(PATH)
    assert list((tmp_path / "recordings").iterdir()) == []


async def test_a_file_of_another_name_is_nobodys(shelf: Shelf) -> None:
    place = await put(shelf, b"", "recordings/x/notes.txt")
    assert await shelf.files() == [Found("recordings/x/notes.txt", "", place.stat().st_mtime)]
