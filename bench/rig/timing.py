"""CPU of a piece of work inside this process."""

import gc
import socket
from collections.abc import Callable
from statistics import median
from time import process_time_ns

from bench.rig.packets import ready_made

ROUNDS = 5
YARDSTICK_TIMES = 4000


def cpu_us(work: Callable[[int], object], times: int) -> float:
    """Return the CPU microseconds of one `work(n)` for n below `times`: the median of five rounds."""
    work(0)
    return median(_round(work, times) for _ in range(ROUNDS))


def _round(work: Callable[[int], object], times: int) -> float:
    gc.collect()
    began = process_time_ns()
    for number in range(times):
        work(number)
    return (process_time_ns() - began) / times / 1000


def yardstick_us() -> float:
    """Return the CPU microseconds of one `send()` and `recv()` of an RTP packet on loopback."""
    (packet, *_) = ready_made(0.02)
    with socket.socket(type=socket.SOCK_DGRAM) as near, socket.socket(type=socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        near.connect(far.getsockname())

        def send_and_receive(_: int) -> None:
            near.send(packet)
            far.recv(len(packet))

        return cpu_us(send_and_receive, YARDSTICK_TIMES)
