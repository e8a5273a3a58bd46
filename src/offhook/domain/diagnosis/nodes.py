"""What is wrong with nodes: whether they live, are ready, and have time for more calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning

BUSY = 0.7
"""A media worker that is busy for a larger share of its time soon takes no more calls."""
SILENT_SINCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Load:
    """What a node says of its load: how busy each media worker is (0 to 1), how late its loop, whether it refuses."""

    busy: Mapping[str, float]
    lag_s: float
    is_overloaded: bool


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


def judge_readiness(place: str, status: int | None, text: str | None, *, is_alive: bool) -> Finding:
    """Say whether the API and the workers of this machine's node are ready; `status` is that of `/readyz`, if any.

    `text` is what it says, None if somebody else answers there.
    """
    if text is None:
        said = f"it is not the API of Offhook that answers at {place}"
        cure = "Give this command the settings of the node, or end the program that has the port."
        return bad(Check.WORKERS, said, cure, reason="port-taken", status=status)
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


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
