"""Diagnoses for customers, by a running node: only what their account may know, one of each account and few in all."""

from collections.abc import Callable, Sequence
from datetime import datetime

from offhook.api.errors import Throttled
from offhook.domain.diagnosis.findings import Finding
from offhook.serve.diagnosis.number import Doctor

AT_ONCE = 4
"""Calls come first: a node looks at no more numbers at the same time."""
COME_BACK_S = 2.0


class CustomersDoctor:
    """Looks at numbers of accounts."""

    def __init__(self, doctor: Doctor, *, now: Callable[[], datetime], at_once: int = AT_ONCE) -> None:
        self._doctor = doctor
        self._now = now
        self._at_once = at_once
        self._looked_at: set[int] = set()

    async def of(self, din: str, account_id: int) -> Sequence[Finding]:
        """Return what is the matter with a number. Raises Throttled, DatabaseAway."""
        # A server that keeps us waiting holds its place for long: an account with several would hold all of them.
        if account_id in self._looked_at or len(self._looked_at) >= self._at_once:
            raise Throttled(COME_BACK_S)
        self._looked_at.add(account_id)
        try:
            return (await self._doctor.look_at(din, self._now(), account_id)).findings
        finally:
            self._looked_at.discard(account_id)
