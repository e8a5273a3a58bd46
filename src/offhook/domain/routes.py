"""Routes: how a callee is reached, and why one is not.

A route goes through a trunk. A number of our own pool has one route, and it stays inside the house.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from offhook.domain.calls import Reason
from offhook.domain.logins import Login
from offhook.domain.rules import PLAIN, TrunkRules

INSIDE = "inside"
"""Stands for a trunk where a call is connected inside the house; no operator's trunk may be called so."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a callee. `send` is the trunk's SIP URI (`sip:HOST:PORT`), None for the way inside, and for the way
    to where the trunk's peer has registered.

    `passes_caller` tells whether the trunk lets us show the caller's number instead of our own; `rules` are the
    trunk's; `login` is who we are to whoever answers there.
    """

    trunk: str
    send: str | None
    passes_caller: bool
    rules: TrunkRules = PLAIN
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Routes:
    """A callee may be called: the ways to try, best first. `minute_cost` in micro-credits, `held_minutes` are held."""

    ways: tuple[Route, ...]
    minute_cost: int
    held_minutes: int


@dataclass(frozen=True, slots=True)
class Unroutable:
    """A callee may not be called, or cannot: `reason` is one of a call's codes."""

    reason: Reason
    text: str


def in_order(preferred: Iterable[str], able: Iterable[Route]) -> tuple[Route, ...]:
    """Return the routes through the trunks of these names, in their order and each once.

    A name that no route has is passed over: it is empty, or its trunk is gone or cannot send.
    """
    by_name = {route.trunk: route for route in able}
    return tuple(by_name[name] for name in dict.fromkeys(preferred) if name in by_name)
