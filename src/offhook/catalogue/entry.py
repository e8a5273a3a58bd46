"""A page as a value, and how it is read from its file.

# no-credit                       the code

The account cannot pay ...        what happened, in one paragraph

Seen: call, sip 480               places of `PLACES`, some with a detail

## Likely causes                  a list
## What to do                     a list
"""

from collections.abc import Mapping
from dataclasses import dataclass

CAUSES, CURES = "Likely causes", "What to do"
SEEN = "Seen: "

PLACES: Mapping[str, str] = {
    "call": "The `reason` of a call: `offhook calls list --reason {code}`, `GET /voice/calls/`, event `call.ended`.",
    "sip": "Before the answer the caller's trunk is told SIP {detail}.",
    "timeline": "The timeline of a call: `offhook calls show ID` and `GET /voice/calls/<call_id>/timeline/`.",
    "fallback": "The parameter `reason` of the request to the fallback URL.",
    "lint": "`offhook actions lint` and `offhook actions try`, with line and column.",
    "try": "`offhook actions try`.",
    "conformance": "The report of `offhook conformance URL`.",
    "doctor": "The report of `offhook doctor` and `GET /voice/dins/subscriptions/<din_uid>/diagnosis/`.",
    "field": "The HTTP API, in the sentence about a field (400).",
    "signature": "In words, without the code: `offhook actions verify-signature`.",
    "breaker": "What failed last, in `offhook accounts show NAME` and `GET /account/breakers/`.",
    "recording": "The `reason` of a recording: `offhook recordings show UID` and `GET /voice/recordings/`.",
    "ended-by": "`ended_by` of the event `recorded` in a call's timeline.",
    "command": "The `code` of what was wanted of a running call: `GET /voice/calls/<call_id>/commands/<command_id>/`.",
    "api": "The HTTP API, with status {detail}.",
    "cli": "The command line, on standard error with exit status {detail}.",
    "start": "Standard error of `offhook serve`, which does not start, or stops.",
    "log": "The log of `offhook serve`.",
    "trunk": "In words, without the code: `offhook trunks show NAME`, the log, and the `transfer-failed` of a call.",
    "stranger": "In words, without the code: `offhook trunks strangers` and the log.",
    "inside": "Inside the program only: nobody is told by this code, so it is met in its source and its tests.",
}
"""Where a code can be seen, in a sentence."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place where a code is seen; `detail` is a status where the place has one."""

    place: str
    detail: str = ""

    def sentence(self, code: str) -> str:
        """Say where that is."""
        return PLACES[self.place].format(code=code, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one code. Texts are Markdown of words and `code` alone."""

    code: str
    room: str
    happened: str
    seen: tuple[Sighting, ...]
    causes: tuple[str, ...]
    cures: tuple[str, ...]

    @property
    def where(self) -> tuple[str, ...]:
        """Return a sentence for each place where it is seen."""
        return tuple(sighting.sentence(self.code) for sighting in self.seen)

    def detail(self, place: str) -> str | None:
        """Return the detail of a place, None if the code is not seen there."""
        return next((one.detail for one in self.seen if one.place == place), None)


def read(text: str, room: str) -> Entry:
    """Read a page. Raises ValueError with a sentence about what it lacks."""
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    match blocks:
        case [title, happened, seen, causes_title, causes, cures_title, cures] if (
            title.startswith("# ")
            and seen.startswith(SEEN)
            and (causes_title, cures_title) == (f"## {CAUSES}", f"## {CURES}")
        ):
            sightings = tuple(_sighting(word.strip()) for word in seen.removeprefix(SEEN).split(","))
            return Entry(title[2:], room, _joined(happened), sightings, _items(causes), _items(cures))
    raise ValueError(
        f"a page is `# code`, a paragraph, `Seen:`, `## {CAUSES}` and `## {CURES}` with a list each, not {blocks[:1]}"
    )


def _sighting(written: str) -> Sighting:
    place, _, detail = written.partition(" ")
    if place not in PLACES:
        raise ValueError(f"`Seen:` names {place!r}; there are {', '.join(PLACES)}")
    if ("{detail}" in PLACES[place]) is not bool(detail):
        raise ValueError(f"`Seen:` names {written!r}; a detail stands behind those places that have one")
    return Sighting(place, detail)


def _items(block: str) -> tuple[str, ...]:
    if not block.startswith("- "):
        raise ValueError(f"a list begins with `- `, not with {block[:20]!r}")
    return tuple(_joined(item) for item in block[2:].split("\n- "))


def _joined(text: str) -> str:
    return " ".join(text.split())
