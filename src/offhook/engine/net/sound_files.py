"""Files of coded sound as a media worker reads them: once each, shared by every leg that plays them."""

import os
from pathlib import Path
from weakref import WeakValueDictionary

from offhook.domain.sounds import Codec, beside
from offhook.engine.media.codecs import SILENCE, are_laws
from offhook.engine.media.g711 import transcode

FRAME_BYTES = 160
"""20 ms in every codec: what most peers want in a packet."""

READ_BYTES = 4096 * FRAME_BYTES
"""At most so much is read at a time, 80 s of sound: a long one must not keep other legs waiting."""


class SoundFile:
    """A sound in frames of one length in one codec: mono, 8,000 bytes a second.

    `frames` holds what has been read; `grow` reads on. While the file grows, what is less than a frame
    waits for the rest; of a whole one silence fills the last frame.
    `file` is a descriptor, `growing_path` the name that the file has as long as it grows.
    """

    def __init__(
        self, file: int, growing_path: str | None, codec: Codec, wanted: Codec, frame_bytes: int = FRAME_BYTES
    ) -> None:
        self.frames: list[bytes] = []
        self.is_whole = False
        self.was_given_up = False
        self._file = file
        self._growing_path = growing_path
        self._codec = codec
        self._wanted = wanted
        self._frame_bytes = frame_bytes
        self._rest = b""
        self.grow(1)

    def grow(self, wanted: int) -> None:
        """Read on until so many frames are there or nothing more is; learn whether there will be more."""
        while not self.is_whole and len(self.frames) < wanted and self._read():
            pass

    def _read(self) -> bool:
        """Read one piece; False if there was nothing."""
        # Asked before reading: what is renamed now was whole before its last byte is read.
        is_final = self._is_final()
        place = len(self.frames) * self._frame_bytes + len(self._rest)
        piece = os.pread(self._file, READ_BYTES, place)
        self._add(transcode(piece, self._codec, self._wanted))
        if is_final and len(piece) < READ_BYTES:
            self._complete()
        return bool(piece)

    def _add(self, samples: bytes) -> None:
        samples = self._rest + samples
        size = self._frame_bytes
        end = len(samples) // size * size
        self.frames += [samples[at : at + size] for at in range(0, end, size)]
        self._rest = samples[end:]

    def _complete(self) -> None:
        self.is_whole = True
        os.close(self._file)
        if self._rest:
            self._add(SILENCE[self._wanted] * (self._frame_bytes - len(self._rest)))

    def __del__(self) -> None:
        if not self.is_whole:
            os.close(self._file)

    def _is_final(self) -> bool:
        mine = os.fstat(self._file)
        if mine.st_nlink == 0:
            # Given up by its maker, or evicted: what is there is all there will be.
            self.was_given_up = True
            return True
        if self._growing_path is None:
            return True
        try:
            growing = Path(self._growing_path).stat()
        except FileNotFoundError:
            # It has its last name, whether that is still there or not.
            return True
        return (growing.st_dev, growing.st_ino) != (mine.st_dev, mine.st_ino)


class SoundLibrary:
    """The sounds that are being played now. What nobody plays any more is let go."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[tuple[str, Codec, int], SoundFile] = WeakValueDictionary()

    def get(
        self, path: str, growing_path: str | None, codec: Codec, wanted: Codec, frame_bytes: int = FRAME_BYTES
    ) -> SoundFile:
        """Return a sound in the codec `wanted`. Raises `OSError` when the file is not there.

        A law of G.711 is read as the other one by a table; in any other codec the sound has a file of its own.
        """
        if not are_laws(codec, wanted):
            path = beside(path, codec, wanted)
            growing_path = None if growing_path is None else beside(growing_path, codec, wanted)
            codec = wanted
        found = self._open.get((path, wanted, frame_bytes))
        if found is None or found.was_given_up:
            # Who plays what was given up plays it to its end; everybody else gets the next attempt.
            found = SoundFile(_open(path, growing_path), growing_path, codec, wanted, frame_bytes)
            self._open[(path, wanted, frame_bytes)] = found
        return found


def _open(path: str, growing_path: str | None) -> int:
    if growing_path is not None:
        try:
            return os.open(growing_path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            # It became whole in the meantime.
            pass
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
