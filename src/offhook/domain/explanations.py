"""A call explained: why it went as it did, and its timeline with the SIP messages and postings that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offhook.domain import sip_messages
from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.causes import Cause, cause
from offhook.domain.credits import LedgerLine, to_credits
from offhook.domain.sip_messages import SipMessage

POSTING = "posting"
"""The kind of the lines that postings have in a timeline."""
ADDED = frozenset({sip_messages.KIND, POSTING})
"""Kinds that no call writes into its timeline by itself."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, in a sentence; every line in the order of time; and the messages that some of the lines stand for."""

    why: Cause
    lines: tuple[TimelineEvent, ...]
    messages: tuple[SipMessage, ...]


def explained(
    call: Call,
    events: Sequence[TimelineEvent],
    messages: Sequence[SipMessage],
    postings: Sequence[LedgerLine],
    freed_at: datetime | None = None,
) -> Explanation:
    """Explain a call by what is on record of it; of lines at one moment the call's own come first.

    `freed_at` is when the last subscription of its number had ended, for a call to a number that nobody had.
    """
    told = [*events, *sip_messages.events_of(messages), *(_of_posting(call, line) for line in postings)]
    return Explanation(
        cause(call, events, freed_at), tuple(sorted(told, key=lambda event: event.at_ms)), tuple(messages)
    )


def _of_posting(call: Call, line: LedgerLine) -> TimelineEvent:
    posting = line.posting
    at_ms = max(0.0, round((posting.at - call.started_at).total_seconds() * 1000, 1))
    data = {
        "kind": posting.kind.value,
        "credits": to_credits(posting.amount),
        "change": to_credits(line.change),
        "balance": to_credits(line.balance),
    }
    return TimelineEvent(at_ms, POSTING, posting.text, None, data)
