"""A process that serves the HTTP API over a database that others serve too: how nodes share one.

Started with the database's URL, it prints its port and serves until it is ended; `nodes` starts some.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import uvicorn

from offhook import lifeline
from offhook.api import create_app
from offhook.storage import open_database

STOP_S = 15
BACKLOG = 512
RATE = 10_000.0
"""Nobody is throttled here."""


@contextmanager
def nodes(url: str, count: int) -> Iterator[list[int]]:
    """Start so many processes on a database, and return the ports of their APIs."""
    with ExitStack() as stack:
        started = [stack.enter_context(_node(url)) for _ in range(count)]
        # They start side by side.
        yield [int(_output(node).readline()) for node in started]


@contextmanager
def _node(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    places = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}
    with subprocess.Popen(lifeline.command("api_node", url), env=environment, stdout=subprocess.PIPE) as node:
        try:
            yield node
        finally:
            node.terminate()
            node.wait(STOP_S)


def _output(node: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert node.stdout is not None
    return node.stdout


def main() -> None:
    """Serve until somebody ends this process."""
    database = open_database(sys.argv[1])
    # Only for a socket that says it is TCP does asyncio turn Nagle's delay of 40 ms off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(BACKLOG)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - it is how the tests learn it
    app = create_app(database, now=lambda: datetime.now(UTC), rate=RATE)
    uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off")).run(sockets=[listener])


if __name__ == "__main__":
    main()
