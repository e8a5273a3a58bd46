"""How many calls may come in, at once and a second, and how many messages of one source are read."""

from dataclasses import dataclass

from offhook.engine.sip.rates import Rates

SOURCES_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Above these a call is refused with 503, and nothing else says 503 but draining."""

    calls: int = 2_000
    """Calls of this node at once."""
    calls_per_trunk: int = 1_000
    """Calls of one trunk at once."""
    calls_per_second: float = 100.0
    """New calls of one source address a second, on average; twice as many in one burst."""
    messages_per_second: int = 2_000
    """SIP messages of one source address a second that are read; twice as many in one burst."""


class Gate:
    """A token bucket for each source, and a limit for the counts of node and trunk."""

    def __init__(self, limits: GateLimits) -> None:
        self._limits = limits
        self._messages = Rates(limits.messages_per_second, 2 * limits.messages_per_second)
        self.unread = 0
        self._buckets: dict[str, tuple[float, float]] = {}

    def hears(self, source: str, now: float) -> bool:
        """Tell whether one more message of `source` may be read, before it costs anything; count those that may not."""
        if self._messages.allows(source, now):
            return True
        self.unread += 1
        return False

    def objection(self, source: str, calls: int, calls_of_trunk: int, now: float) -> str:
        """Say why one more call of `source` may not come in while so many run, on the node and of its trunk.

        Empty if it may; it is counted then.
        """
        if calls >= self._limits.calls:
            return f"{_running(calls)} on this node, as many as the setting `calls_per_node` allows"
        if calls_of_trunk >= self._limits.calls_per_trunk:
            return f"{_running(calls_of_trunk)} of its trunk, as many as the setting `calls_per_trunk` allows"
        rate = self._limits.calls_per_second
        full = 2 * rate
        tokens, then = self._buckets.get(source, (full, now))
        tokens = min(full, tokens + (now - then) * rate)
        if len(self._buckets) >= SOURCES_REMEMBERED and source not in self._buckets:
            self._buckets.clear()
        self._buckets[source] = (max(0.0, tokens - 1.0), now)
        if tokens >= 1.0:
            return ""
        return f"{source} brings more than {rate:g} new calls a second, which the setting `calls_per_source` allows"


def _running(calls: int) -> str:
    return "1 call runs" if calls == 1 else f"{calls} calls run"
