"""The rows of timelines: each part one JSON text, written once and never read back to be changed.

The part that closes a timeline has the call's SIP messages beside it.
"""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, exists, func, insert, literal, select

from offhook.domain.calls import TimelineEvent
from offhook.domain.sip_messages import SipMessage
from offhook.storage.messages import pack, unpack
from offhook.storage.prepared import Prepared
from offhook.storage.schema import call_events

CLOSING_PART = 0

# Peers' bytes may be no text at all, which only ASCII with escapes can keep; a value that JSON does not know is told
# as its text. Made once: each call's end writes with it. To look for circles takes as long as all the rest, and what is
# told of a call has none.
_WRITER = json.JSONEncoder(separators=(",", ":"), default=str, check_circular=False)

_ADD = Prepared(insert(call_events))
# One statement: the closing part, unless it is kept already.
_CLOSE = Prepared(
    insert(call_events).from_select(
        ("call_id", "part", "events", "messages"),
        select(
            bindparam("of_call", type_=call_events.c.call_id.type),
            literal(CLOSING_PART, call_events.c.part.type),
            bindparam("to_events", type_=call_events.c.events.type),
            bindparam("to_messages", type_=call_events.c.messages.type),
        ).where(~exists().where(call_events.c.call_id == bindparam("of_call"), call_events.c.part == CLOSING_PART)),
    )
)
_PARTS = select(call_events.c.events).where(call_events.c.call_id == bindparam("of_call")).order_by(call_events.c.part)
_MESSAGES = select(call_events.c.messages).where(
    call_events.c.call_id == bindparam("of_call"), call_events.c.part == bindparam("closing")
)
_LAST = Prepared(
    select(func.coalesce(func.max(call_events.c.part), CLOSING_PART).label("last")).where(
        call_events.c.call_id == bindparam("of_call")
    )
)


def close(
    connection: Connection, call_id: str, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]
) -> None:
    """Keep the closing part, and the messages, unless it is kept already."""
    _CLOSE.send(connection, {"of_call": call_id, "to_events": _written(events), "to_messages": pack(messages)})


def note(connection: Connection, call_id: str, events: Sequence[TimelineEvent]) -> None:
    """Keep a further part of a call that is on record, and locked."""
    last = _LAST.value(connection, {"of_call": call_id})
    _ADD.send(connection, {"call_id": call_id, "part": last + 1, "events": _written(events)})


def read(connection: Connection, call_id: str) -> list[TimelineEvent]:
    """Return the events of all parts in the order of time."""
    parts = connection.execute(_PARTS, {"of_call": call_id}).scalars()
    events = [
        TimelineEvent(at_ms, kind, text, code, data)
        for part in parts
        for at_ms, kind, text, code, data in json.loads(part)
    ]
    return sorted(events, key=lambda event: event.at_ms)


def read_messages(connection: Connection, call_id: str) -> list[SipMessage]:
    """Return the SIP messages that were kept."""
    kept = connection.execute(_MESSAGES, {"of_call": call_id, "closing": CLOSING_PART}).scalar()
    return unpack(kept)


def _written(events: Sequence[TimelineEvent]) -> str:
    rows = [(event.at_ms, event.kind, event.text, event.code, dict(event.data)) for event in events]
    return _WRITER.encode(rows)
