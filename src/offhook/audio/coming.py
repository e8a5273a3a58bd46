"""Bytes that are still on their way: whoever works on them waits for more, and learns why there will be none."""

import asyncio
from collections.abc import Callable


class Body:
    """A file as it comes from its host: `data` grows until `is_whole`.

    `wait` functions raise the error that ended it before it was whole.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_whole = False
        self._error: BaseException | None = None
        self._changed = asyncio.Event()

    def add(self, piece: bytes) -> None:
        self.data += piece
        self._tell()

    def end(self, error: BaseException | None = None) -> None:
        """Say that nothing more comes: because all is there, or because of an error."""
        self.is_whole = error is None
        self._error = error
        self._tell()

    async def wait_for_more(self, length: int) -> None:
        """Wait until more than so many bytes are there or there will be none."""
        await self._wait(lambda: len(self.data) > length)

    async def wait_until_whole(self) -> bytes:
        """Wait until all is there and return it."""
        await self._wait(lambda: False)
        return bytes(self.data)

    async def is_whole_within(self, seconds: float) -> bool:
        """Wait for so long at most; tell whether all is there."""
        try:
            async with asyncio.timeout(seconds):
                await self._wait(lambda: False)
        except TimeoutError:
            return False
        return True

    async def _wait(self, is_enough: Callable[[], bool]) -> None:
        while not (self.is_whole or is_enough()):
            if self._error is not None:
                raise self._error
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
