"""The engine's desk over a real database: every verb reaches its unit of work with all that it was told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from house import NOW, House, empty_file
from offhook.audio.shelf import Shelf
from offhook.domain.calls import Admission, Ending, LegUse, Reason, Status, TimelineEvent
from offhook.domain.credits import CREDIT
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.terms import TERMS
from offhook.engine.net import ports
from offhook.serve.desk import Desk
from offhook.serve.recordings import RecordingDesk
from offhook.service.desk import LIMITS

TOKYO, POOL = "81312345678", "815099999999"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.subscribed()
    opened.subscribed(POOL, monthly="1")
    opened.add_trunk("tokyo")
    yield opened
    opened.close()


def desk_of(house: House, *routes: str) -> ports.Desk:
    recordings = RecordingDesk(
        house.database,
        Shelf(Path("nowhere")),
        "node-1",
        now=lambda: NOW,
        fresh=lambda: "0" * 32,
        terms=TERMS,
        base_url="https://offhook.example",
        secret="ab" * 32,
    )
    return Desk(house.database, LIMITS, "node-1", recordings, routes)


async def test_a_call_with_a_callee_is_let_out_extended_given_back_and_closed(house: House) -> None:
    desk = desk_of(house, "tokyo")
    admission = await desk.admit(house.arrival())
    assert isinstance(admission, Admission)
    call_id = admission.call_id
    for leg in (2, 3):
        routes = await desk.find_routes(call_id, leg, TOKYO, came_inside=False)
        assert isinstance(routes, Routes)
        assert [way.trunk for way in routes.ways] == ["tokyo"]
    await desk.give_back(call_id, 3)
    await desk.answered(call_id, 2, NOW, "callee")
    await desk.answered(call_id, 1, NOW, "caller")
    assert await desk.extend(call_id, 2, 2)
    assert not await desk.extend(call_id, 3, 2)
    assert [(leg.leg, leg.held_minutes, leg.dialog) for leg in house.legs(call_id)] == [
        (1, 0, "caller"),
        (2, 2, "callee"),
        (3, 0, None),
    ]
    ended = NOW + timedelta(seconds=10)
    event = TimelineEvent(1.0, "hung-up", "the caller hung up")
    ending = Ending(call_id, Status.COMPLETED, None, ended, NOW, 10.0, (LegUse(2, NOW, 10.0),))
    await desk.close(ending, [event], ())
    call = house.call(call_id)
    assert (call.status, call.cost, call.node) == (Status.COMPLETED, 2 * CREDIT, "node-1")
    assert house.timeline(call_id) == [event]
    assert house.credit().held == 0


async def test_a_call_that_came_inside_is_not_connected_inside_again(house: House) -> None:
    desk, call_id = desk_of(house), house.ring()
    assert isinstance(await desk.find_routes(call_id, 2, POOL, came_inside=False), Routes)
    assert isinstance(await desk.find_routes(call_id, 3, POOL, came_inside=True), Unroutable)


async def test_without_routes_of_the_operator_a_callee_outside_is_not_reached(house: House) -> None:
    found = await desk_of(house).find_routes(house.ring(), 2, TOKYO, came_inside=False)
    assert isinstance(found, Unroutable)
    assert found.reason is Reason.NO_ROUTE
