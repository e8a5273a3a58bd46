"""The HTTP server inside a node: it begins when its house is ready and stops with it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from offhook.errors import SetupError
from offhook.serve.settings import address_of, bracket


@asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[str]:
    """Serve for as long as the context lasts, and yield the URL. Raises SetupError."""
    listener = _listen(host, port)
    server = _ApiServer(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5)
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    own, chosen = listener.getsockname()[:2]
    try:
        yield f"http://{bracket(own)}:{chosen}"
    finally:
        server.should_exit = True
        await running


class _ApiServer(uvicorn.Server):
    """Uvicorn without its own signal handlers: the whole house stops together."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    address = address_of(host)
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        # Whoever reads that we are ready may come at once, before uvicorn takes connections.
        listener.listen()
    except OSError as error:
        listener.close()
        raise SetupError(
            f"TCP port {port} on {host} cannot be used for HTTP: {error.strerror}",
            hint="another program may have it: choose another with --http HOST:PORT",
        ) from error
    listener.set_inheritable(False)
    return listener
