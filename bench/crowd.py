"""Crowd: thousands of calls that play at once in several real media workers, and how late their packets are.

Whoever listens runs on the same cores. README.md says how to read the figures.
"""

import argparse
import asyncio
import secrets
import tempfile
from pathlib import Path
from time import monotonic

from bench.playback import LEARNING_S, WARM_UP_S, write_sound
from bench.rig.far_ends import HEADS, FarEnds, Heard, far_ends
from bench.rig.media_legs import MediaLegs, Sealed, play
from bench.rig.processes import allow_descriptors, cpu_s, machine
from bench.rig.tables import show

from offhook.engine.media.sdp.crypto import Suite

PORTS = (16384, 32767)


def main() -> None:
    options = _options()
    allow_descriptors()
    print(machine())
    sealed = Sealed(options.suite, secrets.token_bytes(options.suite.key_size)) if options.suite else None
    with far_ends(options.calls) as far, tempfile.TemporaryDirectory() as folder:
        legs = MediaLegs(sealed, ports=PORTS, workers=options.workers)
        heard, cores = asyncio.run(_measure(legs, far, write_sound(Path(folder)), options.seconds))
    show(
        f"{options.calls} calls, {options.workers} media workers, {options.suite or 'plain'}, {options.seconds:g} s",
        (*(f"core of worker {place}" for place in range(1, options.workers + 1)), "packets", *HEADS, "latest ms"),
        [(*(f"{used:.2f}" for used in cores), str(heard.packets), *heard.cells(), f"{max(heard.late_ms):.1f}")],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=2000, help="calls at once")
    parser.add_argument("--workers", type=int, default=2, help="media workers")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long arrivals are noted")
    parser.add_argument("--suite", type=Suite, help="of SRTP, as SDP names it; plain without")
    return parser.parse_args()


async def _measure(legs: MediaLegs, far: FarEnds, sound: Path, seconds: float) -> tuple[Heard, list[float]]:
    """Let all legs play; return how they are heard and what part of a core each worker used."""
    await legs.start()
    try:
        play(await legs.add(far.peers), sound)
        await asyncio.sleep(LEARNING_S + WARM_UP_S)
        began, used_s = monotonic(), [cpu_s(pid) for pid in legs.pids]
        heard = await asyncio.to_thread(far.hear, seconds)
        passed_s = monotonic() - began
        cores = [(cpu_s(pid) - then) / passed_s for pid, then in zip(legs.pids, used_s, strict=True)]
    finally:
        await legs.stop()
    return heard, cores


if __name__ == "__main__":
    main()
