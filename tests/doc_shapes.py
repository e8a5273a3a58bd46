"""Whether what a page shows is what happened: JSON by its shape, text by its lines, as ids and times are always new."""

import re
from collections.abc import Iterable
from typing import Any

NUMBER = (int, float)
REST = "..."
"""What a page writes for what it leaves out."""


def shape_fault(shown: Any, real: Any, place: str = "") -> str:
    """Say where a real document is made in another way than the one that is shown, empty if nowhere.

    A null stands for anything, as does an empty array: the same field may hold a value the next time. Of steps that
    were timed, and of nothing else, each may be missing: a connection that was kept has not been made.
    """
    match shown, real:
        case (None, _) | (_, None):
            return ""
        case dict(), dict():
            missing = shown.keys() ^ real.keys()
            if missing and not _are_steps(shown | real):
                return f"{place or 'the document'}: only one of both has {', '.join(sorted(missing))}"
            common = (name for name in shown if name in real)
            faults = (shape_fault(shown[name], real[name], f"{place}.{name}".lstrip(".")) for name in common)
            return next(filter(None, faults), "")
        case list(), list():
            return shape_fault(shown[0], real[0], f"{place}[0]") if shown and real else ""
    alike = _kind(shown) is _kind(real)
    return "" if alike else f"{place}: {shown!r} is shown, and {real!r} came"


def document_fault(shown: Any, documents: Iterable[Any]) -> str:
    """Say why none of the documents, nor an entry of one that is a list, has the shape of the one that is shown."""
    faults = []
    for real in documents:
        entries = real if isinstance(real, list) and isinstance(shown, dict) else [real]
        faults += [shape_fault(shown, entry) for entry in entries]
    if "" in faults:
        return ""
    return "; or ".join(dict.fromkeys(faults)) or "no JSON was answered"


def text_fault(shown: str, printed: str) -> str:
    """Return the first line of a shown text that was not printed, in this order, with other figures perhaps."""
    lines = iter([_masked(line) for line in printed.splitlines()])
    for line in shown.splitlines():
        wanted = _masked(line)
        if wanted and line.strip() != REST and wanted not in lines:
            return line
    return ""


def _are_steps(times: dict[str, Any]) -> bool:
    return all(name.endswith("_ms") for name in times)


def _kind(value: Any) -> type:
    return float if isinstance(value, NUMBER) and not isinstance(value, bool) else type(value)


def _masked(line: str) -> str:
    ids = re.sub(r"\b(?:JP)?[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}\b", "#", line)
    figures = re.sub(r"[\d#][\d#.:,]*(?: m?s\b)?", "#", ids)
    return " ".join(re.sub(r"[━•]+", "━", figures).split())
