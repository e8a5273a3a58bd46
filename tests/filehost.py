"""A web of files without a network: what the room of sounds fetches from in tests."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from offhook.errors import ActionServerError


@dataclass
class File:
    """A response to give. `endless` repeats its body for ever; `release` is waited for before the body comes.

    With `paces`, each piece of the body waits for one more `paces.release()`; `breaks` ends it with an error.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False
    release: asyncio.Event | None = None
    paces: asyncio.Semaphore | None = None
    piece_bytes: int = 65_536
    breaks: ActionServerError | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        if self.release is not None:
            await self.release.wait()
        for at in range(0, len(self.body), self.piece_bytes):
            if self.paces is not None:
                await self.paces.acquire()
            yield self.body[at : at + self.piece_bytes]
        if self.breaks is not None:
            raise self.breaks
        while self.endless:
            # Another task has its turn too, as with any host.
            await asyncio.sleep(0)
            yield self.body


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    url: str
    headers: Mapping[str, str]


class FileHost:
    """Answers each URL with what was put there, in order; the last answer stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[str, deque[File | ActionServerError]] = {}

    def put(self, url: str, *answers: File | ActionServerError) -> str:
        self._answers[url] = deque(answers)
        return url

    @asynccontextmanager
    async def fetch(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[File]:
        self.asked.append(Asked(url, dict(headers)))
        answers = self._answers[url]
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        await asyncio.sleep(0)
        if isinstance(answer, ActionServerError):
            raise answer
        yield answer
