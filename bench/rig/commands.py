"""A command from its start to its end: how long somebody waited for it, and what it used."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: the milliseconds until its end, and those of CPU of the process and the children it waited for."""

    waited_ms: float
    cpu_ms: float
    status: int
    out: str


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Ran:
    """Run a command and wait for it. What it says to standard error is what it says to us."""
    began = perf_counter()
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None, "it was asked for"
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    waited_ms = (perf_counter() - began) * 1000
    return Ran(waited_ms, (used.ru_utime + used.ru_stime) * 1000, process.returncode, out.decode(errors="replace"))
