"""A call explained: its timeline with the SIP messages and the postings that belong to it, in one order of time."""

from collections.abc import Sequence

from offhook.domain import sip_messages
from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.credits import LedgerLine, to_credits
from offhook.domain.sip_messages import SipMessage

POSTING = "posting"
"""The kind of the lines that postings have in a timeline."""
ADDED = frozenset({sip_messages.KIND, POSTING})
"""Kinds that no call writes into its timeline by itself."""


def explained(
    call: Call, events: Sequence[TimelineEvent], messages: Sequence[SipMessage], lines: Sequence[LedgerLine]
) -> list[TimelineEvent]:
    """Return all lines; of those at one moment the call's own come first."""
    told = [*events, *sip_messages.events_of(messages), *(_of_posting(call, line) for line in lines)]
    return sorted(told, key=lambda event: event.at_ms)


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
