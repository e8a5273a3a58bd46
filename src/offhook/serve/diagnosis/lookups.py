"""Lookups that nobody has to wait for: the doctor's program ends when it has told everything.

A thread of a pool is waited for at the exit, and the system's resolver is patient with a name server that is deaf.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from threading import Thread

from offhook.actionserver.resolver import AddressInfo, Lookup


def impatient(lookup: Lookup, within_s: float) -> Lookup:
    """Return a lookup that gives up after so many seconds: what is still asking then is left behind."""

    def look(host: str, port: int) -> Sequence[AddressInfo]:
        found: Future[Sequence[AddressInfo]] = Future()

        def run() -> None:
            try:
                found.set_result(lookup(host, port))
            except (OSError, ValueError) as error:
                # There is no such name, or it can be none.
                found.set_exception(error)

        Thread(target=run, name="dns", daemon=True).start()
        try:
            return found.result(within_s)
        except TimeoutError:
            raise OSError(f"no name server answered within {within_s:g} s") from None

    return look
