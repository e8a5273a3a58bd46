"""An ASGI application's lifespan: begun before its first request and ended after its last, if it knows of one."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


class Lifespan:
    """One application's; `app` is the application with the lifespan's state in each request."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Future[Any] | None = None

    async def app(self, scope: Message, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        """Answer one request."""
        await self._app({**scope, "state": dict(self._state)}, receive, send)

    async def start_up(self) -> None:
        """Begin, and wait until the application is ready; one that knows no lifespan has none (ASGI, lifespan)."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._task = asyncio.ensure_future(self._app(scope, self._told.get, self._said.put))
        said = await self._tell("lifespan.startup")
        if said is not None and said["type"] == "lifespan.startup.failed":
            await self._stop(self._task)
            raise RuntimeError(f"The application's start failed: {said.get('message', '')}")

    async def shut_down(self) -> None:
        """End it, if it was begun and still runs."""
        if self._task is None or self._task.done():
            return
        said = await self._tell("lifespan.shutdown")
        await self._stop(self._task)
        if said is not None and said["type"] == "lifespan.shutdown.failed":
            raise RuntimeError(f"The application's end failed: {said.get('message', '')}")

    async def _stop(self, task: asyncio.Future[Any]) -> None:
        # It has said its last word; some wait for another one for ever.
        task.cancel()
        await asyncio.wait({task})

    async def _tell(self, kind: str) -> Message | None:
        """Tell the application, and return what it says; None if it ends instead."""
        assert self._task is not None, "a lifespan is begun before it is told anything"
        await self._told.put({"type": kind})
        saying = asyncio.ensure_future(self._said.get())
        await asyncio.wait({saying, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if saying.done() or not self._said.empty():
            return await saying
        saying.cancel()
        # Its exception is how an application says that it knows no lifespan.
        self._task.exception()
        return None
