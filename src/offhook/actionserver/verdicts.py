"""What is wrong with a signature, for whoever must find out why a server refuses one: pure.

Read `verdicts` first. A digest says only that something differs; what servers most often do to values and
secrets is undone here one after the other, and what then fits was it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize
from urllib.parse import unquote

from offhook.actionserver.errors import SignatureRefused
from offhook.actionserver.signature import TOLERANCE_S, parse_header, percent_encode, verify


class Part(StrEnum):
    """What of a signature can be wrong."""

    FORM = "form"
    TIME = "time"
    NAMES = "names"
    VALUE = "value"
    SECRET = "secret"  # noqa: S105 - a word and no secret


@dataclass(frozen=True, slots=True)
class Verdict:
    """A part that is wrong, and in which way."""

    part: Part
    sentence: str


Pairs = Sequence[tuple[str, str]]

_VALUES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("+ stands where a blank was sent", lambda value: value.replace("+", " ")),
    ("a blank stands where + was sent", lambda value: value.replace(" ", "+")),
    ("it is still percent-encoded", unquote),
    ("blanks around it were cut off or added", str.strip),
    ("its letters were composed or taken apart (Unicode NFC)", lambda value: normalize("NFC", value)),
    ("its letters were composed or taken apart (Unicode NFD)", lambda value: normalize("NFD", value)),
    ("bytes of UTF-8 were read as Latin-1", lambda value: value.encode("latin-1", "ignore").decode("utf-8", "replace")),
)
_SECRETS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("there are blanks or a line end around it", str.strip),
    ("a line end belongs to it", lambda secret: f"{secret}\n"),
    ("there are quotes around it", lambda secret: secret.strip("'\"")),
)


def verdicts(header: str, parameters: Pairs, secrets: Sequence[str], now: float) -> list[Verdict]:
    """Return all that is wrong with a request's signature, nothing if it is valid. `now` is Unix time.

    `parameters` are those of the request, decoded.
    """
    try:
        t, names = parse_header(header)
    except SignatureRefused as error:
        return [Verdict(Part.FORM, error.sentence)]
    found = []
    if abs(now - t) > TOLERANCE_S:
        way = "old" if now > t else "early"
        found.append(
            Verdict(Part.TIME, f"it is {abs(now - t):.0f} s too {way} for now: at most {TOLERANCE_S} s are allowed")
        )
    counts = Counter(percent_encode(name) for name, _ in parameters)
    for name in names:
        if counts[name] != 1:
            times = "is missing" if not counts[name] else f"stands there {counts[name]} times"
            found.append(Verdict(Part.NAMES, f"the signed parameter {name} {times}"))
    if len(set(names)) != len(names):
        found.append(Verdict(Part.NAMES, "a name is listed twice"))
    if not any(verdict.part is Part.NAMES for verdict in found):
        # Whether it is too late is another matter.
        found += _of_digest(header, parameters, secrets, names, t)
    return found


def _of_digest(header: str, parameters: Pairs, secrets: Sequence[str], names: Sequence[str], t: int) -> list[Verdict]:
    if _fits(header, parameters, secrets, t):
        return []
    for what, change in _SECRETS:
        if _fits(header, parameters, [change(secret) for secret in secrets], t):
            return [Verdict(Part.SECRET, f"the secret differs: {what}")]
    for place, what, changed in _changed(parameters, names):
        if _fits(header, changed, secrets, t):
            return [Verdict(Part.VALUE, f"the value of {place} differs: {what}")]
    return [
        Verdict(
            Part.SECRET,
            "no secret that was given made this signature of these values: it is another one, or a value was changed",
        )
    ]


def _changed(parameters: Pairs, names: Sequence[str]) -> Iterator[tuple[str, str, Pairs]]:
    """Undo what is often done to values: to one of them, or to all."""
    for what, change in _VALUES:
        for at, (name, value) in enumerate(parameters):
            if percent_encode(name) in names and change(value) != value:
                yield name, what, [*parameters[:at], (name, change(value)), *parameters[at + 1 :]]
        yield "several parameters", what, [(name, change(value)) for name, value in parameters]


def _fits(header: str, parameters: Pairs, secrets: Sequence[str], t: int) -> bool:
    try:
        verify(header, parameters, secrets, t)
    except SignatureRefused:
        return False
    return True
