"""Files are fetched here, piece by piece, through the same guard as every other request.

Statuses such as 304 and 404 are returned, because they mean something to whoever caches; only what
keeps us from having a response is raised. Deliberately absent: caching and any idea of sound.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientResponse, ClientSession
from multidict import CIMultiDict
from yarl import URL

from offhook.actionserver.client import USER_AGENT
from offhook.actionserver.errors import TooLong, TooManyRedirects
from offhook.actionserver.exchange import Exchange, host, location, refuse_encoded
from offhook.actionserver.limits import Limits
from offhook.actionserver.targets import parsed, sendable
from offhook.errors import ActionServerError

SELECTED = frozenset(
    {"age", "cache-control", "content-length", "content-type", "date", "etag", "expires", "last-modified", "vary"}
)
"""The response headers that a download keeps: what a cache needs and what the file claims to be."""


@dataclass(frozen=True, slots=True)
class Download:
    """A response whose body is still to come; `headers` has the `SELECTED` ones, names in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    _response: ClientResponse
    _limits: Limits
    _until: float

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises:
            ActionServerError: `too-long`, `timeout` (silence, or too slow as a whole) or
                `connect-failed` (broken off in the middle).
        """
        left = self._limits.sound_bytes
        if int(self.headers.get("content-length", 0)) > left:
            raise self._too_long()
        while True:
            async with Exchange(self._response.url, self._limits, self._until) as exchange:
                exchange.piece()
                chunk = await self._response.content.readany()
            if not chunk:
                return
            left -= len(chunk)
            if left < 0:
                raise self._too_long()
            yield chunk

    def _too_long(self) -> TooLong:
        return TooLong(
            f"{self.url} is longer than {self._limits.sound_bytes} bytes.",
            hint="Give a shorter file, or one that is encoded with fewer bits.",
        )


class Fetcher:
    """Fetches files over http and https, behind the session of `sessions.open_session`."""

    def __init__(self, session: ClientSession, limits: Limits) -> None:
        self._session = session
        self._limits = limits

    @asynccontextmanager
    async def fetch(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[Download]:
        """Ask for a file with these headers of ours added and hand over what comes, whatever its status.

        Leaving the context ends the download, whole or not. The headers go to every host on the way
        there, so a password is no header to give.

        Raises:
            ActionServerError: There is no response, or one that cannot be used.
        """
        until = asyncio.get_running_loop().time() + self._limits.sound_total_s
        async with await self._follow(sendable(url), headers, until) as response:
            kept = {name.lower(): value for name, value in response.headers.items() if name.lower() in SELECTED}
            yield Download(str(response.url), response.status, kept, response, self._limits, until)

    async def _follow(self, url: str, headers: Mapping[str, str], until: float) -> ClientResponse:
        sent = CIMultiDict({"User-Agent": USER_AGENT, "Accept": "audio/*, */*;q=0.1", **headers})
        sent["Accept-Encoding"] = "identity"
        for _ in range(1 + self._limits.redirects):
            came = await self._exchange(parsed(url), sent, until)
            if isinstance(came, ClientResponse):
                return came
            url = came
        raise TooManyRedirects(
            f"{host(parsed(url))} is where redirect number {self._limits.redirects + 1} leads; that is one too many.",
            hint="Give the URL where the redirects end, or check that they do not go in a circle.",
        )

    async def _exchange(self, target: URL, headers: CIMultiDict[str], until: float) -> ClientResponse | str:
        async with Exchange(target, self._limits, until) as exchange:
            response = await exchange.get(self._session, headers)
        try:
            where = location(response)
            refuse_encoded(response)
        except ActionServerError:
            response.close()
            raise
        if where is None:
            return response
        response.release()
        return where
