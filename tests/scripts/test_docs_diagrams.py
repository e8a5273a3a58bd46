"""Diagrams show the tables: every move, and where a life begins and ends."""

from collections.abc import Callable, Mapping
from enum import Enum

import pytest

import docs_diagrams
from docs_diagrams import Arrow, draw
from offhook.engine.call import table as call
from offhook.engine.sip import dialog as leg
from offhook.engine.sip import moves


def test_a_diagram_begins_where_nothing_leads_and_ends_where_nothing_goes_on() -> None:
    arrows = [Arrow("RINGING", "RINGING", "again"), Arrow("RINGING", "ENDED", "hung up")]
    assert draw(arrows).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> RINGING",
        "    RINGING --> RINGING: again",
        "    RINGING --> ENDED: hung up",
        "    ENDED --> [*]",
    ]


@pytest.mark.parametrize(
    ("page", "table"),
    [
        (docs_diagrams.call_page, call.MOVES),
        (docs_diagrams.leg_page, leg.MOVES),
        (docs_diagrams.transactions_page, moves.INVITE_SERVER),
        (docs_diagrams.transactions_page, moves.SERVER),
        (docs_diagrams.transactions_page, moves.INVITE_CLIENT),
        (docs_diagrams.transactions_page, moves.CLIENT),
    ],
)
def test_every_move_of_a_table_is_an_arrow(
    page: Callable[[], str], table: Mapping[tuple[Enum, Enum], Enum | tuple[Enum, object]]
) -> None:
    lines = page().splitlines()
    for (source, event), target in table.items():
        last = target[0] if isinstance(target, tuple) else target
        arrows = [line for line in lines if line.startswith(f"    {source.name} --> {last.name}: ")]
        assert any(event.name.lower().replace("_", " ") in line for line in arrows), (source, event)


def test_a_transaction_tells_its_deeds_in_their_order() -> None:
    assert "    CALLING --> COMPLETED: failure / ack, pass, live 32 s" in docs_diagrams.transactions_page()
