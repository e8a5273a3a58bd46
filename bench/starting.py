"""Starting: how long somebody at a terminal waits, for help, for the doctor, and from nothing to the first call.

Each command in turns with a Python that does nothing. README.md says how to read the figures.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.rig.action_server import ActionServer
from bench.rig.commands import Ran, run
from bench.rig.platform import TRUNK_KNOWN_S, Platform
from bench.rig.processes import machine
from bench.rig.tables import show

NUMBER = "815012345678"
ANSWERS = {"/": 'say en "Hello. This is the first call."\nhangup'}
NOTHING = ("-c", "pass")
HELP = ("-P", "-m", "offhook", "--help")
NOUN = ("-P", "-m", "offhook", "calls", "--help")
LIST = ("-P", "-m", "offhook", "calls", "list")
DOCTOR = ("-P", "-m", "offhook", "doctor", NUMBER, "--json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15, help="how often each command is run")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder, ActionServer(ANSWERS) as server:
        began = perf_counter()
        with Platform(Path(folder), {NUMBER: f"{server.origin}/"}, os.sched_getaffinity(0)) as platform:
            ready_s = perf_counter() - began

            def python(words: Sequence[str]) -> Ran:
                return run((sys.executable, *words), platform.environment, Path(folder))

            heard = python(
                (
                    "-P",
                    "-m",
                    "offhook",
                    "dial",
                    NUMBER,
                    "--to-sip",
                    f"127.0.0.1:{platform.sip[1]}",
                    "--from",
                    "819012345678",
                )
            )
            first_s = perf_counter() - began
            rows = _rows(
                python, {"help": HELP, "help of a noun": NOUN, "calls list": LIST, "doctor": DOCTOR}, options.rounds
            )
            said = python(DOCTOR)
    show("commands, in turns", ("", "wait p50 ms", "longest", "x nothing", "CPU p50 ms", "x nothing", "status"), rows)
    print(f"\nthe doctor's findings that are not good: {_not_good(said.out) or 'none'}")
    print(f"\nuntil a node has a trunk, a number, an account and an action URL: {ready_s:.1f} s")
    print(f"until the first call was heard and is over: {first_s:.1f} s (status {heard.status})")
    print(f"of both {TRUNK_KNOWN_S} s are waited until the node knows the trunk")


def _rows(
    python: Callable[[Sequence[str]], Ran], commands: dict[str, Sequence[str]], rounds: int
) -> list[tuple[str, ...]]:
    ran: dict[str, list[Ran]] = {"a Python that does nothing": [], **{name: [] for name in commands}}
    for _ in range(rounds):
        for name, words in zip(ran, (NOTHING, *commands.values()), strict=True):
            ran[name].append(python(words))
    floor, *_ = ran.values()

    def row(name: str, these: list[Ran]) -> tuple[str, ...]:
        waits, used = [one.waited_ms for one in these], [one.cpu_ms for one in these]
        # Each beside the floor of its own round: what the machine gives changes from one to the next.
        x_waits = median(one.waited_ms / bare.waited_ms for one, bare in zip(these, floor, strict=True))
        x_used = median(one.cpu_ms / bare.cpu_ms for one, bare in zip(these, floor, strict=True))
        statuses = ",".join(map(str, sorted({one.status for one in these})))
        times = (f"{median(waits):.0f}", f"{max(waits):.0f}", f"{x_waits:.1f}", f"{median(used):.0f}", f"{x_used:.1f}")
        return (name, *times, statuses)

    return [row(name, these) for name, these in ran.items()]


def _not_good(out: str) -> str:
    said = json.loads(out)
    findings = [*said["number"]["findings"], *said["platform"]]
    return "; ".join(f"{one['sentence']} ({one['verdict']})" for one in findings if one["verdict"] != "good")


if __name__ == "__main__":
    main()
