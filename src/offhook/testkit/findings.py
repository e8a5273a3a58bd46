"""What a check found: a stable code, a verdict, a sentence and, where something is to be done, the cure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from offhook.errors import Codes


class Check(Codes):
    """The stable codes of `offhook conformance`, in the order of its report."""

    ANSWER = "answer"
    TRANSPORT = "transport"
    CONNECT = "connect"
    SPEED = "speed"
    KEEP_ALIVE = "keep-alive"
    CONCURRENCY = "concurrency"
    STEADY = "steadiness"
    REDIRECTS = "redirects"
    SIZE = "size"
    UTF_8 = "utf-8"
    BOM = "bom"
    ZERO_BYTE = "zero-byte"
    CHARSET = "charset"
    COOKIES = "cookies"
    GRAMMAR = "grammar"
    GATHER = "event-gather"
    TRANSFER = "event-transfer"
    VOICEMAIL = "event-voicemail"
    FALLBACK = "event-fallback"
    ANONYMOUS = "caller-anonymous"
    SHORT_NUMBER = "caller-short"
    SIP_NAME = "caller-raw"
    NAME = "caller-name"
    DETAILS = "caller-details"
    UNKNOWN_PARAMETERS = "unknown-parameters"
    REPEATED = "repeated-request"
    SIGNED = "signature-accepted"
    ROTATED = "signature-rotation"
    WRONGLY_SIGNED = "signature-wrong"
    LATE = "signature-old"
    UNSIGNED = "signature-missing"


class Verdict(StrEnum):
    """How a check came out, the best first."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `details` are lines that show it, such as a text with its caret."""

    code: Check
    verdict: Verdict
    sentence: str
    cure: str = ""
    details: tuple[str, ...] = ()


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict among the findings; what was skipped is no verdict."""
    order = list(Verdict)
    verdicts = (finding.verdict for finding in findings if finding.verdict is not Verdict.SKIPPED)
    return max(verdicts, key=order.index, default=Verdict.OK)


def ok(code: Check, sentence: str) -> Finding:
    """Tell that all is well."""
    return Finding(code, Verdict.OK, sentence)


def skipped(code: Check, sentence: str, cure: str) -> Finding:
    """Tell that nobody looked, and how one can."""
    return Finding(code, Verdict.SKIPPED, sentence, cure)


def warning(code: Check, sentence: str, cure: str, details: Iterable[str] = ()) -> Finding:
    """Tell what works, but not well or not for long."""
    return Finding(code, Verdict.WARNING, sentence, cure, tuple(details))


def failed(code: Check, sentence: str, cure: str, details: Iterable[str] = ()) -> Finding:
    """Tell what a call would come to grief by."""
    return Finding(code, Verdict.FAILED, sentence, cure, tuple(details))
