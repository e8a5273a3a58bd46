"""Ends processes that tests started."""

import asyncio
import os
import signal


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
