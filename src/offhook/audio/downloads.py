"""Files from the web, in memory as they come, within the limits. How they are fetched is not our business."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from offhook.audio.coming import Body
from offhook.audio.errors import SoundNotFound, SoundTimeout, SoundTooLong
from offhook.audio.limits import Limits
from offhook.errors import ActionServerError

OK, NOT_MODIFIED = 200, 304
_REDIRECTS = (301, 302, 303, 307, 308)
_SERVER_ERROR = 500


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


class File:
    """What a host answered: its headers, and a body that may still be coming; none when the file is as it was (304)."""

    def __init__(self, headers: Mapping[str, str], body: Body | None, limits: Limits, timeout: asyncio.Timeout) -> None:
        self.headers = headers
        self.body = body
        self._limits = limits
        self.was_heard = False
        self._timeout: asyncio.Timeout | None = timeout

    def hear(self) -> None:
        """Give the rest more time, because somebody listens to the beginning."""
        timeout, self._timeout = self._timeout, None
        if timeout is not None:
            self.was_heard = True
            timeout.reschedule((timeout.when() or 0.0) - self._limits.fetch_s + self._limits.heard_fetch_s)

    def end(self) -> None:
        """Forget the clock: nothing more comes."""
        self._timeout = None


class Downloads:
    """Fetches bodies and holds their number of bytes together within a limit."""

    def __init__(self, fetcher: Fetcher, limits: Limits) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def get(self, url: str, conditions: Mapping[str, str]) -> AsyncIterator[File]:
        """Ask for a file and lend it, with what has come of its body and will come, until the context ends.

        Raises SoundNotFound, SoundTooLong, SoundTimeout and what the fetcher raises; later the body does.
        """
        body = Body()
        answered: asyncio.Future[File] = asyncio.get_running_loop().create_future()

        def end(task: "asyncio.Task[None]") -> None:
            error = None if task.cancelled() else task.exception()
            body.end(error)
            if error is not None and not answered.done():
                answered.set_exception(error)

        task = asyncio.create_task(self._fetch(url, conditions, body, answered))
        task.add_done_callback(end)
        try:
            yield await answered
        finally:
            task.cancel()
            await asyncio.wait([task])
            self._held -= len(body.data)

    async def _fetch(
        self, url: str, conditions: Mapping[str, str], body: Body, answered: "asyncio.Future[File]"
    ) -> None:
        limits, file = self._limits, None
        try:
            async with asyncio.timeout(limits.fetch_s) as timeout, self._fetcher.fetch(url, conditions) as download:
                if download.status == NOT_MODIFIED and conditions:
                    answered.set_result(File(download.headers, None, limits, timeout))
                    return
                if download.status != OK:
                    raise SoundNotFound(
                        f"the file host answered {download.status} for {url}", hint=_advice(download.status)
                    )
                self._refuse_announced(download)
                file = File(download.headers, body, limits, timeout)
                answered.set_result(file)
                try:
                    await self._collect(download, body)
                finally:
                    file.end()
        except TimeoutError:
            was_heard = file is not None and file.was_heard
            seconds = limits.heard_fetch_s if was_heard else limits.fetch_s
            raise SoundTimeout(f"{url} did not come within {seconds:g} s") from None
        except ActionServerError as error:
            # The fetcher may count bytes too and be first to say so; the customer hears one code for it.
            if error.code == "too-long":
                raise self._too_long() from error
            raise

    def _refuse_announced(self, download: Download) -> None:
        announced = download.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > self._limits.body_bytes:
            raise self._too_long()

    async def _collect(self, download: Download, body: Body) -> None:
        async for chunk in download.chunks():
            if len(body.data) + len(chunk) > self._limits.body_bytes:
                raise self._too_long()
            if self._held + len(chunk) > self._limits.bodies_bytes:
                raise SoundTimeout("too many files are being fetched at this moment")
            body.add(chunk)
            self._held += len(chunk)

    def _too_long(self) -> SoundTooLong:
        return SoundTooLong(f"the file is longer than {self._limits.body_bytes // 1024 // 1024} MiB")


def _advice(status: int) -> str:
    if status in (401, 403):
        return "Let everybody read the file: we have no login for it, and a signed link may be over."
    if status in (404, 410):
        return "Put the file where the line says, or correct the URL; it must answer 200 to everybody."
    if status in _REDIRECTS:
        return "Give the redirect a Location, or name the file itself."
    if status == 429:
        return "Let the file be fetched as often as calls come, and let it be kept: Cache-Control: max-age."
    if status >= _SERVER_ERROR:
        return "Look into the file host's log, or keep the file at another host."
    return "The host must answer 200 with the file."
