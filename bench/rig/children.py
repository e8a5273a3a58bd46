"""A function in a process of its own, with a pipe to talk to it."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Concatenate, ParamSpec, Self

P = ParamSpec("P")

# Forked, so that a child has the very sockets that its parent made.
_FORK = multiprocessing.get_context("fork")


class Child:
    """Runs `work(pipe, ...)` for as long as the context lasts, or until it returns."""

    def __init__(self, work: Callable[Concatenate[Connection, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
        self.pipe, theirs = _FORK.Pipe()
        self._process = _FORK.Process(target=work, args=(theirs, *args), kwargs=kwargs, daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None, "it was started"
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join()
        self.pipe.close()
