"""Files of raw G.711 as a media worker reads them: once each, shared by every leg that plays them."""

import os
from pathlib import Path
from weakref import WeakValueDictionary

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import transcode

READ_BYTES = 1 << 20


class SoundFile:
    """A sound's samples in one codec: 8 kHz, mono, one byte a sample.

    While the file grows, `data` holds what was there at the last look; `grow` looks again.
    `file` is a descriptor, `path` the name that the file has when it is whole.
    """

    def __init__(self, file: int, path: str, codec: Codec, wanted: Codec) -> None:
        self.data = bytearray()
        self.is_whole = False
        self.was_given_up = False
        self._file = file
        self._path = path
        self._codec = codec
        self._wanted = wanted
        self.grow()

    def grow(self) -> None:
        """Read what has been appended since; learn whether there will be more."""
        if self.is_whole:
            return
        # Asked before reading: what is renamed now was whole before its last byte is read.
        is_final = self._is_final()
        while piece := os.pread(self._file, READ_BYTES, len(self.data)):
            self.data += transcode(piece, self._codec, self._wanted)
        if is_final:
            self.is_whole = True
            os.close(self._file)

    def __del__(self) -> None:
        if not self.is_whole:
            os.close(self._file)

    def _is_final(self) -> bool:
        mine = os.fstat(self._file)
        if mine.st_nlink == 0:
            # Given up by its maker, or evicted: what is there is all there will be.
            self.was_given_up = True
            return True
        try:
            final = Path(self._path).stat()
        except FileNotFoundError:
            return False
        return (final.st_dev, final.st_ino) == (mine.st_dev, mine.st_ino)


class SoundLibrary:
    """The sounds that are being played now. What nobody plays any more is let go."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[tuple[str, Codec], SoundFile] = WeakValueDictionary()

    def get(self, path: str, growing_path: str | None, codec: Codec, wanted: Codec) -> SoundFile:
        """Return a sound in the codec `wanted`. Raises `OSError` when the file is not there."""
        found = self._open.get((path, wanted))
        if found is None or found.was_given_up:
            # Who plays what was given up plays it to its end; everybody else gets the next attempt.
            found = SoundFile(_open(path, growing_path), path, codec, wanted)
            self._open[(path, wanted)] = found
        return found


def _open(path: str, growing_path: str | None) -> int:
    if growing_path is not None:
        try:
            return os.open(growing_path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            # It became whole in the meantime.
            pass
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
