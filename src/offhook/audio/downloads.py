"""Files from the web, whole and in memory, within the limits. How they are fetched is not our business."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from offhook.audio.errors import SoundNotFound, SoundTimeout, SoundTooLong
from offhook.audio.limits import Limits
from offhook.errors import ActionServerError

OK, NOT_MODIFIED = 200, 304


class Download(Protocol):
    """A response under way. Header names are in lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes; raises ActionServerError."""
        ...


class Fetcher(Protocol):
    """Who asks the web for a file, with the address guard and the redirects; raises ActionServerError."""

    def fetch(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[Download]: ...


@dataclass(frozen=True, slots=True)
class Body:
    """What came; `data` is None when the file is as it was (304)."""

    data: bytes | None
    headers: Mapping[str, str]


class Downloads:
    """Fetches bodies and holds their number of bytes together within a limit."""

    def __init__(self, fetcher: Fetcher, limits: Limits) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def get(self, url: str, conditions: Mapping[str, str]) -> AsyncIterator[Body]:
        """Fetch a file and lend its body until the context ends.

        Raises SoundNotFound, SoundTooLong, SoundTimeout and what the fetcher raises.
        """
        data = bytearray()
        try:
            yield await self._fetch(url, conditions, data)
        finally:
            self._held -= len(data)

    async def _fetch(self, url: str, conditions: Mapping[str, str], data: bytearray) -> Body:
        try:
            async with asyncio.timeout(self._limits.fetch_s), self._fetcher.fetch(url, conditions) as download:
                if download.status == NOT_MODIFIED and conditions:
                    return Body(None, download.headers)
                if download.status != OK:
                    raise SoundNotFound(f"the file host answered {download.status} for {url}")
                await self._collect(download, data)
                return Body(bytes(data), download.headers)
        except TimeoutError:
            raise SoundTimeout(f"{url} did not come within {self._limits.fetch_s:g} s") from None
        except ActionServerError as error:
            # The fetcher may count bytes too and be first to say so; the customer hears one code for it.
            if error.code == "too-long":
                raise self._too_long() from error
            raise

    async def _collect(self, download: Download, data: bytearray) -> None:
        announced = download.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > self._limits.body_bytes:
            raise self._too_long()
        async for chunk in download.chunks():
            if len(data) + len(chunk) > self._limits.body_bytes:
                raise self._too_long()
            if self._held + len(chunk) > self._limits.bodies_bytes:
                raise SoundTimeout("too many files are being fetched at this moment")
            data += chunk
            self._held += len(chunk)

    def _too_long(self) -> SoundTooLong:
        return SoundTooLong(f"the file is longer than {self._limits.body_bytes // 1024 // 1024} MiB")
