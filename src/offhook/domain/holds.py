"""Open holds: what the ledger alone says that calls have put aside."""

from collections import Counter
from collections.abc import Iterable, Mapping

from offhook.domain.credits import Posting, hold_of


def open_holds(postings: Iterable[Posting]) -> Mapping[str, int]:
    """Return the micro-credits that each call still holds, by call; a call that holds nothing is not named.

    The rule that a reader checks with it: whoever is named here is a running call.
    """
    held: Counter[str] = Counter()
    for posting in postings:
        if posting.call_id is not None:
            own = hold_of(posting.call_id)
            held[posting.call_id] += posting.amount * ((posting.target == own) - (posting.source == own))
    return {call_id: amount for call_id, amount in held.items() if amount}
