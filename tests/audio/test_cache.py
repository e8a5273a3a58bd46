"""The folder of sounds."""

import os
from pathlib import Path
from time import time

import pytest

from offhook.audio.cache import Cache, once_key
from offhook.audio.encoded import Encoded
from offhook.audio.errors import SoundNotKept
from offhook.domain.sounds import Codec, Sound

NOBODY = 2**22 + 1  # more than a process id may be


def opened(folder: Path, limit_bytes: int = 1_000_000) -> Cache:
    cache = Cache(folder, limit_bytes)
    cache.open()
    return cache


def kept(cache: Cache, key: str, samples: int = 8_000) -> None:
    growth = cache.grow(key)
    growth.append(Encoded(b"u" * samples, b"a" * samples, b"g" * samples))
    growth.finish()
    cache.admit(growth.entry)


def test_a_growing_sound_is_renamed_when_it_is_whole(tmp_path: Path) -> None:
    growth = opened(tmp_path).grow("k")
    growth.append(Encoded(b"12", b"ab", b"AB"))
    growing = growth.entry.sound(Codec.PCMA)
    assert growing.growing_path is not None
    assert growing.duration_ms is None
    with Path(growing.growing_path).open("rb") as reader:
        assert reader.read() == b"ab"
        growth.append(Encoded(b"3" * 6, b"c" * 6, b"C" * 6))
        growth.finish()
        assert reader.read() == b"cccccc"
    assert growth.entry.sound(Codec.PCMU) == Sound(str(tmp_path / "k.pcmu"), None, Codec.PCMU, 1)
    assert (tmp_path / "k.pcmu").read_bytes() == b"12333333"
    assert not Path(growing.growing_path).exists()


def test_a_sound_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    growth = opened(tmp_path).grow("k")
    growth.append(Encoded(b"12", b"ab", b"AB"))
    growth.give_up()
    assert list(tmp_path.iterdir()) == []


def test_the_least_recently_used_sounds_are_unlinked(tmp_path: Path) -> None:
    cache = opened(tmp_path, limit_bytes=60_000)
    kept(cache, "first")
    kept(cache, "second")
    assert cache.find("first")
    with (tmp_path / "second.pcmu").open("rb") as reader:
        kept(cache, "third")
        assert len(reader.read()) == 8_000
    assert cache.find("second") is None
    assert cache.find("first")
    assert cache.find("third")
    assert sorted(path.stem for path in tmp_path.glob("*.pcma")) == ["first", "third"]
    assert cache.size_bytes == 48_000


def test_one_sound_larger_than_the_limit_is_kept_until_the_next(tmp_path: Path) -> None:
    cache = opened(tmp_path, limit_bytes=100)
    kept(cache, "large")
    assert cache.find("large")
    kept(cache, "next")
    assert cache.find("large") is None


def test_a_sound_made_again_is_counted_once(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    kept(cache, "k")
    kept(cache, "k")
    assert cache.size_bytes == 24_000


def test_a_new_start_knows_the_sounds_of_the_last_and_evicts_the_oldest(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    for age, key in enumerate(("new", "old")):
        kept(cache, key)
        os.utime(tmp_path / f"{key}.pcmu", (1_000_000 - age, 1_000_000 - age))
    again = opened(tmp_path, limit_bytes=30_000)
    entry = again.find("new")
    assert entry is not None
    assert entry.sound(Codec.PCMU).duration_ms == 1_000
    assert again.find("old") is None


def test_a_sound_that_somebody_unlinked_is_not_found(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    kept(cache, "k")
    (tmp_path / "k.pcma").unlink()
    assert cache.find("k") is None
    assert cache.size_bytes == 0
    assert not (tmp_path / "k.pcmu").exists()


def test_what_dead_processes_left_is_swept_and_what_others_grow_stays(tmp_path: Path) -> None:
    dead = [f"a.pcmu.{NOBODY}.part", f"a.pcmu.{os.getpid()}.part", "a.pcmu.what.part", f"once-{NOBODY}-x.pcmu"]
    alive = [f"a.pcmu.{os.getppid()}.part", f"once-{os.getppid()}-x.pcmu"]
    for name in dead + alive:
        (tmp_path / name).touch()
    opened(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(alive)


def test_what_another_version_kept_in_fewer_codecs_is_swept_once_it_is_old(tmp_path: Path) -> None:
    for name, age_s in (("old.pcmu", 7_200), ("old.pcma", 7_200), ("fresh.pcmu", 0), ("readme.txt", 7_200)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time() - age_s,) * 2)
    opened(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh.pcmu", "readme.txt"]


def test_a_sound_that_must_not_be_stored_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert once_key() != once_key()
    cache = opened(tmp_path)
    kept(cache, once_key())
    opened(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_made_and_is_for_us_alone(tmp_path: Path) -> None:
    opened(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    growth = opened(tmp_path / "folder").grow("k")
    (tmp_path / "folder").rmdir()
    (tmp_path / "folder").write_text("somebody put a file here")
    with pytest.raises(SoundNotKept, match="cannot be written: File exists"):
        growth.append(Encoded(b"1", b"a", b"A"))
    with pytest.raises(SoundNotKept):
        growth.finish()


def test_a_folder_that_somebody_removed_is_made_again_for_the_next_sound(tmp_path: Path) -> None:
    cache = opened(tmp_path / "folder")
    (tmp_path / "folder").rmdir()
    growth = cache.grow("k")
    growth.append(Encoded(b"1", b"a", b"A"))
    growth.finish()
    cache.admit(growth.entry)
    assert cache.find("k") is not None
