"""A WAV file that grows: its header is right after each write, so that it can be read at any time."""

import errno
import os

from offhook.engine.media import wav
from offhook.errors import Codes

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Ended(Codes):
    """Why a recording is over."""

    STOPPED = "stopped"
    SILENT = "silent"
    TOO_LONG = "recording-too-long"
    TOO_LARGE = "recording-too-large"
    DISK_FULL = "disk-full"
    NOT_WRITTEN = "recording-not-written"
    DISK_SLOW = "disk-too-slow"
    RECORDER_DIED = "recorder-died"


class RecordingFile:
    """One file. Its methods block on the disk and raise `OSError`."""

    def __init__(self, path: str, rate: int, channels: int) -> None:
        self._rate = rate
        self._channels = channels
        self._data_bytes = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self._write(self._header(), 0)
        except OSError:
            os.close(self._file)
            raise

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return wav.HEADER_SIZE + self._data_bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self._data_bytes / (self._rate * self._channels * wav.SAMPLE_BYTES)

    def append(self, samples: bytes) -> None:
        """Write more samples, and say so in the header."""
        self._write(samples, self.size)
        self._data_bytes += len(samples)
        self._write(self._header(), 0)

    def close(self) -> None:
        """Cut off what a write that failed left behind the last whole one."""
        try:
            os.ftruncate(self._file, self.size)
        finally:
            os.close(self._file)

    def _header(self) -> bytes:
        return wav.header(self._rate, self._channels, self._data_bytes)

    def _write(self, data: bytes, place: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, place)
            view, place = view[written:], place + written


def reason(error: OSError) -> Ended:
    """Say what an error of the disk means for a recording."""
    return Ended.DISK_FULL if error.errno in FULL else Ended.NOT_WRITTEN
