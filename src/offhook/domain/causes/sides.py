"""One side of an answered call, the caller's or the callee's, and what its timeline tells of its sound."""

from collections.abc import Mapping
from dataclasses import dataclass

from offhook.domain.causes.story import Story, capital, number_in


@dataclass(frozen=True, slots=True)
class Side:
    """`prefix` stands before the kinds of its events, `who` is what a sentence calls it."""

    story: Story
    prefix: str
    who: str

    @property
    def subject(self) -> str:
        """What a sentence begins with."""
        return capital(self.who)

    def has(self, kind: str) -> bool:
        """Tell whether there is an event of its own of this kind."""
        return self.story.has(f"{self.prefix}{kind}")

    def last(self, kind: str) -> int | None:
        """Return the place of its last event of a kind."""
        return self.story.last(f"{self.prefix}{kind}")

    def quality(self, way: str) -> Mapping[str, object]:
        """Return the figures of a direction, `received` or `sent`; none if they are not on record."""
        place = self.last("quality")
        found = None if place is None else self.story.events[place].data.get(way)
        return found if isinstance(found, Mapping) else {}

    def packets(self, way: str) -> int:
        """Return how many packets of a direction were counted."""
        return number_in(self.quality(way), "packets") or 0

    def figure(self, way: str, name: str) -> float | None:
        """Return a figure of a direction; None if it was not measured."""
        found = self.quality(way).get(name)
        return float(found) if isinstance(found, int | float) else None

    def agreed(self, name: str) -> object:
        """Return what was agreed on last about its media; None if that is not on record."""
        place = self.last("media")
        return None if place is None else self.story.events[place].data.get(name)

    @property
    def unknown_types(self) -> dict[str, int]:
        """Packets of payload types that were not agreed on, by the type."""
        found = self.quality("received").get("unknown_types")
        return {str(name): number_in(found, name) or 0 for name in found} if isinstance(found, Mapping) else {}

    @property
    def has_hung_up(self) -> bool:
        """Whether it ended the call itself."""
        place = self.story.last("hung-up")
        return place is not None and self.story.events[place].text == f"{self.who} hung up"


def sides_of(story: Story) -> tuple[Side, Side]:
    """Return the caller's side, and the callee's."""
    return Side(story, "", "the caller"), Side(story, "callee-", "the callee")
