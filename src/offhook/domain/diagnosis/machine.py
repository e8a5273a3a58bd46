"""What is wrong with the machine that a node runs on: judged from what was measured there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from offhook.domain.diagnosis.checks import CURES, Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning

MIB = 1024 * 1024
LEAST_BYTES = 100 * MIB
FEW_BYTES = 1024 * MIB
LEAST_FILES = 1000
FEW_PAIRS = 0.1
"""Less than this share of free pairs of RTP ports is worth a warning."""
CLOCK_OFF_S = 2.0
CLOCK_WRONG_S = 60.0
"""Signatures are good for 300 s, and heartbeats for 15 s: a clock that is a minute wrong breaks nodes."""
BUSY = 0.7
"""A media worker that is busy for a larger share of its time soon takes no more calls."""
SILENT_SINCE = timedelta(days=1)


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


@dataclass(frozen=True, slots=True)
class Port:
    """A port to listen at: taken by somebody, free, or unusable for a reason; `answered` is the status of OPTIONS."""

    place: str
    is_taken: bool
    problem: str = ""
    answered: int | None = None
    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class Toward:
    """From which of our addresses a trunk is sent to; `is_far` if it is in no private network."""

    trunk: str
    own: str
    is_far: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What a node says of its load: how busy each media worker is (0 to 1), how late its loop, whether it refuses."""

    busy: Mapping[str, float]
    lag_s: float
    is_overloaded: bool


def judge_disk(disk: Disk) -> Finding:
    """Say whether there is room for calls, recordings and sounds."""
    if disk.problem:
        return bad(Check.DISK, f"{disk.folder}: {disk.problem}")
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


def judge_node(node: str, seen_at: datetime | None, now: datetime, dead_after_s: float) -> Finding:
    """Say whether this machine's node lives."""
    if seen_at is None:
        return bad(Check.NODE, f"the node {node} has never run with this database", reason="not-running")
    age_s = (now - seen_at).total_seconds()
    if age_s > dead_after_s:
        return bad(Check.NODE, f"the node {node} was last heard {_ago(age_s)} ago", reason="not-running", age_s=age_s)
    return good(Check.NODE, f"the node {node} was heard {max(age_s, 0):.0f} s ago", age_s=age_s)


def judge_others(heard: Sequence[tuple[str, datetime]], node: str, now: datetime, dead_after_s: float) -> list[Finding]:
    """Say which other nodes of the database have fallen silent within a day, or live."""
    found = []
    for name, seen_at in heard:
        age = now - seen_at
        if name == node or age > SILENT_SINCE:
            continue
        age_s = age.total_seconds()
        if age_s > dead_after_s:
            said = f"another node, {name}, was last heard {_ago(age_s)} ago"
            found.append(
                warning(Check.NODE, said, "If it was not stopped on purpose, look at its machine.", age_s=age_s)
            )
        else:
            found.append(good(Check.NODE, f"another node, {name}, was heard {max(age_s, 0):.0f} s ago", age_s=age_s))
    return found


def judge_readiness(place: str, status: int | None, text: str, *, is_alive: bool) -> Finding:
    """Say whether the API and the workers of this machine's node are ready; `status` is that of `/readyz`, if any."""
    if status == 200:
        return good(Check.WORKERS, f"{place} says that {text} are ready")
    if status is not None:
        return bad(Check.WORKERS, f"{place} says: {text}", reason="not-ready", status=status)
    if not is_alive:
        return unknown(Check.WORKERS, "the node does not run, so nobody can be asked")
    return bad(Check.WORKERS, f"{place} does not answer: {text}", reason="connect-failed")


