"""What running processes cost: CPU from the scheduler's own books (nanoseconds), memory from the kernel's."""

import os
import resource
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def cpu_s(pid: int) -> float:
    """Return the CPU seconds, user and system, that the living threads of a process have used."""
    return sum(cpu_of_threads(pid).values())


def cpu_of_threads(pid: int) -> dict[int, float]:
    """Return the CPU seconds of each thread; the main thread's number is the process's. None of one that has ended."""
    used: dict[int, float] = {}
    tasks: list[Path] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        tasks = list((PROC / str(pid) / "task").iterdir())
    for task in tasks:
        # A thread may end while we look.
        with suppress(FileNotFoundError, ProcessLookupError):
            used[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return used


def resident_kb(pid: int) -> int:
    """Return the resident memory of a process in KiB; buffers of its sockets are the kernel's and not in it."""
    status = (PROC / str(pid) / "status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def descriptors(pid: int) -> dict[str, int]:
    """Return how many descriptors of each kind a process has open: `socket`, `pipe`, `anon_inode`, or files."""
    found: dict[str, int] = {}
    for one in (PROC / str(pid) / "fd").iterdir():
        # It may be closed while we look.
        with suppress(FileNotFoundError):
            kind, colon, _ = str(one.readlink()).partition(":")
            found[kind if colon else "file"] = found.get(kind if colon else "file", 0) + 1
    return found


def children(pid: int) -> dict[int, str]:
    """Return the direct children of a process with their command lines."""
    found: dict[int, str] = {}
    for task in (PROC / str(pid) / "task").iterdir():
        for child in (task / "children").read_text().split():
            # It may end while we look.
            with suppress(FileNotFoundError, ProcessLookupError):
                words = (PROC / child / "cmdline").read_bytes().split(b"\0")
                found[int(child)] = b" ".join(words).decode(errors="replace")
    return found


def allow_descriptors() -> None:
    """Open as many sockets as the system lets us, here and in children."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def prefer() -> None:
    """Ask for the priority that a media worker asks for, so that both wait alike for a core."""
    with suppress(PermissionError):
        os.nice(-10)


def machine() -> str:
    """Say what we run on, in one line."""
    cpus = (PROC / "cpuinfo").read_text()
    model = cpus.partition("model name")[2].partition(":")[2].partition("\n")[0].strip() or "unknown CPU"
    busy = os.getloadavg()[0]
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Linux {os.uname().release}, load {busy:.1f} at the start"
