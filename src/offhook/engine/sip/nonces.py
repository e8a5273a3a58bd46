"""Nonces that need no memory until a good proof uses one (RFC 7616 sections 3.3 and 5.4).

A nonce is the time of its issue, chance, and an HMAC over both: whoever holds the key knows its own
again. Each count of a used nonce is good once. The memory has a limit: what falls out of it is
stale, and so is everything unused that is as old.
"""

import re
from collections.abc import Callable
from enum import Enum, auto
from hashlib import sha256
from heapq import heappop, heappush
from hmac import compare_digest, new

LIFE_S = 300.0
"""How long after its issue a nonce can be used."""
COUNT_WINDOW = 256
"""How far a count may be ahead of the last one: requests get lost, but not that many."""
USED_LIMIT = 10_000
"""Used nonces that are remembered, 100 to 200 bytes each."""
KEY_MINIMUM = 16
"""Bytes of a key that nobody guesses."""

_NONCE = re.compile(r"([0-9a-f]{1,16})\.([A-Za-z0-9]{1,64})\.([0-9a-f]{32})")


class Use(Enum):
    """What the use of a nonce was."""

    FRESH = auto()
    FOREIGN = auto()
    """We did not make it, or with another key: before a restart, or for another realm."""
    EXPIRED = auto()
    REPLAYED = auto()
    """Its count is not greater than the last one."""
    LEAPT = auto()
    """Its count is too far ahead of the last one."""


class Nonces:
    """The nonces of one realm.

    `key` is secret, at least 16 random bytes, and is not used for anything else; `token` makes a new
    unguessable string of letters and digits (up to 64). The clock is `now` in seconds, not negative; it
    may be monotonic, for the memory of replays does not outlive the process and so the key should not.
    """

    def __init__(self, key: bytes, realm: str, token: Callable[[], str], *, used_limit: int = USED_LIMIT) -> None:
        if len(key) < KEY_MINIMUM:
            raise ValueError(f"a nonce key has {len(key)} bytes; {KEY_MINIMUM} are the least")
        self._key = key
        self._realm = realm
        self._token = token
        self._used_limit = used_limit
        self._counts: dict[str, int] = {}
        self._oldest: list[tuple[int, str]] = []
        self._forgotten_ms = -1

    def __len__(self) -> int:
        return len(self._counts)

    def issue(self, now: float) -> str:
        """Make a new nonce."""
        said = f"{int(now * 1000):x}.{self._token()}"
        return f"{said}.{self._seal(said)}"

    def use(self, nonce: str, count: int, now: float) -> Use:
        """Use a nonce, and remember that unless it was refused. Call this only for a proof that is right."""
        now_ms = int(now * 1000)
        self._forget(now_ms)
        issued_ms = self._read(nonce)
        if issued_ms is None:
            return Use.FOREIGN
        last = self._counts.get(nonce)
        if not now_ms - LIFE_S * 1000 < issued_ms <= now_ms or (last is None and issued_ms <= self._forgotten_ms):
            return Use.EXPIRED
        if count <= (last or 0):
            return Use.REPLAYED
        if count > (last or 0) + COUNT_WINDOW:
            return Use.LEAPT
        if last is None:
            heappush(self._oldest, (issued_ms, nonce))
        self._counts[nonce] = count
        return Use.FRESH

    def _read(self, nonce: str) -> int | None:
        """Return when a nonce of ours was issued, in milliseconds, None for anybody else's."""
        found = _NONCE.fullmatch(nonce)
        if not found or not compare_digest(self._seal(f"{found[1]}.{found[2]}"), found[3]):
            return None
        return int(found[1], 16)

    def _seal(self, said: str) -> str:
        data = f"{said}.{self._realm}".encode("utf-8", "surrogateescape")
        return new(self._key, data, sha256).hexdigest()[:32]

    def _forget(self, now_ms: int) -> None:
        """Let go of what is too old to be used, and make room for one more."""
        while self._oldest and (self._oldest[0][0] <= now_ms - LIFE_S * 1000 or len(self._oldest) >= self._used_limit):
            issued_ms, nonce = heappop(self._oldest)
            del self._counts[nonce]
            # Without its count a replay could not be told, so that nothing as old is taken as new again.
            self._forgotten_ms = max(self._forgotten_ms, issued_ms)
