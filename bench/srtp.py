"""SRTP: what a real media worker needs for calls that play sealed, beside another one that plays as many plainly.

Both workers take turns in one run. README.md says how to read the figures.
"""

import argparse
import asyncio
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from bench.playback import LEARNING_S, WARM_UP_S, write_sound
from bench.rig.children import Child
from bench.rig.far_ends import HEADS, FarEnds, Heard, far_ends, speak_when_told
from bench.rig.media_legs import HOST, MediaLegs, Sealed, play
from bench.rig.pairing import in_turns, stopped
from bench.rig.processes import allow_descriptors, machine
from bench.rig.tables import show

from offhook.engine.media.sdp.crypto import Suite

PLAIN_PORTS, SEALED_PORTS = (16384, 20479), (20480, 24575)


@dataclass(frozen=True, slots=True)
class Side:
    """A worker with its legs, and their callers."""

    legs: MediaLegs
    far: FarEnds
    speaker: Child


@dataclass(frozen=True, slots=True)
class Measured:
    """Plain and sealed legs, as many of each: us of CPU a call-second, arrivals."""

    plain_us: float
    sealed_us: float
    ratio: float
    plain: Heard
    sealed: Heard


def main() -> None:
    options = _options()
    allow_descriptors()
    print(machine())
    for calls in options.calls:
        show(
            f"{calls} calls",
            ("", "CPU us/call-s", "x plain", *HEADS),
            [
                row
                for suite in options.suites
                for speaks in (False, True)
                for row in _rows(suite, _measure(calls, suite, options.seconds, speaks=speaks), speaks)
            ],
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, nargs="+", default=[500], help="concurrent calls on each side")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long arrivals are noted")
    parser.add_argument(
        "--suites", type=Suite, nargs="+", default=list(Suite), metavar="SUITE", help="as SDP names them"
    )
    return parser.parse_args()


def _rows(suite: Suite, measured: Measured, speaks: bool) -> list[tuple[str, ...]]:
    callers = f"{'sending' if speaks else 'silent'} callers"
    return [
        (f"plain, {callers}", f"{measured.plain_us:.0f}", "1", *measured.plain.cells()),
        (
            f"{suite.value}, {callers}",
            f"{measured.sealed_us:.0f}",
            f"{measured.ratio:.2f}",
            *measured.sealed.cells(),
        ),
    ]


def _measure(calls: int, suite: Suite, seconds: float, *, speaks: bool) -> Measured:
    sealed = Sealed(suite, secrets.token_bytes(suite.key_size))
    with far_ends(calls) as beside, far_ends(calls) as far, tempfile.TemporaryDirectory() as folder:
        sound = write_sound(Path(folder))
        # Forked before there is an event loop; whom to speak to is known later.
        with Child(speak_when_told, beside.sockets) as plainly, Child(speak_when_told, far.sockets, sealed) as sealing:
            sleep(WARM_UP_S)
            plain_side = Side(MediaLegs(ports=PLAIN_PORTS), beside, plainly)
            sealed_side = Side(MediaLegs(sealed, ports=SEALED_PORTS), far, sealing)
            return asyncio.run(_compare(plain_side, sealed_side, sound, seconds, speaks=speaks))


async def _compare(plain: Side, sealed: Side, sound: Path, seconds: float, *, speaks: bool) -> Measured:
    """Let one side play after the other, then both in turns."""
    plain_pid, sealed_pid = await plain.legs.start(), await sealed.legs.start()
    try:
        plain_heard = await _begin(plain, sound, seconds, speaks=speaks)
        with stopped(plain.speaker.pid, plain_pid):
            sealed_heard = await _begin(sealed, sound, seconds, speaks=speaks)
        feeds = {"feeds_one": [plain.speaker.pid], "feeds_other": [sealed.speaker.pid]}
        pair = await asyncio.to_thread(in_turns, plain_pid, sealed_pid, **feeds)
    finally:
        await plain.legs.stop()
        await sealed.legs.stop()
    plain_us, sealed_us = (part * 1e6 / len(plain.far.sockets) for part in (pair.one, pair.other))
    return Measured(plain_us, sealed_us, pair.ratio, plain_heard, sealed_heard)


async def _begin(side: Side, sound: Path, seconds: float, *, speaks: bool) -> Heard:
    """Let all legs of a side play; return how they are heard."""
    playing = await side.legs.add(side.far.peers)
    play(playing, sound)
    if speaks:
        side.speaker.pipe.send([(HOST, leg.port) for leg in playing])
    await asyncio.sleep(WARM_UP_S if speaks else LEARNING_S + WARM_UP_S)
    return await asyncio.to_thread(side.far.hear, seconds)


if __name__ == "__main__":
    main()