def judge_load(load: Load) -> Finding:
    """Say whether the media workers and the loop of a node have time for more calls."""
    busiest = max(load.busy.values(), default=0.0)
    many = f"{len(load.busy)} media workers" if len(load.busy) != 1 else "its media worker"
    said = f"{many}, busy for {busiest:.0%} of the time at most; the node is {load.lag_s * 1000:.0f} ms late"
    data = {"busy": dict(load.busy), "lag_s": load.lag_s}
    if load.is_overloaded:
        cure = "Start more media workers (setting `media_workers`) or another node."
        return bad(Check.WORKERS, f"new calls are refused for the load: {said}", cure, reason="overload", **data)
    if busiest > BUSY:
        return warning(Check.WORKERS, said, "Start more media workers before calls are refused.", **data)
    return good(Check.WORKERS, said, **data)


def judge_sip_port(port: Port, *, is_alive: bool | None) -> Finding:
    """Say whether the SIP port is ours; `is_alive` tells whether the node is, None if that is not known."""
    data = {"place": port.place, "answered": port.answered}
    if port.problem:
        return bad(Check.SIP_PORT, f"{port.place} cannot be used: {port.problem}", **data)
    if is_alive and not port.is_taken:
        return bad(
            Check.SIP_PORT,
            f"the node lives, but nobody listens at {port.place}",
            "Give this command the settings of the node: the same folder, environment and offhook.toml.",
            **data,
        )
    if is_alive and port.was_asked and port.answered is None:
        return bad(Check.SIP_PORT, f"{port.place} is taken, but does not answer OPTIONS", **data)
    if is_alive:
        said = f", and answers OPTIONS with {port.answered}" if port.answered else "; no trunk may ask it from here"
        return good(Check.SIP_PORT, f"{port.place} is taken while the node lives{said}", **data)
    if port.is_taken:
        if is_alive is None:
            return unknown(Check.SIP_PORT, f"{port.place} is taken, and whether by the node is not known", **data)
        return bad(
            Check.SIP_PORT, f"another program has {port.place}, so the node cannot start", reason="port-taken", **data
        )
    return good(Check.SIP_PORT, f"{port.place} is free, so the node can start", **data)


def judge_rtp_ports(shown: str, pairs: int, taken: int | None, workers: int) -> Finding:
    """Say whether calls find ports for their audio; `taken` pairs are in use, None if the kernel does not say."""
    if pairs < workers:
        return bad(Check.RTP_PORTS, f"{shown} holds {pairs} pairs of RTP ports for {workers} media workers")
    if taken is None:
        return unknown(Check.RTP_PORTS, f"{shown} holds {pairs} pairs; the kernel does not say which are taken")
    data = {"pairs": pairs, "taken": taken}
    said = f"{pairs - taken} of {pairs} pairs of {shown} are free"
    if taken >= pairs:
        return bad(Check.RTP_PORTS, f"every pair of {shown} is taken", **data)
    if pairs - taken < pairs * FEW_PAIRS:
        return warning(Check.RTP_PORTS, said, **data)
    return good(Check.RTP_PORTS, said, **data)


def judge_public_address(public: str | None, bound: str, own: Collection[str], toward: Sequence[Toward]) -> Finding:
    """Say whether trunks in the internet are told an address at which they reach us."""
    data = {"public_address": public, "own": sorted(own), "toward": {one.trunk: one.own for one in toward}}
    not_measured = "what the other side sees is not measured"
    if public is not None and ip_address(public).is_private:
        return warning(
            Check.PUBLIC_ADDRESS, f"public_address is {public}, which the internet cannot reach; {not_measured}", **data
        )
    if public in own:
        return good(Check.PUBLIC_ADDRESS, f"public_address is {public}, an address of this machine", **data)
    if public is not None:
        said = f"public_address is {public}, which no interface has: a NAT must pass SIP and RTP on; {not_measured}"
        return good(Check.PUBLIC_ADDRESS, said, **data)
    hidden = [one for one in toward if one.is_far and ip_address(one.own).is_private]
    if hidden:
        return bad(
            Check.PUBLIC_ADDRESS,
            f"{hidden[0].trunk} is in the internet, and would be told the private address {hidden[0].own}:"
            " its audio would not reach us",
            **data,
        )
    said = f"it is not set, and no trunk needs it: SIP is received at {bound}; {not_measured}"
    return good(Check.PUBLIC_ADDRESS, said, **data)


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
