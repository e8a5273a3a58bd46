"""How often something may happen, for each of many sources: a leaky bucket in integers (GCRA, ITU-T I.371 annex A).

Of a source only one number is kept: when its bucket will be full again. A source that has been quiet long enough
is like one that was never heard.
"""

SOURCES_REMEMBERED = 4096
_MICROSECONDS = 1_000_000


class Rates:
    """So many a second for each source, and `burst` at once after a pause. At most a million a second."""

    def __init__(self, per_second: int, burst: int, remembered: int = SOURCES_REMEMBERED) -> None:
        self._interval = _MICROSECONDS // per_second
        self._depth = self._interval * burst
        self._remembered = remembered
        self._full_at: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def allows(self, source: str, now: float) -> bool:
        """Tell whether one more may happen, and count it if so; what is refused costs nothing."""
        now_us = int(now * _MICROSECONDS)
        full_at = max(self._full_at.get(source, 0), now_us) + self._interval
        if full_at - now_us > self._depth:
            return False
        if source not in self._full_at and len(self._full_at) >= self._remembered:
            self._make_room(now_us)
        self._full_at[source] = full_at
        return True

    def _make_room(self, now_us: int) -> None:
        self._full_at = {source: full_at for source, full_at in self._full_at.items() if full_at > now_us}
        if len(self._full_at) >= self._remembered:
            # More sources at once than are remembered: forgetting lets a few more in, and never anybody out.
            self._full_at.clear()
