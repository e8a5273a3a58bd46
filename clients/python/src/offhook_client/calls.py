"""The log of calls, what happened in each, and what a running one is told to do."""

from datetime import datetime

from offhook_client.answers import Page, reads, reads_list, reads_page
from offhook_client.asks import Ask, Filter, get, post
from offhook_client.documents import Call, Command, Event

_CALLS = ("voice", "calls")


def get_call_list(
    *,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    number: str | None = None,
    caller: str | None = None,
    status: str | None = None,
    reason: str | None = None,
    limit: int | None = None,
    **others: Filter,
) -> Ask[Page[Call]]:
    """List calls, the newest first; all that fit come, page by page. `limit` is the size of a page."""
    return get(
        reads_page(Call),
        *_CALLS,
        since=since,
        until=until,
        number=number,
        caller=caller,
        status=status,
        reason=reason,
        limit=limit,
        **others,
    )


def get_call(call_id: str) -> Ask[Call]:
    """Read one call."""
    return get(reads(Call), *_CALLS, call_id)


def get_timeline(call_id: str) -> Ask[list[Event]]:
    """Read what happened in a call, moment by moment."""
    return get(reads_list(Event), *_CALLS, call_id, "timeline")


def direct_call(call_id: str, action_text: str, *, idempotency_key: str | None = None) -> Ask[Command]:
    """Tell a running call to do something else at once."""
    return post(reads(Command), {"action": action_text}, idempotency_key, *_CALLS, call_id)


def hang_up_call(call_id: str, *, idempotency_key: str | None = None) -> Ask[Command]:
    """End a running call."""
    return post(reads(Command), {"status": "completed"}, idempotency_key, *_CALLS, call_id)


def get_command(call_id: str, command_id: str) -> Ask[Command]:
    """Read how far it came with what was wanted of a call."""
    return get(reads(Command), *_CALLS, call_id, "commands", command_id)
