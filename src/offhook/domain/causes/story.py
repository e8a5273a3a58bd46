"""A call and its timeline, with the questions that are asked of them again and again.

Events are named by their places in the timeline. What older timelines lack is missing here too: data are read with
care.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from offhook.domain.calls import Call, TimelineEvent

SHOWN = 200
"""Characters of a foreign text that a sentence repeats."""


@dataclass(frozen=True, slots=True)
class Story:
    """One call that has ended, and what happened in it.

    `freed_at` is when the last subscription of its number had ended, if there was one and no other took its place.
    """

    call: Call
    events: Sequence[TimelineEvent]
    freed_at: datetime | None = None

    def first(self, *kinds: str, after: int = -1) -> int | None:
        """Return the place of the first event of these kinds behind a place."""
        return next((at for at in range(after + 1, len(self.events)) if self.events[at].kind in kinds), None)

    def last(self, *kinds: str, before: int | None = None) -> int | None:
        """Return the place of the last event of these kinds before a place, or of all."""
        end = len(self.events) if before is None else before
        return next((at for at in range(end - 1, -1, -1) if self.events[at].kind in kinds), None)

    def has(self, *kinds: str, after: int = -1) -> bool:
        """Tell whether there is an event of these kinds behind a place."""
        return self.first(*kinds, after=after) is not None

    def told(self, at: int | None, name: str) -> str:
        """Return a text of an event's data, empty if there is none."""
        return "" if at is None else text_in(self.events[at].data, name)

    def whole(self, at: int | None, name: str) -> str:
        """Return a text of an event's data that is ours, and so has an end of its own; empty if there is none."""
        found = None if at is None else self.events[at].data.get(name)
        return found if isinstance(found, str) else ""


def text_in(data: object, name: str) -> str:
    """Return a text of a document, short enough for a sentence; empty if there is none."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return shortened(found) if isinstance(found, str) else ""


def shortened(text: str) -> str:
    """Return as much of a foreign text as a sentence can bear."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def number_in(data: object, name: str) -> int | None:
    """Return a whole number of a document."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def documents_in(data: object, name: str) -> list[Mapping[str, object]]:
    """Return the documents of a list in a document."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, Sequence) else []


def first_sentence(text: str) -> str:
    """Return a text up to the end of its first sentence, without the full stop; what follows tells what to do."""
    return text.partition(". ")[0].removesuffix(".")


def the_rest(text: str) -> str:
    """Return what follows the first sentence of a text."""
    return text.partition(". ")[2]


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """Return a sentence with its full stop, unless it ends by itself."""
    return text if text.endswith(("?", "!", ".")) else f"{text}."


def span(seconds: float) -> str:
    """Return a time in words, short."""
    whole = round(abs(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 2 * 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h" if whole < 2 * 86400 else f"{whole // 86400} days"
