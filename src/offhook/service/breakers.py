"""Which action servers are left alone: written by each node when something changed, shown to their account."""

from collections.abc import Collection
from datetime import datetime, timedelta

from offhook.domain.breakers import BreakerState
from offhook.service.nodes import DEAD_AFTER_S
from offhook.service.ports import Work

KEPT = timedelta(days=7)
"""What a node knew that was not heard for so long is thrown away."""


def keep(work: Work, *, node: str, states: Collection[BreakerState], now: datetime) -> None:
    """Keep all that a node knows, in place of what it knew."""
    work.breakers.replace(node, states)
    work.breakers.forget_before(now - KEPT)


def list_breakers(work: Work, account_id: int, *, now: datetime) -> list[BreakerState]:
    """Return what the living nodes know of an account's servers, by origins."""
    return work.breakers.of_nodes_heard_since(account_id, now - timedelta(seconds=DEAD_AFTER_S))
