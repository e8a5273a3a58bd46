"""A file that is decoded while it comes. Runs in the audio worker.

FFmpeg asks for bytes in the middle of its work and cannot be left there, so each such file has a thread of its
own. Only one thread runs at any time: who wants the next piece waits until it is there, or until bytes are missing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import Self

from offhook.audio.encoded import Encoded

BEGINNING_BYTES = 1024


class Source:
    """What came and was not read yet; a `decode.Coming`."""

    def __init__(self, starve: Callable[[], None]) -> None:
        self.beginning = b""
        self._starve = starve
        self._unread = bytearray()
        self._is_ended = False
        self._fed = Semaphore(0)
        self._is_starving = False

    def read(self, size: int, /) -> bytes:
        while not self._unread and not self._is_ended:
            self._is_starving = True
            self._starve()
            self._fed.acquire()
        piece = bytes(self._unread[:size])
        del self._unread[:size]
        return piece

    def is_dry(self) -> bool:
        return not self._unread and not self._is_ended

    def add(self, data: bytes, *, is_last: bool) -> None:
        self.beginning += data[: BEGINNING_BYTES - len(self.beginning)]
        self._unread += data
        self._is_ended = is_last

    def go_on(self) -> None:
        """Let the reader look again, if it waits."""
        if self._is_starving:
            self._is_starving = False
            self._fed.release()

    def close(self) -> None:
        """End the file here and now."""
        self._unread.clear()
        self._is_ended = True


class Feeding:
    """Gives a sound piece by piece, and None where bytes are missing."""

    def __init__(self, decode: Callable[[Source], Iterator[Encoded]], beginning: bytes) -> None:
        # Released when a piece is there, and when bytes are missing.
        self._news = Semaphore(0)
        self._source = Source(self._news.release)
        self._source.add(beginning, is_last=False)
        self._pieces = decode(self._source)
        self._thread = ThreadPoolExecutor(1)
        self._wanted: Future[Encoded | None] | None = None

    def feed(self, data: bytes, *, is_last: bool) -> None:
        """Add the next bytes. Nothing is done with them before the next step."""
        self._source.add(data, is_last=is_last)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Encoded | None:
        if self._wanted is None:
            self._wanted = self._thread.submit(next, self._pieces, None)
            self._wanted.add_done_callback(lambda _: self._news.release())
        else:
            self._source.go_on()
        self._news.acquire()
        if not self._wanted.done():
            return None
        done, self._wanted = self._wanted, None
        piece = done.result()
        if piece is None:
            raise StopIteration
        return piece

    def close(self) -> None:
        """End the thread: its file is over wherever it is."""
        self._source.close()
        self._source.go_on()
        self._thread.shutdown()
