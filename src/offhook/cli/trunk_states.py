"""How a trunk fares, in words: one phrase for what all nodes say, or one a node where they differ."""

from collections.abc import Sequence
from itertools import groupby

from offhook.cli.output import moment
from offhook.domain.trunk_states import Kind, TrunkState


def in_words(states: Sequence[TrunkState], kind: Kind | None = None) -> str:
    """Say how a trunk fares, by kinds in their order, or by one kind; empty if no node knows."""
    wanted = (state for state in states if kind in (None, state.kind))
    return ", ".join(_told(list(alike)) for _, alike in groupby(wanted, key=lambda state: state.kind))


def _told(states: Sequence[TrunkState]) -> str:
    if len({state.is_up for state in states}) == 1:
        # The one that has known it for longest.
        return _phrase(min(states, key=lambda state: state.since))
    return ", ".join(f"{_phrase(state)} (says {state.node})" for state in states)


def _phrase(state: TrunkState) -> str:
    since = moment(state.since)
    match state.kind, state.is_up:
        case Kind.REGISTRATION, True:
            return f"registered {state.text}"
        case Kind.REGISTRATION, _:
            return f"not registered since {since}: {state.text}"
        case _, True:
            return f"up since {since}"
        case _:
            return f"down since {since}: {state.text}"
