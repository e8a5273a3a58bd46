"""Playback: what a real media worker needs for many calls that play, beside the floor of the same run.

Read `rig/floor.py` for what the floor is, and README.md for how to read the figures. Callers are silent, or
they send 20 ms every 20 ms themselves.
"""

import argparse
import asyncio
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import sleep

from bench.rig.children import Child
from bench.rig.far_ends import HEADS, FarEnds, Heard, far_ends, speak_when_told
from bench.rig.floor import send_bare
from bench.rig.media_legs import HOST, MediaLegs, Peer, play
from bench.rig.packets import FRAME_BYTES, FRAME_S
from bench.rig.pairing import in_turns, stopped
from bench.rig.processes import allow_descriptors, machine, resident_kb
from bench.rig.tables import NONE, show

LEARNING_S = 3.5
"""A leg whose caller is silent waits so long before its socket is connected to the signalled address."""

WARM_UP_S = 1.0
FLOOR_S = 60.0
FIRST_LEGS = 20
SOUND_S = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """A media worker and the floor beside it, with one number of calls: us of CPU a call-second, arrivals, memory."""

    floor_us: float
    worker_us: float
    ratio: float
    floor: Heard
    worker: Heard
    memory_kb: float


def main() -> None:
    options = _options()
    allow_descriptors()
    print(machine())
    for calls in options.calls:
        show(
            f"{calls} calls",
            ("", "CPU us/call-s", "x floor", *HEADS, "KiB/call"),
            [row for speaks in (False, True) for row in _rows(_measure(calls, options.seconds, speaks=speaks), speaks)],
        )


def _rows(measured: Measured, speaks: bool) -> list[tuple[str, ...]]:
    return [
        ("floor: send()", f"{measured.floor_us:.0f}", "1", *measured.floor.cells(), NONE),
        (
            f"media worker, {'sending' if speaks else 'silent'} callers",
            f"{measured.worker_us:.0f}",
            f"{measured.ratio:.2f}",
            *measured.worker.cells(),
            f"{measured.memory_kb:.1f}",
        ),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, nargs="+", default=[200, 500], help="concurrent calls, each measured")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long each figure is measured")
    options = parser.parse_args()
    if min(options.calls) <= FIRST_LEGS:
        parser.error(f"the memory of further calls is told beside the first {FIRST_LEGS}: measure more than these")
    return options


def write_sound(folder: Path) -> Path:
    """Write a sound of raw G.711 for all to play."""
    sound = folder / "sound.ulaw"
    sound.write_bytes(bytes(range(FRAME_BYTES)) * int(SOUND_S / FRAME_S))
    return sound


def _measure(calls: int, seconds: float, *, speaks: bool) -> Measured:
    with far_ends(calls) as beside, far_ends(calls) as far, tempfile.TemporaryDirectory() as folder:
        sound = write_sound(Path(folder))
        # Forked before there is an event loop; whom to speak to is known later.
        addresses = [peer.address for peer in beside.peers]
        with Child(send_bare, addresses, FLOOR_S) as floor, Child(speak_when_told, far.sockets) as speaker:
            sleep(WARM_UP_S)
            floor_heard = beside.hear(seconds)
            return asyncio.run(_beside(floor.pid, floor_heard, sound, far, seconds, speaker.pipe if speaks else None))


async def _beside(
    floor: int, floor_heard: Heard, sound: Path, far: FarEnds, seconds: float, speaker: Connection | None
) -> Measured:
    """Measure a media worker, and its CPU in turns with that of the floor, which runs."""
    legs = MediaLegs()
    pid = await legs.start()
    try:
        with stopped(floor):
            memory_kb = await _begin(legs, pid, sound, far.peers, speaker)
            heard = await asyncio.to_thread(far.hear, seconds)
        pair = await asyncio.to_thread(in_turns, floor, pid)
    finally:
        await legs.stop()
    floor_us, worker_us = (part * 1e6 / len(far.sockets) for part in (pair.one, pair.other))
    return Measured(floor_us, worker_us, pair.ratio, floor_heard, heard, memory_kb)


async def _begin(legs: MediaLegs, pid: int, sound: Path, peers: list[Peer], speaker: Connection | None) -> float:
    """Let all legs play; return how many KiB each further one took."""
    playing = await legs.add(peers[:FIRST_LEGS])
    play(playing, sound)
    await asyncio.sleep(WARM_UP_S / 2)
    first_kb = resident_kb(pid)
    more = await legs.add(peers[FIRST_LEGS:])
    play(more, sound)
    if speaker is not None:
        speaker.send([(HOST, leg.port) for leg in playing + more])
    await asyncio.sleep(WARM_UP_S if speaker else LEARNING_S + WARM_UP_S)
    return (resident_kb(pid) - first_kb) / len(more)


if __name__ == "__main__":
    main()
