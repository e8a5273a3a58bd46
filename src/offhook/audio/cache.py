"""The folder of finished and growing sounds: one file of each for every codec.

A sound's name is the hash of what it was made from. Files are appended to under a temporary name,
renamed when whole, and from then on only unlinked, the least recently used first. Who has a file
open notices nothing. Several processes may share the folder.
"""

import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from time import time
from uuid import uuid4

from offhook.audio.encoded import Encoded
from offhook.audio.errors import SoundNotKept
from offhook.domain.sounds import BYTES_A_SECOND, Codec, Sound, suffix

GROWING = ".part"
ONCE = "once-"
# Whoever gives a whole sound its names does so in a moment: what lacks some for so long was made by another version.
INCOMPLETE_S = 3600.0


class Entry:
    """One sound in the folder, whole or growing: what its callers get is told by `sound`.

    `length` is how many bytes it has in each codec.
    """

    def __init__(self, folder: Path, key: str, length: int, is_whole: bool) -> None:
        self.key = key
        self.length = length
        self.is_whole = is_whole
        self._folder = folder

    def sound(self, codec: Codec) -> Sound:
        return Sound(
            path=str(self.path(codec)),
            growing_path=None if self.is_whole else str(self.growing_path(codec)),
            codec=codec,
            duration_ms=self.length * 1000 // BYTES_A_SECOND if self.is_whole else None,
        )

    def path(self, codec: Codec) -> Path:
        return self._folder / f"{self.key}{suffix(codec)}"

    def also(self, key: str) -> "Entry":
        """Give a whole sound a second name, and return it under that. Blocks on the disk; raises SoundNotKept."""
        other = Entry(self._folder, key, self.length, is_whole=True)
        try:
            for codec in Codec:
                # Another process may have made the same sound meanwhile.
                with suppress(FileExistsError):
                    other.path(codec).hardlink_to(self.path(codec))
        except OSError as error:
            raise SoundNotKept(f"the sound cache cannot be written: {error.strerror}") from error
        return other

    def growing_path(self, codec: Codec) -> Path:
        # The process id tells the next start whether somebody still writes here.
        return self._folder / f"{self.key}{suffix(codec)}.{os.getpid()}{GROWING}"


class Growth:
    """Writes one sound. Its methods block on the disk; SoundNotKept when the disk refuses."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def append(self, piece: Encoded) -> None:
        if not piece.pcmu:
            return
        try:
            if not self.entry.length:
                # Somebody may have cleaned up the whole folder while we ran.
                self.entry.path(Codec.PCMU).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for codec, data in ((Codec.PCMU, piece.pcmu), (Codec.PCMA, piece.pcma), (Codec.G722, piece.g722)):
                with self.entry.growing_path(codec).open("ab") as file:
                    file.write(data)
        except OSError as error:
            raise SoundNotKept(f"the sound cache cannot be written: {error.strerror}") from error
        self.entry.length += len(piece.pcmu)

    def finish(self) -> None:
        """Give the whole sound its name."""
        try:
            for codec in Codec:
                self.entry.growing_path(codec).rename(self.entry.path(codec))
        except OSError as error:
            raise SoundNotKept(f"the sound cache cannot be written: {error.strerror}") from error
        self.entry.is_whole = True

    def give_up(self) -> None:
        """Unlink what there is: readers take that as the end of the sound."""
        for codec in Codec:
            self.entry.growing_path(codec).unlink(missing_ok=True)
            self.entry.path(codec).unlink(missing_ok=True)


class Cache:
    """Knows what is in the folder and keeps it within a size."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        return self._bytes

    def open(self) -> None:
        """Make the folder, sweep what dead processes left, and take in the rest, oldest first."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found: list[tuple[float, str, int]] = []
        for path in self._folder.iterdir():
            if _is_left_behind(path) or _is_incomplete(path):
                path.unlink(missing_ok=True)
            elif path.suffix == suffix(Codec.PCMU) and _has_every_codec(path):
                status = path.stat()
                found.append((status.st_mtime, path.stem, status.st_size))
        for _, key, length in sorted(found):
            self.admit(Entry(self._folder, key, length, is_whole=True))

    def find(self, key: str) -> Entry | None:
        """Return a whole sound and count it as used; None too if somebody else has unlinked it."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if not all(entry.path(codec).exists() for codec in Codec):
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def grow(self, key: str) -> Growth:
        """Begin a sound. It is found only once it was finished and admitted."""
        return Growth(Entry(self._folder, key, 0, is_whole=False))

    def admit(self, entry: Entry) -> None:
        """Take in a whole sound and unlink the least recently used ones that are now too many."""
        before = self._entries.pop(entry.key, None)
        self._bytes += _size(entry) - (0 if before is None else _size(before))
        self._entries[entry.key] = entry
        while self._bytes > self._limit_bytes and len(self._entries) > 1:
            self.drop(next(iter(self._entries)))

    def drop(self, key: str) -> None:
        """Unlink a sound, if it is still there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(entry)
            for codec in Codec:
                entry.path(codec).unlink(missing_ok=True)


def once_key() -> str:
    """Return a name for a sound that must not be stored; it does not outlive this process."""
    return f"{ONCE}{os.getpid()}-{uuid4().hex}"


def _size(entry: Entry) -> int:
    return entry.length * len(Codec)


def _is_left_behind(path: Path) -> bool:
    """Whether nobody will finish or play this file: a dead process's, or one that was not to be kept."""
    if path.suffix == GROWING:
        return not _is_running(path.stem.rpartition(".")[2])
    return path.name.startswith(ONCE) and not _is_running(path.name.split("-")[1])


def _is_incomplete(path: Path) -> bool:
    """Whether this is a whole file of a sound that some codec lacks."""
    if path.suffix not in map(suffix, Codec) or _has_every_codec(path):
        return False
    return path.exists() and path.stat().st_mtime < time() - INCOMPLETE_S


def _has_every_codec(path: Path) -> bool:
    return all(path.with_suffix(suffix(codec)).exists() for codec in Codec)


def _is_running(process_id: str) -> bool:
    if not process_id.isdigit() or int(process_id) == os.getpid():
        # Our own id on a file that was there before us is an earlier process's.
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
