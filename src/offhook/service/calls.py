"""Calls: the log and the timelines, for one account or, for the operator, for all."""

from offhook.domain.calls import Call, CallFilters, Reason, TimelineEvent
from offhook.domain.errors import CallNotFound
from offhook.domain.explanations import Explanation, explained
from offhook.service.ports import Work


def list_calls(
    work: Work, account_id: int | None, filters: CallFilters, *, limit: int = 100, before: str | None = None
) -> list[Call]:
    """Return calls, newest first; `before` is the id of the last one already seen."""
    return work.calls.page(account_id, filters, limit, before)


def find_call(work: Work, account_id: int | None, call_id: str) -> Call:
    """Return a call; raises CallNotFound, also when it is another account's."""
    call = work.calls.get(call_id)
    if call is None or account_id not in (None, call.account_id):
        raise CallNotFound(call_id)
    return call


def timeline(work: Work, account_id: int | None, call_id: str) -> list[TimelineEvent]:
    """Return what happened in a call, in the order of time; raises CallNotFound."""
    return work.calls.timeline(find_call(work, account_id, call_id).call_id)


def explanation(work: Work, account_id: int | None, call_id: str) -> Explanation:
    """Return why a call went as it did, and its timeline with SIP messages and postings; raises CallNotFound."""
    call = find_call(work, account_id, call_id)
    events, messages = work.calls.timeline(call.call_id), work.calls.messages(call.call_id)
    is_free = call.reason == Reason.NOT_SUBSCRIBED
    freed_at = work.subscriptions.last_end(call.recipient, call.started_at) if is_free else None
    return explained(call, events, messages, work.ledger.lines_of_call(call.call_id), freed_at)
