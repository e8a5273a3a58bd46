"""Strangers over real databases: what nodes heard, made one list for the operator."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from house import NOW, House
from offhook.domain.strangers import MOST_STRANGERS, Sighting, Stranger
from offhook.service import strangers, trunks

MINUTE = timedelta(minutes=1)


def heard(address: str, *, line: str = "INVITE sip:1@a SIP/2.0", count: int = 1, at: datetime = NOW) -> Sighting:
    return Sighting(address, line, count, at, at)


def note(house: House, node: str, sightings: Iterable[Sighting], now: datetime = NOW) -> None:
    house.write(lambda work: strangers.note(work, node=node, sightings=list(sightings), now=now))


def listed(house: House) -> list[Stranger]:
    return house.read(strangers.list_strangers)


def test_what_is_heard_again_is_added_to_what_was_heard_before(house: House) -> None:
    note(house, "node-1", [heard("203.0.113.1", count=2), heard("203.0.113.2")])
    note(house, "node-1", [heard("203.0.113.1", line="OPTIONS sip:a SIP/2.0", count=3, at=NOW + MINUTE)])
    assert listed(house) == [
        Stranger("203.0.113.1", "OPTIONS sip:a SIP/2.0", 5, NOW, NOW + MINUTE, ("node-1",)),
        Stranger("203.0.113.2", "INVITE sip:1@a SIP/2.0", 1, NOW, NOW, ("node-1",)),
    ]


def test_a_source_that_several_nodes_heard_stands_there_once(house: House) -> None:
    note(house, "node-2", [heard("203.0.113.1", line="late", at=NOW + MINUTE)])
    note(house, "node-1", [heard("203.0.113.1", line="early", count=4)])
    assert listed(house) == [Stranger("203.0.113.1", "late", 5, NOW, NOW + MINUTE, ("node-1", "node-2"))]


def test_only_the_last_sources_of_a_node_are_kept(house: House) -> None:
    flood = [heard(f"203.0.113.{number}", at=NOW + number * MINUTE) for number in range(MOST_STRANGERS + 30)]
    note(house, "node-1", flood)
    note(house, "node-2", [heard("2001:db8::1", at=NOW + 3000 * MINUTE)], now=NOW + 3000 * MINUTE)
    assert len(house.read(lambda work: work.strangers.all())) == MOST_STRANGERS + 1
    shown = listed(house)
    assert len(shown) == MOST_STRANGERS
    assert [one.address for one in shown[:2]] == ["2001:db8::1", f"203.0.113.{MOST_STRANGERS + 29}"]


def test_who_belongs_to_a_trunk_is_no_stranger_any_more(house: House) -> None:
    for node in ("node-1", "node-2"):
        note(house, node, [heard("203.0.113.1"), heard("2001:db8::1"), heard("198.51.100.1")])
    sources = ("203.0.113.0/24", "2001:db8::/32")
    house.write(lambda work: trunks.add_trunk(work, name="tokyo", sources=sources, send=None, now=NOW))
    assert [one.address for one in listed(house)] == ["198.51.100.1"]
    # A node that has not read of the trunk yet tells of it once more.
    note(house, "node-1", [heard("203.0.113.1"), heard("198.51.100.1")])
    assert [(one.address, one.count) for one in listed(house)] == [("198.51.100.1", 3)]


def test_what_was_heard_long_ago_is_forgotten(house: House) -> None:
    note(house, "gone", [heard("203.0.113.1")])
    note(house, "node-1", [heard("203.0.113.2", at=NOW + strangers.KEPT)], now=NOW + strangers.KEPT + MINUTE)
    assert [one.address for one in listed(house)] == ["203.0.113.2"]
