"""One making for many who wait: whoever asks for what is under way gets a share of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Flight(Generic[T]):
    """Something under way. `landed` is its first usable result, `task` ends when all work is done.

    `began_at`, `fetched_at` and `landed_at` are seconds of the loop, 0 for what has not happened; `size` is how many
    bytes were fetched, None for none.
    """

    def __init__(self, work: Callable[["Flight[T]"], Awaitable[None]]) -> None:
        self.began_at = asyncio.get_running_loop().time()
        self.fetched_at = self.landed_at = 0.0
        self.size: int | None = None
        self.landed: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run(work))
        self.task.add_done_callback(self._end)

    def fetch(self, size: int | None) -> None:
        """Note that what the result is made from is here, or that it begins to come (`size` is None then)."""
        self.fetched_at, self.size = asyncio.get_running_loop().time(), size

    def land(self, result: T) -> None:
        """Give those who wait what they wait for; the work may go on. Only the first result counts."""
        if not self.landed.done():
            self.landed_at = asyncio.get_running_loop().time()
            self.landed.set_result(result)

    async def wait(self) -> T:
        """Wait for the result. Who stops waiting does not stop the others."""
        return await asyncio.shield(self.landed)

    async def _run(self, work: Callable[["Flight[T]"], Awaitable[None]]) -> None:
        await work(self)

    def _end(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if self.landed.done():
            if error is not None:
                log.warning("a sound that was already playing could not be finished: %s", error)
        elif error is None:
            self.landed.cancel()
        else:
            self.landed.set_exception(error)
            # Everybody who waited may have hung up: then nobody looks at the error, and that is no defect.
            self.landed.exception()


class Flights(Generic[T]):
    """What is under way, by name."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight[T]] = {}

    def join(self, name: str, work: Callable[[Flight[T]], Awaitable[None]]) -> Flight[T]:
        """Return the flight of this name; begin it with `work` if there is none."""
        flight = self._flights.get(name)
        if flight is None:
            flight = self._flights[name] = Flight(work)
            flight.task.add_done_callback(lambda _: self._flights.pop(name, None))
        return flight

    async def cancel(self) -> None:
        """End everything that is under way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
