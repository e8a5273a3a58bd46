"""What we know of URLs: which sound each gave, and how long that may be believed.

Only in memory: after a restart a file is fetched once more, and if its bytes are as they were, its
sound is still in the folder.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from offhook.audio.freshness import Freshness


@dataclass(frozen=True, slots=True)
class Known:
    """The last answer of a URL: the sound's key, and until when (monotonic seconds) it needs no question."""

    key: str
    freshness: Freshness
    fresh_until: float


class Addresses:
    """Remembers so many URLs, the least recently used go first."""

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most = most
        self._now = now
        self._known: OrderedDict[str, Known] = OrderedDict()

    def get(self, url: str) -> Known | None:
        known = self._known.get(url)
        if known is not None:
            self._known.move_to_end(url)
        return known

    def is_fresh(self, known: Known) -> bool:
        return self._now() < known.fresh_until

    def remember(self, url: str, key: str, freshness: Freshness) -> None:
        self._known[url] = Known(key, freshness, self._now() + freshness.fresh_s)
        self._known.move_to_end(url)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def forget(self, url: str) -> None:
        self._known.pop(url, None)
