"""Ends processes that tests started, and tells what the system knows of those that are left."""

import asyncio
import os
import select
import shutil
import signal
from contextlib import suppress
from pathlib import Path

MEDIA_WORKER = "offhook.engine.net.media_worker"
AUDIO_WORKER = "offhook.audio.worker"
ENDED = "ZX"
SOCKET = "socket:["
FOR_ROOT = "/usr/sbin"
"""Where Debian keeps servers, and where a user's PATH does not look."""


def program(name: str) -> str | None:
    """Return where a program is installed, None if it is not."""
    return shutil.which(name) or shutil.which(name, path=FOR_ROOT)


def children(pid: int, module: str = "") -> list[int]:
    """Return the living children of a process, those that run a module if one is named; none if it is gone."""
    return [child for child in _children(pid) if is_alive(child) and (not module or module in _words(child))]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has buried yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ENDED


def gone_within(pid: int, seconds: float) -> bool:
    """Tell whether a process ends within a time, waiting no longer than it takes."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def udp_sockets(*pids: int) -> dict[int, int]:
    """Return the UDP sockets of IPv4 that these processes hold: inode and port."""
    links = (link for pid in pids for link in _links(pid))
    inodes = {int(link[len(SOCKET) : -1]) for link in links if link.startswith(SOCKET)}
    return {inode: port for inode, port in all_udp_sockets().items() if inode in inodes}


def all_udp_sockets() -> dict[int, int]:
    """Return every UDP socket of IPv4, also one that no living process is known to hold."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return {int(row[9]): int(row[1].rpartition(":")[2], 16) for row in rows}


def command(pid: int) -> str:
    """Return the command line of a process, empty once it is gone."""
    return " ".join(_words(pid))


def _children(pid: int) -> list[int]:
    found = []
    with suppress(OSError):  # a process may end between any two looks at it
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _links(pid: int) -> list[str]:
    found = []
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.append(str(descriptor.readlink()))
    return found


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


async def kill(pid: int | None) -> None:
    """Kill a process, and return when it is gone and the loop has seen its sockets close."""
    assert pid is not None
    gone = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, gone.set)
    os.kill(pid, signal.SIGKILL)
    await gone.wait()
    loop.remove_reader(descriptor)
    os.close(descriptor)
    for _ in range(3):
        await asyncio.sleep(0)
