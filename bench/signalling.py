"""Signalling: what setting calls up costs a real `offhook serve`, and how long a caller waits.

The platform has one core to itself, with all its processes; the callers and the action server have the other.
README.md says how to read the figures.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep

from bench.rig.action_server import ActionServer
from bench.rig.callers import Plan, Told, call
from bench.rig.children import Child
from bench.rig.platform import LIMITS, Platform
from bench.rig.processes import children, cpu_of_threads, cpu_s, machine, resident_kb
from bench.rig.tables import NONE, quantile, show

from offhook.language import parse

REJECTED = "815012345678"
SPOKEN = "815012345679"
ANSWERS = {
    "/reject": "reject",
    "/say": 'say en "Hello. This sentence is longer than the caller will listen to it."',
}
HANG_UP_AFTER_S = 0.2
WARM_UP = 50
SETTLE_S = 0.5
"""After the last call's end until its record is written."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One plan carried out: what the callers saw and what each part of the platform used (ms a call)."""

    name: str
    told: Told
    asked_after_ms: list[float]
    loop_ms: float
    threads_ms: float
    media_ms: float
    audio_ms: float
    memory_kb: int

    @property
    def whole_ms(self) -> float:
        return self.loop_ms + self.threads_ms + self.media_ms + self.audio_ms


class _Bench:
    """A platform with its callers; each plan begins where the one before has ended."""

    def __init__(self, platform: Platform, server: ActionServer, trunk: Child) -> None:
        self._platform = platform
        self._server = server
        self._trunk = trunk
        self._calls = 0

    def measure(self, name: str, number: str, seconds: float, *, rate: float = 0, at_once: int = 0) -> Measured:
        """Carry out one plan."""
        hang_up_after_s = HANG_UP_AFTER_S if number == SPOKEN else None
        plan = Plan(number, self._platform.sip[1], self._calls, seconds, rate, at_once, hang_up_after_s)
        # Voices, connections and caches are warm in a house that has taken calls before.
        self._carry_out(replace(plan, seconds=WARM_UP / 50, rate=50, at_once=0))
        before = self._used()
        told = self._carry_out(replace(plan, first_call=self._calls))
        used = [after - then for after, then in zip(self._used(), before, strict=True)]
        asked = self._server.asked()
        loop_ms, threads_ms, media_ms, audio_ms = (1000 * seconds / told.calls for seconds in used)
        return Measured(
            name=name,
            told=told,
            asked_after_ms=[(asked[phone] - at) / 1e6 for phone, at in told.invited.items() if phone in asked],
            loop_ms=loop_ms,
            threads_ms=threads_ms,
            media_ms=media_ms,
            audio_ms=audio_ms,
            memory_kb=resident_kb(self._platform.pid),
        )

    def _carry_out(self, plan: Plan) -> Told:
        self._trunk.pipe.send(plan)
        told = self._trunk.pipe.recv()
        assert isinstance(told, Told)
        self._calls += told.calls
        sleep(SETTLE_S)
        return told

    def _used(self) -> tuple[float, float, float, float]:
        """Return the CPU seconds of the loop, the other threads, the media workers, and the audio workers."""
        pid = self._platform.pid
        threads = cpu_of_threads(pid)
        loop = threads.pop(pid)
        workers = children(pid)
        media = sum(cpu_s(child) for child, words in workers.items() if "media_worker" in words)
        audio = sum(cpu_s(child) for child, words in workers.items() if "audio" in words)
        return loop, sum(threads.values()), media, audio


def main() -> None:
    options = _options()
    assert all(parse(text).script for text in ANSWERS.values()), "the actions are right"
    print(machine())
    print(f"limits raised: {', '.join(f'{name}={value}' for name, value in LIMITS.items())}")
    with _bench() as bench:
        rows = [
            bench.measure(f"{kind}, {load}", number, options.seconds, rate=rate, at_once=at_once)
            for kind, number in (("reject", REJECTED), ("say, hung up after 200 ms", SPOKEN))
            for load, rate, at_once in (
                (f"{options.rate:g} a second", options.rate, 0),
                (f"{options.at_once} under way", 0, options.at_once),
            )
        ]
    show(
        "calls",
        ("", "calls", "calls/s", "failed", "repeated", "asked p50 ms", "p99", "sound p50 ms", "p99", "MiB"),
        [_calls_row(row) for row in rows],
    )
    show(
        "CPU of the platform, ms a call",
        ("", "all", "loop", "database threads", "media workers", "audio workers"),
        [_cpu_row(row) for row in rows],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each figure is measured")
    parser.add_argument("--rate", type=float, default=100.0, help="calls a second where waiting is measured")
    parser.add_argument("--at-once", type=int, default=64, help="calls under way where the most is measured")
    return parser.parse_args()


@contextmanager
def _bench() -> Iterator[_Bench]:
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, ActionServer(ANSWERS) as server, Child(call) as trunk:
        for pid in (server.child.pid, trunk.pid):
            os.sched_setaffinity(pid, cores[1:] or cores)
        urls = {REJECTED: f"{server.origin}/reject", SPOKEN: f"{server.origin}/say"}
        with Platform(Path(folder), urls, {cores[0]}) as platform:
            yield _Bench(platform, server, trunk)


def _calls_row(row: Measured) -> tuple[str, ...]:
    told = row.told
    return (
        row.name,
        str(told.calls),
        f"{told.calls / told.seconds:.0f}",
        str(told.failed),
        str(told.repeated),
        *(_ms(row.asked_after_ms, part) for part in (0.5, 0.99)),
        *(_ms(told.answer_to_sound_ms, part) for part in (0.5, 0.99)),
        f"{row.memory_kb / 1024:.0f}",
    )


def _ms(values: list[float], part: float) -> str:
    return f"{quantile(values, part):.1f}" if values else NONE


def _cpu_row(row: Measured) -> tuple[str, ...]:
    parts = (row.whole_ms, row.loop_ms, row.threads_ms, row.media_ms, row.audio_ms)
    return (row.name, *(f"{part:.2f}" for part in parts))


if __name__ == "__main__":
    main()
