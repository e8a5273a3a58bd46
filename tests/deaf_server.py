"""An action server in a process of its own that takes every question and answers none, for somebody to kill.

Started as a program it prints its port, then a line for each question.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from offhook import lifeline

BACKLOG = 512


class DeafServer:
    """The process, and the URL that it is asked at."""

    def __init__(self, process: Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}/"

    async def hear(self, questions: int) -> None:
        """Wait until so many more questions have come."""
        assert self._process.stdout is not None
        for _ in range(questions):
            assert await self._process.stdout.readline(), "it has ended"

    async def kill(self) -> None:
        """End it at once (SIGKILL), with all that it was asked."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def deaf_server() -> AsyncIterator[DeafServer]:
    """Start one, and leave none behind."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(*lifeline.command("deaf_server"), stdout=PIPE, env=environment)
    assert process.stdout is not None
    server = DeafServer(process, int(await process.stdout.readline()))
    try:
        yield server
    finally:
        await server.kill()


async def main() -> None:
    """Serve until somebody ends this process."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                _tell("asked")
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=BACKLOG)
    _tell(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
