"""Calls that go round in circles: out to a carrier, forwarded there, and in again, each time as a new call.

Whoever ends and makes calls leaves no Via behind, so that RFC 3261's own guards see nothing. Two marks are left: a
hop count in a header of ours, where it survives, and many calls of one caller to one number that are put through at
once. Counted on each node for itself.
"""

from offhook.domain.calls import Arrival
from offhook.domain.dialling import forms_of
from offhook.engine.sip.message import Request

HOPS_FIELD = "Offhook-Hops"
MOST_HOPS = 5
"""Transfers that one call may have behind it."""
MOST_IN_FLIGHT = 5
"""Calls of one caller to one number that may be put through at the same time, before anybody answers."""
WITHIN_S = 60.0
"""A transfer that is in flight for longer than this is no turn of a circle."""


def hops_of(request: Request) -> int:
    """Return how many transfers a call has behind it, as far as the header tells."""
    said = request.first(HOPS_FIELD)
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 3 else 0


class Loops:
    """The transfers that are in flight: called, and answered by nobody yet."""

    def __init__(self) -> None:
        self._in_flight: dict[tuple[str, str], dict[str, float]] = {}

    def takes_off(self, arrival: Arrival, now: float) -> None:
        """A call is being put through to somebody."""
        if (pair := _pair(arrival)) is not None:
            self._in_flight.setdefault(pair, {}).setdefault(arrival.call_id, now)

    def lands(self, arrival: Arrival) -> None:
        """Somebody answered, or nobody did."""
        # Every call's end says so, and hardly one was put through: its number is not read for nothing.
        pair = _pair(arrival) if self._in_flight else None
        if pair is None or (flights := self._in_flight.get(pair)) is None:
            return
        flights.pop(arrival.call_id, None)
        if not flights:
            del self._in_flight[pair]

    def has_closed(self, arrival: Arrival, now: float) -> bool:
        """Tell whether a call that arrives is one turn too many."""
        if arrival.transfers >= MOST_HOPS:
            return True
        pair = _pair(arrival) if self._in_flight else None
        flights = self._in_flight.get(pair, {}) if pair is not None else {}
        return sum(now - since <= WITHIN_S for since in flights.values()) >= MOST_IN_FLIGHT


def _pair(arrival: Arrival) -> tuple[str, str] | None:
    """Return caller and number; None for callers without a number, who are many."""
    dialled = next(iter((*forms_of(arrival.dialled, arrival.rules), *arrival.dialled)), "")
    return (arrival.caller.number, dialled) if arrival.caller.number else None
