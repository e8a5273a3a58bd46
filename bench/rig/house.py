"""A real `offhook serve` under a trunk full of callers: what they saw, and what each part of the platform used.

The platform has one core to itself, with all its processes; the callers and the action server have the other.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from time import sleep

from bench.rig.action_server import ActionServer
from bench.rig.callers import Plan, Told, call
from bench.rig.children import Child
from bench.rig.platform import Platform
from bench.rig.pressing import Plan as KeyPlan
from bench.rig.pressing import press
from bench.rig.processes import children, cpu_of_threads, cpu_s, descriptors, resident_kb

from offhook.language import parse

REJECTED = "815012345678"
SPOKEN = "815012345679"
ENDLESS = "815012345680"
ASKING = "815012345681"
ANSWERS = {
    "/reject": "reject",
    "/say": 'say en "Hello. This sentence is longer than the caller will listen to it."',
    "/endless": 'say en "This sentence is said to those who stay on the line, again and again." loop=100',
    "/gather": 'gather say en "This sentence ends with the first key, and so does the wait." digits=1 timeout=60',
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


@dataclass(frozen=True, slots=True)
class Pressed:
    """How many keys were pressed, and how long each took from its first packet to the request (ms)."""

    keys: int
    asked_after_ms: list[float]


class House:
    """A platform with its callers; each plan begins where the one before has ended."""

    def __init__(self, platform: Platform, server: ActionServer, trunk: Child) -> None:
        self._platform = platform
        self._server = server
        self._trunk = trunk
        self._calls = 0

    @property
    def gateway(self) -> int:
        """The platform's SIP port."""
        return self._platform.sip[1]

    @property
    def database(self) -> Path:
        """The platform's SQLite file."""
        return self._platform.database

    def measure(self, name: str, number: str, seconds: float, *, rate: float = 0, at_once: int = 0) -> Measured:
        """Carry out one plan."""
        hang_up_after_s = HANG_UP_AFTER_S if number == SPOKEN else None
        plan = Plan(number, self.gateway, self._calls, seconds, rate, at_once, hang_up_after_s=hang_up_after_s)
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
            asked_after_ms=[(asked[phone][0] - at) / 1e6 for phone, at in told.invited.items() if phone in asked],
            loop_ms=loop_ms,
            threads_ms=threads_ms,
            media_ms=media_ms,
            audio_ms=audio_ms,
            memory_kb=self.memory_kb(),
        )

    def take(self, number: str, calls: int, *, at_once: int) -> Told:
        """Let so many calls come, without a look at what they cost."""
        return self._carry_out(Plan(number, self.gateway, self._calls, inf, at_once=at_once, most=calls))

    def memory_kb(self) -> int:
        """Return the resident memory of all processes of the platform (KiB)."""
        return sum(map(resident_kb, (self._platform.pid, *children(self._platform.pid))))

    def come(self, number: str, calls: int, *, rate: float, hang_up_after_s: float) -> Told:
        """Let so many calls come at a rate, each to be hung up so long after its answer."""
        plan = Plan(number, self.gateway, self._calls, inf, rate, most=calls, hang_up_after_s=hang_up_after_s)
        return self._carry_out(plan)

    def press(self, callers: int, seconds: float, apart_s: float) -> Pressed:
        """Let so many callers press keys that their action server is told of."""
        with Child(press) as keypads:
            os.sched_setaffinity(keypads.pid, os.sched_getaffinity(self._trunk.pid))
            self._server.asked()
            keypads.pipe.send(KeyPlan(ASKING, self.gateway, self._calls, callers, seconds, apart_s))
            pressed = keypads.pipe.recv()
            self._calls += callers
            sleep(SETTLE_S)
        asked = self._server.asked()
        # The first request of a call told that it came.
        pairs = [zip(keys, asked.get(phone, [])[1:], strict=False) for phone, keys in pressed.items()]
        return Pressed(sum(map(len, pressed.values())), [(to - of) / 1e6 for pair in pairs for of, to in pair])

    def descriptors(self) -> dict[str, int]:
        """Return how many descriptors of each kind all processes of the platform have open."""
        found: Counter[str] = Counter()
        for pid in (self._platform.pid, *children(self._platform.pid)):
            found.update(descriptors(pid))
        return dict(found)

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


@contextmanager
def open_house() -> Iterator[House]:
    """Start a platform, its action server and a trunk."""
    assert all(parse(text).script for text in ANSWERS.values()), "the actions are right"
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, ActionServer(ANSWERS) as server, Child(call) as trunk:
        for pid in (server.child.pid, trunk.pid):
            os.sched_setaffinity(pid, cores[1:] or cores)
        urls = {
            REJECTED: f"{server.origin}/reject",
            SPOKEN: f"{server.origin}/say",
            ENDLESS: f"{server.origin}/endless",
            ASKING: f"{server.origin}/gather",
        }
        with Platform(Path(folder), urls, {cores[0]}) as platform:
            yield House(platform, server, trunk)
