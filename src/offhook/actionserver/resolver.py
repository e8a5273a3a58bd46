"""Names become addresses here, off the loop and in threads of our own.

The loop's own threads would do, but few of them: a name server that never answers could then hold
every lookup of the house. Nothing is judged here; that is done where the socket is made.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from offhook.actionserver.limits import Limits

AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]
Lookup = Callable[[str, int], Sequence[AddressInfo]]


def system_lookup(host: str, port: int) -> Sequence[AddressInfo]:
    """Ask the system's resolver; it also reads the old numeric forms such as `0x7f.1`."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A Python built without IPv6 would give other tuples; there is no such server to run on.
    return [(family, kind, proto, name, address) for family, kind, proto, name, address in infos]  # type: ignore[misc]


class Resolver(AbstractResolver):
    """Resolve names with a blocking function in a bounded number of threads."""

    def __init__(self, limits: Limits, lookup: Lookup = system_lookup) -> None:
        self._limits = limits
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(limits.dns_threads, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return at most `dns_addresses` addresses of the name, in the order of the system.

        Raises:
            OSError: There are none.
        """
        loop = asyncio.get_running_loop()
        try:
            infos = await loop.run_in_executor(self._threads, self._lookup, host, port)
        except ValueError as error:
            # The IDNA codec refuses labels that are empty or longer than 63 letters with a UnicodeError.
            raise OSError("a part of the name is empty or longer than 63 letters") from error
        wanted = [info for info in infos if family in (socket.AF_UNSPEC, info[0])][: self._limits.dns_addresses]
        if not wanted:
            raise OSError(f"{host!r} has no address")
        return [
            ResolveResult(hostname=host, host=address[0], port=port, family=info_family, proto=proto, flags=0)
            for info_family, _, proto, _, address in wanted
        ]

    async def close(self) -> None:
        """Let the threads go; a lookup that is under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
