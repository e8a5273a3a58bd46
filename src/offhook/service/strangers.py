"""Strangers: what the nodes heard from sources that no trunk names, for the operator who waits for a carrier."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from offhook.domain.networks import those_inside
from offhook.domain.strangers import MOST_STRANGERS, Sighting, Stranger
from offhook.service.ports import Work

KEPT = timedelta(days=7)
"""What was not heard for so long is nobody's test call; the rows of nodes that are gone end with it."""


def note(work: Work, *, node: str, sightings: Collection[Sighting], now: datetime) -> None:
    """Keep what a node has heard since the last time, but for sources that belong to a trunk by now."""
    sources = [source for trunk in work.trunks.all() for source in trunk.sources]
    let_in = those_inside([one.address for one in sightings], sources)
    work.strangers.note(node, [one for one in sightings if one.address not in let_in])
    work.strangers.forget_before(now - KEPT)


def welcome(work: Work, sources: tuple[str, ...]) -> None:
    """Forget the strangers that these networks hold: a trunk names them now."""
    work.strangers.drop(those_inside(work.strangers.addresses(), sources))


def list_strangers(work: Work) -> list[Stranger]:
    """Return the last sources that were dropped, over all nodes, the one heard last in front."""
    seen: dict[str, list[Stranger]] = {}
    for one in work.strangers.all():
        seen.setdefault(one.address, []).append(one)
    return [_together(parts) for parts in list(seen.values())[:MOST_STRANGERS]]


def _together(parts: Sequence[Stranger]) -> Stranger:
    """Make one of what several nodes know of a source, the latest in front."""
    latest = parts[0]
    return replace(
        latest,
        count=sum(one.count for one in parts),
        first_at=min(one.first_at for one in parts),
        nodes=tuple(sorted(node for one in parts for node in one.nodes)),
    )
