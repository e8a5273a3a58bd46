"""How a timeline tells of the exchanges with an action server: their data, and a few words."""

from collections.abc import Sequence
from dataclasses import fields

from offhook.domain.questions import Times, Try

_STEPS = tuple(field.name for field in fields(Times))


def of_tries(tries: Sequence[Try]) -> list[dict[str, object]]:
    """Return each exchange as data; steps that were not taken and headers that did not come are left out."""
    return [_of_try(one) for one in tries]


def took(tries: Sequence[Try]) -> str:
    """Say how long the last exchange took, and what of that its steps did."""
    if not tries:
        return ""
    last = tries[-1]
    steps = str(last.times)
    return f" in {last.elapsed_ms:.0f} ms" + (f": {steps}" if steps else "")


def _of_try(one: Try) -> dict[str, object]:
    told: dict[str, object] = {
        "url": one.url,
        "attempt": one.attempt,
        "status": one.status,
        "elapsed_ms": one.elapsed_ms,
        "code": one.code,
        "text": one.text,
        "warning": one.warning,
        "is_signed": one.is_signed,
        "was_sent": one.was_sent,
    }
    if one.skew_s is not None:
        told["skew_s"] = one.skew_s
    times = {step: ms for step in _STEPS if (ms := getattr(one.times, step)) is not None}
    if times:
        told["times"] = times
    if one.headers:
        told["headers"] = dict(one.headers)
    if one.body:
        told["body"] = one.body
    return told
