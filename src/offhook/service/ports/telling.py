"""What is kept of news until whom it concerns was told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from offhook.domain.notices import Contact, Notice, NoticeKind, Way
from offhook.domain.webhooks import Backlog, Event, Outcome


class Notices(Protocol):
    """What customers are to be told."""

    def contact(self, account_id: int) -> Contact: ...

    def set_contact(self, account_id: int, contact: Contact) -> None: ...

    def tell_low(self, account_id: int, now: datetime) -> bool:
        """Note that an account is told of its low credit now; False if it was within the last day."""
        ...

    def add(
        self,
        account_id: int,
        kind: NoticeKind,
        way: Way,
        target: str,
        *,
        fact: str,
        subject: str,
        text: str,
        data: Mapping[str, object],
        now: datetime,
    ) -> None:
        """Write a notice, due now, unless its fact was told by this way."""
        ...

    def claim(self, now: datetime, limit: int) -> list[Notice]:
        """Return notices that are due, counted as attempted once more, and due again when the lease ends."""
        ...

    def get(self, notice_id: int) -> Notice | None: ...

    def finish(self, notice_id: int, *, next_at: datetime | None, sent_at: datetime | None, error: str | None) -> None:
        """Keep what came of an attempt."""
        ...

    def of(self, account_id: int, limit: int) -> list[Notice]:
        """Return an account's notices, newest first."""
        ...


class Webhooks(Protocol):
    """The events that customers' webhooks are told: those of the notices that travel by this way."""

    def tell_first(self, kind: NoticeKind, account_id: int, call_id: str, target: str, now: datetime) -> None:
        """Write the first event of a call, due now."""
        ...

    def tell_answered(self, call_id: str, at: datetime) -> None:
        """Write that a running call was answered, unless it is written or its account has no webhook."""
        ...

    def tell_last(
        self, kind: NoticeKind, account_id: int, call_id: str, data: Mapping[str, object], now: datetime
    ) -> None:
        """Write the last event of a call, due now, if its account has a webhook; a second one is refused."""
        ...

    def targets(self, now: datetime) -> list[str]:
        """Return the URLs for which an event is due."""
        ...

    def claim(self, shares: Mapping[str, int], now: datetime) -> list[int]:
        """Lease events that are due, at most so many of each target, count their attempt, and return their ids.

        One is left out as long as an earlier one of its call waits.
        """
        ...

    def claimed(self, ids: Collection[int], now: datetime) -> list[Event]:
        """Return events with all that is told of them and what signs them, in the order of their facts."""
        ...

    def delivered(self, ids: Collection[int], now: datetime) -> None: ...

    def failed(self, outcomes: Sequence[Outcome]) -> None:
        """Keep why events did not arrive; later ones of the same call wait as long as they do."""
        ...

    def close(self, target: str, error: str) -> None:
        """Give up every event of a target, and let no account name it any more."""
        ...

    def expire(self, now: datetime, error: str) -> int:
        """Give up what has waited too long, and return how many events that were."""
        ...

    def forget(self, delivered_before: datetime, created_before: datetime) -> int:
        """Delete a batch of events that were delivered so long ago, or given up and created so long ago."""
        ...

    def backlog(self) -> Backlog: ...

    def of(self, account_id: int | None, limit: int, *, undelivered: bool) -> list[Notice]:
        """Return events, newest first, of every account if None."""
        ...

    def retry(self, account_id: int, target: str, now: datetime) -> int:
        """Let everything undelivered of an account be due now, at this URL, and return how many events that are."""
        ...

    def redirect(self, account_id: int, target: str) -> None:
        """Send what waits to this URL instead, or give it up if that is empty."""
        ...
