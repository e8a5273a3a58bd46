"""Playback: what a real media worker needs for many calls that play, beside the floor of the same run.

Read `rig/floor.py` for what the floor is, and README.md for how to read the figures. Callers are silent, or
they send 20 ms every 20 ms themselves.
"""

import argparse
import asyncio
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import monotonic, sleep, time_ns

from bench.rig import arrivals
from bench.rig.children import Child
from bench.rig.far_ends import Heard, Listener, speak
from bench.rig.floor import send_bare
from bench.rig.media_legs import HOST, Peer, PlayingLegs
from bench.rig.packets import FRAME_BYTES, FRAME_S
from bench.rig.processes import allow_descriptors, cpu_s, machine, resident_kb
from bench.rig.tables import NONE, quantile, show

LEARNING_S = 3.5
"""A leg whose caller is silent waits so long before its socket is connected to the signalled address."""

WARM_UP_S = 1.0
SPARE_S = 10.0
LOOKS = 5
FIRST_LEGS = 20
SOUND_S = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of sender with one number of calls."""

    cpu_us: float
    heard: Heard
    memory_kb: float | None = None


@dataclass(frozen=True, slots=True)
class FarEnds:
    """The callers' sockets, and who listens at them."""

    sockets: list[socket.socket]
    addresses: list[tuple[str, int]]
    reports: tuple[str, int]
    listener: Listener


def main() -> None:
    options = _options()
    allow_descriptors()
    print(machine())
    for calls in options.calls:
        show(
            f"{calls} calls, {options.seconds:g} s each",
            ("", "CPU us/call-s", "x floor", "late p50 ms", "p99", "p99.9", "missing", "KiB/call"),
            _rows(calls, options.seconds),
        )


def _rows(calls: int, seconds: float) -> list[tuple[str, ...]]:
    # The floor is measured first and last, so that a machine that slows down meanwhile flatters nobody.
    first = _floor(calls, seconds, reads=False)
    measured = {
        "media worker, silent callers": _worker(calls, seconds, speaks=False),
        "send(), poll and recv(), sending callers": _floor(calls, seconds, reads=True),
        "media worker, sending callers": _worker(calls, seconds, speaks=True),
    }
    last = _floor(calls, seconds, reads=False)
    floor_us = (first.cpu_us + last.cpu_us) / 2
    rows = {"floor: send()": first, **measured, "floor again": last}
    return [_row(name, one, floor_us) for name, one in rows.items()]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, nargs="+", default=[200, 500], help="concurrent calls, each measured")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long each figure is measured")
    options = parser.parse_args()
    if min(options.calls) <= FIRST_LEGS:
        parser.error(f"the memory of further calls is told beside the first {FIRST_LEGS}: measure more than these")
    return options


def _row(name: str, measured: Measured, floor_us: float) -> tuple[str, ...]:
    late = measured.heard.late_ms
    return (
        name,
        f"{measured.cpu_us:.0f}",
        f"{measured.cpu_us / floor_us:.2f}",
        *(f"{quantile(late, part):.2f}" for part in (0.5, 0.99, 0.999)),
        str(measured.heard.missing),
        NONE if measured.memory_kb is None else f"{measured.memory_kb:.1f}",
    )


def _floor(calls: int, seconds: float, *, reads: bool) -> Measured:
    with _far_ends(calls) as far, ExitStack() as stack:
        length_s = seconds + WARM_UP_S + SPARE_S
        sender = stack.enter_context(Child(send_bare, far.addresses, length_s, reads=reads))
        if reads:
            stack.enter_context(Child(speak, far.sockets, sender.pipe.recv()))
        sleep(WARM_UP_S)
        return _measure(sender.pid, far, seconds)


def _measure(pid: int, far: FarEnds, seconds: float) -> Measured:
    """Watch a process for so long; its CPU is the median of several looks, so that one neighbour's burst is none."""
    begin_ns = time_ns()
    looks = [_look(pid, seconds / LOOKS) for _ in range(LOOKS)]
    heard = far.listener.heard(begin_ns, time_ns())
    expected = len(far.sockets) * seconds / FRAME_S
    if heard.packets < 0.95 * expected:
        print(f"only {heard.packets} of {expected:.0f} packets arrived: the machine is overloaded")
    return Measured(median(looks) * 1e6 / len(far.sockets), heard)


def _look(pid: int, seconds: float) -> float:
    """Return the part of a core that a process uses."""
    began, used_s = monotonic(), cpu_s(pid)
    sleep(seconds)
    return (cpu_s(pid) - used_s) / (monotonic() - began)


def _worker(calls: int, seconds: float, *, speaks: bool) -> Measured:
    with _far_ends(calls) as far, tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.ulaw"
        sound.write_bytes(bytes(range(FRAME_BYTES)) * int(SOUND_S / FRAME_S))
        # Forked before there is an event loop; whom to speak to is known later.
        with Child(_speak_when_told, far.sockets) as speaker:
            return asyncio.run(_play(far, sound, seconds, speaker.pipe if speaks else None))


def _speak_when_told(pipe: Connection, sockets: list[socket.socket]) -> None:
    speak(pipe, sockets, pipe.recv())


async def _play(far: FarEnds, sound: Path, seconds: float, speaker: Connection | None) -> Measured:
    playing = PlayingLegs(sound)
    pid = await playing.start()
    try:
        peers = [Peer(address, far.reports) for address in far.addresses]
        heard_at = await playing.add(peers[:FIRST_LEGS])
        await asyncio.sleep(WARM_UP_S / 2)
        first_kb = resident_kb(pid)
        heard_at += await playing.add(peers[FIRST_LEGS:])
        if speaker is not None:
            speaker.send(heard_at)
        await asyncio.sleep(WARM_UP_S if speaker else LEARNING_S + WARM_UP_S)
        measured = await asyncio.to_thread(_measure, pid, far, seconds)
        further_kb = (resident_kb(pid) - first_kb) / (len(peers) - FIRST_LEGS)
    finally:
        await playing.stop()
    return Measured(measured.cpu_us, measured.heard, further_kb)


@contextmanager
def _far_ends(calls: int) -> Iterator[FarEnds]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(arrivals.stamped(HOST)) for _ in range(calls)]
        reports = stack.enter_context(arrivals.stamped(HOST))
        listener = Listener(sockets)
        stack.enter_context(listener.child)
        yield FarEnds(sockets, [one.getsockname() for one in sockets], reports.getsockname(), listener)


if __name__ == "__main__":
    main()
