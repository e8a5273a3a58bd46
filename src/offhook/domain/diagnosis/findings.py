"""A finding: what one check of the doctor came to, in words and for programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from offhook.domain.diagnosis.checks import CURES, Check


class Verdict(StrEnum):
    """What a check came to, the best first."""

    GOOD = "good"
    UNKNOWN = "unknown"
    """It was not looked at; the sentence says why. That is no fault."""
    WARNING = "warning"
    """Calls go well all the same, or did; somebody should look."""
    BAD = "bad"


SEVERITY: Mapping[Verdict, int] = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the doctor. A cure stands wherever something is to be done; `data` is for programs.

    `data["reason"]` is the stable code of what failed, where something with a code did.
    """

    code: Check
    verdict: Verdict
    sentence: str
    cure: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


def good(code: Check, sentence: str, /, **data: object) -> Finding:
    """Return a tick."""
    return Finding(code, Verdict.GOOD, sentence, data=data)


def warning(code: Check, sentence: str, cure: str = "", /, **data: object) -> Finding:
    """Return a warning; without a better cure it has the one of its check."""
    return Finding(code, Verdict.WARNING, sentence, cure or CURES[code], data)


def bad(code: Check, sentence: str, cure: str = "", /, **data: object) -> Finding:
    """Return a cross; without a better cure it has the one of its check."""
    return Finding(code, Verdict.BAD, sentence, cure or CURES[code], data)


def unknown(code: Check, sentence: str, cure: str = "", /, **data: object) -> Finding:
    """Return that nothing was looked at."""
    return Finding(code, Verdict.UNKNOWN, sentence, cure, data)


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict; good if there is none. What was not looked at is no worse than good."""
    found = max((finding.verdict for finding in findings), key=SEVERITY.__getitem__, default=Verdict.GOOD)
    return Verdict.GOOD if found is Verdict.UNKNOWN else found
