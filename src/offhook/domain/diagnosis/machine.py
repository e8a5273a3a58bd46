"""What is wrong with the machine that a node runs on: judged from what was measured there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from offhook.domain.diagnosis.checks import CURES, Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning

MIB = 1024 * 1024
LEAST_BYTES = 100 * MIB
FEW_BYTES = 1024 * MIB
LEAST_FILES = 1000
CLOCK_OFF_S = 2.0
CLOCK_WRONG_S = 60.0
"""Signatures are good for 300 s, and heartbeats for 15 s: a clock that is a minute wrong breaks nodes."""


@dataclass(frozen=True, slots=True)
class Disk:
    """What a file system has left; `problem` is why it could not be looked at or written to."""

    folder: str
    free_bytes: int = 0
    total_bytes: int = 0
    free_files: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of the clock: the kernel's word (None: it does not say), and differences to others in seconds.

    A difference is theirs minus ours.
    """

    is_synchronised: bool | None
    differences: Mapping[str, float]


def judge_disk(disk: Disk) -> Finding:
    """Say whether there is room for calls, recordings and sounds."""
    if disk.problem:
        cure = "Give this user the right to write there, or choose another folder with the setting `data_folder`."
        return bad(Check.DISK, f"{disk.folder}: {disk.problem}", cure)
    data = {"free_bytes": disk.free_bytes, "total_bytes": disk.total_bytes, "free_files": disk.free_files}
    said = f"{disk.folder} has {disk.free_bytes / MIB / 1024:.1f} GiB free"
    if disk.free_bytes < LEAST_BYTES:
        return bad(Check.DISK, f"{disk.folder} has only {disk.free_bytes // MIB} MiB free", **data)
    if disk.free_files is not None and disk.free_files < LEAST_FILES:
        return bad(Check.DISK, f"{disk.folder} has room for only {disk.free_files} more files", **data)
    if disk.free_bytes < FEW_BYTES:
        return warning(Check.DISK, f"{disk.folder} has {disk.free_bytes // MIB} MiB free", **data)
    return good(Check.DISK, said, **data)


def judge_clock(clock: Clock) -> Finding:
    """Say whether the clock is right, as far as somebody else's is known."""
    data = {"synchronised": clock.is_synchronised, "differences_s": dict(clock.differences)}
    farthest = max(clock.differences, key=lambda name: abs(clock.differences[name]), default=None)
    if farthest is not None and abs(clock.differences[farthest]) > CLOCK_OFF_S:
        seconds = clock.differences[farthest]
        way = "ahead of" if seconds > 0 else "behind"
        said = f"the clock of {farthest} is {abs(seconds):.0f} s {way} ours"
        found = bad if abs(seconds) > CLOCK_WRONG_S else warning
        return found(Check.CLOCK, said, "One of the two is wrong: start a time service on both machines.", **data)
    agrees = f"it agrees with {', '.join(clock.differences)}" if clock.differences else "no other clock was seen"
    if clock.is_synchronised is False:
        said = f"the kernel says that nobody synchronises the clock; {agrees}"
        # In many virtual machines the host does it, and the kernel does not know.
        found = unknown if clock.differences else warning
        return found(Check.CLOCK, said, CURES[Check.CLOCK], **data)
    if clock.is_synchronised is None:
        return unknown(Check.CLOCK, f"the kernel does not say whether the clock is synchronised; {agrees}", **data)
    return good(Check.CLOCK, f"the clock is synchronised; {agrees}", **data)


def nodes_ahead(heard: Sequence[tuple[str, datetime]], now: datetime) -> dict[str, float]:
    """Return by how many seconds the clocks of nodes are ahead whose heartbeat lies in our future."""
    seconds = {f"the node {name}": (seen_at - now).total_seconds() for name, seen_at in heard}
    return {name: ahead for name, ahead in seconds.items() if ahead > CLOCK_OFF_S}
