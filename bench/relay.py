"""Relay: what a real media worker needs for transferred calls, beside the floor of the same run.

Each call is two legs with the same codec whose peers both speak. Read `rig/floor.py` for what the floor is, and
README.md for how to read the figures.
"""

import argparse
import asyncio
from dataclasses import dataclass
from time import sleep

from bench.rig.children import Child
from bench.rig.far_ends import HEADS, FarEnds, Heard, far_ends, speak_when_told
from bench.rig.floor import relay_bare
from bench.rig.media_legs import HOST, MediaLegs
from bench.rig.packets import FRAME_S
from bench.rig.pairing import in_turns, stopped
from bench.rig.processes import allow_descriptors, machine
from bench.rig.tables import show

WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True)
class Side:
    """A process that relays, who speaks to it, and where that is heard."""

    pid: int
    speaker: Child
    far: FarEnds


@dataclass(frozen=True, slots=True)
class Measured:
    """A media worker and the floor beside it: us of CPU a relayed packet, arrivals."""

    floor_us: float
    worker_us: float
    ratio: float
    floor: Heard
    worker: Heard


def main() -> None:
    options = _options()
    allow_descriptors()
    print(machine())
    for calls in options.calls:
        measured = _measure(2 * calls, options.seconds)
        show(
            f"{calls} transferred calls",
            ("", "CPU us/packet", "x floor", *HEADS),
            [
                ("floor: epoll, recv(), send()", f"{measured.floor_us:.1f}", "1", *measured.floor.cells()),
                ("media worker", f"{measured.worker_us:.1f}", f"{measured.ratio:.2f}", *measured.worker.cells()),
            ],
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, nargs="+", default=[200], help="concurrent transfers, each measured")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long arrivals are noted")
    return parser.parse_args()


def _measure(legs: int, seconds: float) -> Measured:
    with far_ends(legs) as beside, far_ends(legs) as far:
        addresses = [peer.address for peer in beside.peers]
        # Forked before there is an event loop; whom to speak to is known later.
        with (
            Child(relay_bare, addresses) as floor,
            Child(speak_when_told, beside.sockets) as speaker_beside,
            Child(speak_when_told, far.sockets) as speaker,
        ):
            speaker_beside.pipe.send(floor.pipe.recv())
            sleep(WARM_UP_S)
            return asyncio.run(_compare(Side(floor.pid, speaker_beside, beside), far, speaker, seconds))


async def _compare(floor: Side, far: FarEnds, speaker: Child, seconds: float) -> Measured:
    """Measure a media worker, and its CPU in turns with that of the floor, which runs."""
    floor_heard = await asyncio.to_thread(floor.far.hear, seconds)
    legs = MediaLegs()
    pid = await legs.start()
    try:
        with stopped(floor.speaker.pid, floor.pid):
            made = await legs.add(far.peers)
            for one, other in zip(made[::2], made[1::2], strict=True):
                one.join(other)
            speaker.pipe.send([(HOST, leg.port) for leg in made])
            await asyncio.sleep(WARM_UP_S)
            heard = await asyncio.to_thread(far.hear, seconds)
        feeds = {"feeds_one": [floor.speaker.pid], "feeds_other": [speaker.pid]}
        pair = await asyncio.to_thread(in_turns, floor.pid, pid, **feeds)
    finally:
        await legs.stop()
    floor_us, worker_us = (part * 1e6 * FRAME_S / len(far.sockets) for part in (pair.one, pair.other))
    return Measured(floor_us, worker_us, pair.ratio, floor_heard, heard)


if __name__ == "__main__":
    main()
