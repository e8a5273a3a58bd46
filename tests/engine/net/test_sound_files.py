"""Sounds as a media worker reads them, while their makers are still writing."""

import gc
from pathlib import Path

import pytest

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import SILENCE, transcode
from offhook.engine.net.sound_files import FRAME_BYTES, READ_BYTES, SoundFile, SoundLibrary

PCMU, PCMA = Codec.PCMU, Codec.PCMA
ONE, TWO, THREE = (bytes([value]) * FRAME_BYTES for value in (1, 2, 3))


class Maker:
    """Writes a sound as its maker does: append under one name, rename when whole, unlink when given up."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "sound.ulaw")
        self.growing_path = str(folder / "sound.growing")
        self.write(b"")

    def write(self, data: bytes) -> None:
        with Path(self.growing_path).open("ab") as file:
            file.write(data)

    def complete(self, data: bytes = b"") -> None:
        self.write(data)
        Path(self.growing_path).rename(self.path)

    def give_up(self) -> None:
        Path(self.growing_path).unlink()


def _samples(sound: SoundFile) -> bytes:
    assert {len(frame) for frame in sound.frames} <= {FRAME_BYTES}
    return b"".join(sound.frames)


def _grow(sound: SoundFile) -> None:
    """Read on as far as there is anything."""
    sound.grow(len(sound.frames) + 10 * READ_BYTES)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def _growing(maker: Maker, library: SoundLibrary, wanted: Codec = PCMU) -> SoundFile:
    return library.get(maker.path, maker.growing_path, PCMU, wanted)


def test_a_whole_sound_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sound.ulaw"
    samples = bytes(range(160)) * 50
    path.write_bytes(samples)
    sound = SoundLibrary().get(str(path), None, PCMU, PCMU)
    assert sound.is_whole
    assert _samples(sound) == samples
    path.unlink()
    _grow(sound)
    assert _samples(sound) == samples


def test_a_long_sound_is_read_as_far_as_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "sound.ulaw"
    samples = bytes(range(256)) * (2 * READ_BYTES // 256) + b"end"
    path.write_bytes(samples)
    sound = SoundLibrary().get(str(path), None, PCMU, PCMU)
    at_once = READ_BYTES // FRAME_BYTES
    assert (len(sound.frames), sound.is_whole) == (at_once, False)
    sound.grow(at_once)
    assert len(sound.frames) == at_once
    sound.grow(at_once + 1)
    assert (len(sound.frames), sound.is_whole) == (2 * at_once, False)
    sound.grow(2 * at_once + 1)
    assert sound.is_whole
    assert _samples(sound)[: len(samples)] == samples


def test_the_last_frame_of_a_whole_sound_is_filled_with_silence(maker: Maker) -> None:
    maker.complete(b"one")
    sound = _growing(maker, SoundLibrary(), PCMA)
    [frame] = sound.frames
    assert frame == transcode(b"one", PCMU, PCMA) + SILENCE[PCMA] * (FRAME_BYTES - 3)


def test_a_growing_sound_is_read_as_far_as_it_is_there(maker: Maker) -> None:
    maker.write(ONE + TWO[:100])
    sound = _growing(maker, SoundLibrary())
    before = (_samples(sound), sound.is_whole)
    maker.write(TWO[100:])
    _grow(sound)
    assert before == (ONE, False)
    assert (_samples(sound), sound.is_whole) == (ONE + TWO, False)
    maker.complete(THREE)
    _grow(sound)
    assert (_samples(sound), sound.is_whole) == (ONE + TWO + THREE, True)


def test_a_sound_that_became_whole_before_it_was_opened_is_found_by_its_name(maker: Maker) -> None:
    maker.complete(ONE)
    sound = _growing(maker, SoundLibrary())
    assert (_samples(sound), sound.is_whole) == (ONE, True)


def test_of_a_sound_that_was_given_up_remains_what_was_there(maker: Maker) -> None:
    maker.write(ONE)
    sound = _growing(maker, SoundLibrary())
    maker.write(TWO)
    maker.give_up()
    _grow(sound)
    assert (_samples(sound), sound.is_whole) == (ONE + TWO, True)


def test_the_next_attempt_at_a_sound_is_not_the_one_that_was_given_up(maker: Maker, tmp_path: Path) -> None:
    library = SoundLibrary()
    maker.write(ONE)
    first = _growing(maker, library)
    maker.give_up()
    _grow(first)
    again = Maker(tmp_path)
    again.complete(TWO)
    assert _samples(_growing(again, library)) == TWO
    assert _samples(first) == ONE


def test_an_evicted_sound_is_played_to_its_end_by_who_has_it(maker: Maker) -> None:
    maker.write(ONE)
    sound = _growing(maker, SoundLibrary())
    maker.complete(TWO)
    Path(maker.path).unlink()
    _grow(sound)
    assert (_samples(sound), sound.is_whole) == (ONE + TWO, True)


def test_another_file_under_the_final_name_is_not_mine(maker: Maker) -> None:
    maker.write(ONE)
    sound = _growing(maker, SoundLibrary())
    Path(maker.path).write_bytes(b"not mine")
    _grow(sound)
    assert (_samples(sound), sound.is_whole) == (ONE, False)


def test_a_sound_is_transcoded_as_it_grows(maker: Maker) -> None:
    maker.write(bytes(range(240)))
    sound = _growing(maker, SoundLibrary(), PCMA)
    maker.complete(bytes(range(240, 256)) + TWO[:64])
    _grow(sound)
    assert _samples(sound) == transcode(bytes(range(256)) + TWO[:64], PCMU, PCMA)


def test_who_plays_the_same_sound_shares_it_and_another_codec_is_another_sound(maker: Maker) -> None:
    library = SoundLibrary()
    maker.complete(b"x")
    first, second = _growing(maker, library), _growing(maker, library)
    assert first is second
    assert _growing(maker, library, PCMA) is not first


def test_a_sound_that_nobody_plays_is_let_go_and_its_file_closed(maker: Maker) -> None:
    library = SoundLibrary()
    before = _open_files()
    sound = _growing(maker, library)
    during = _open_files()
    del sound
    gc.collect()
    assert (during, _open_files()) == (before + 1, before)
    maker.complete(b"x")
    assert _samples(_growing(maker, library))[:1] == b"x"


def test_a_whole_sound_holds_no_file_open(maker: Maker) -> None:
    maker.complete(b"x")
    before = _open_files()
    sound = _growing(maker, SoundLibrary())
    assert sound.is_whole
    assert _open_files() == before


def test_a_sound_that_is_not_there_is_an_error_and_nothing_more(tmp_path: Path) -> None:
    library = SoundLibrary()
    with pytest.raises(FileNotFoundError):
        library.get(str(tmp_path / "gone"), str(tmp_path / "gone.growing"), PCMU, PCMU)
    with pytest.raises(FileNotFoundError):
        library.get(str(tmp_path / "gone"), None, PCMU, PCMU)
