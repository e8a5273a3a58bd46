"""What is kept of calls: those that run, those that are over, and what was said in them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from offhook.domain.calls import Call, CallFilters, Status, TimelineEvent
from offhook.domain.commands import Command
from offhook.domain.legs import Leg
from offhook.domain.recordings import Recording, RecordingFilters
from offhook.domain.sip_messages import SipMessage


class Calls(Protocol):
    """The log of calls and their timelines."""

    def add(self, call: Call, number_id: int | None) -> None: ...

    def get(self, call_id: str) -> Call | None: ...

    def lock(self, call_id: str) -> Call | None:
        """Return a call that nobody else changes until this unit ends; lock it before its account."""
        ...

    def answered(self, call_id: str, at: datetime) -> None:
        """Note the answer of a call that has not ended."""
        ...

    def held(self, call_id: str, minutes: int) -> None: ...

    def end(
        self,
        call_id: str,
        *,
        status: Status,
        reason: str | None,
        answered_at: datetime | None,
        ended_at: datetime,
        duration_s: int,
        cost: int,
        node: str,
    ) -> None: ...

    def lose(self, node: str, seen_at: datetime | None) -> None:
        """Mark a node's running calls as lost, last heard at `seen_at`, if None when each was answered.

        Those that are lost already keep the moment that was told first.
        """
        ...

    def lost(self) -> list[tuple[Call, datetime]]:
        """Return the lost calls that have not ended, oldest first, each with the last sign of its node."""
        ...

    def lost_at(self, call_id: str) -> datetime | None:
        """Return the last sign of the node of a lost call that has not ended; None for any other call."""
        ...

    def page(self, account_id: int | None, filters: CallFilters, limit: int, before: str | None) -> list[Call]:
        """Return calls, newest first, those older than the call `before`; of every account if None."""
        ...

    def close_timeline(self, call_id: str, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]) -> None:
        """Keep the main part of a timeline and the SIP messages; a second one for the same call is ignored."""
        ...

    def note(self, call_id: str, events: Sequence[TimelineEvent]) -> None:
        """Keep a further part of a timeline; raises CallNotFound."""
        ...

    def timeline(self, call_id: str) -> list[TimelineEvent]:
        """Return all events in the order of time."""
        ...

    def messages(self, call_id: str) -> list[SipMessage]:
        """Return the SIP messages that were kept, in the order of time."""
        ...


class Legs(Protocol):
    """The legs of running calls: the callees', and the caller's once it was answered."""

    def keep(self, call_id: str, leg: Leg) -> None:
        """Keep a leg unless it is kept already, or its call has ended."""
        ...

    def rings(self, call_id: str, leg: int, dialog: str) -> None:
        """Note what cancels a leg that is kept and was not answered."""
        ...

    def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> bool:
        """Note the first answer of a leg that is kept, and what hangs it up; False if it is not kept."""
        ...

    def held(self, call_id: str, leg: int, minutes: int) -> None: ...

    def get(self, call_id: str, leg: int) -> Leg | None: ...

    def of(self, call_id: str) -> tuple[Leg, ...]:
        """Return a call's legs in their order."""
        ...

    def take(self, call_id: str) -> tuple[Call | None, tuple[Leg, ...]]:
        """Lock a call as `Calls.lock` does; forget its legs, and return them in their order."""
        ...


class Commands(Protocol):
    """What is wanted of calls that run."""

    def add(self, command: Command) -> None: ...

    def get(self, command_id: str) -> Command | None: ...

    def count_waiting(self, call_id: str) -> int: ...

    def waiting(self, node: str) -> list[Command]:
        """Return what is wanted of this node's calls and not done, in the order in which it was wanted."""
        ...

    def finish(self, command_id: str, code: str | None, now: datetime) -> None:
        """Note that a command was done, or why not; the first word about it counts."""
        ...


class Recordings(Protocol):
    """What callers said, by the rows; the files are others' business."""

    def add(self, recording: Recording) -> Recording:
        """Add a recording, and return it with its id."""
        ...

    def get(self, uid: str) -> Recording | None: ...

    def lock(self, uid: str) -> Recording | None:
        """Return what `get` does; nobody else changes it until this unit ends."""
        ...

    def save(self, recording: Recording) -> None:
        """Keep all of a recording that can change."""
        ...

    def page(
        self, account_id: int | None, filters: RecordingFilters, limit: int, before: str | None
    ) -> list[Recording]:
        """Return recordings, newest first, those older than the recording `before`; of every account if None."""
        ...

    def unfinished(self, ended_before: datetime) -> list[Recording]:
        """Return recordings that are neither stored nor lost though their call ended before a moment."""
        ...

    def due(self, now: datetime, limit: int, after: tuple[datetime, int]) -> list[Recording]:
        """Return and lock recordings that begin a period of storage, in its order, those after a moment and an id.

        Those that another unit has locked are left out.
        """
        ...

    def expired(self, now: datetime, limit: int) -> list[Recording]:
        """Return and lock recordings that were kept long enough, but for those that another unit has locked."""
        ...

    def of_uids(self, uids: Collection[str]) -> list[Recording]: ...

    def stored_at(self, node: str, after: int, limit: int) -> list[Recording]:
        """Return recordings that a node has stored and nobody deleted, by their ids, those after an id."""
        ...
