"""What an INVITE of ours tells of who calls, and by way of which number, by the rules of the trunk that takes it.

The counterpart of `callers`. A number that its caller hid stands in none of it, but for trusted trunks.
"""

from typing import assert_never

from offhook.domain.calls import Arrival
from offhook.domain.numbers import short_digits
from offhook.domain.rules import ForwardedBy
from offhook.engine.call.effects import Dial
from offhook.engine.net.destinations import Way
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.identities import number_in
from offhook.engine.sip.redirections import index_of

DIVERTED = ";reason=unconditional;counter=1"
"""Why and how often our number sent a call on (RFC 5806 section 5)."""
CAUSE = ";cause=302"
"""The same in History-Info (RFC 4458, as RFC 7544 section 7.2 maps it)."""


def fields_of(dial: Dial, arrival: Arrival, way: Way) -> tuple[tuple[str, str], ...]:
    """Return the headers about the caller of an INVITE that goes this way; From is `Way.from_`'s."""
    fields = []
    if not dial.shown:
        fields.append(("Privacy", "id"))
    if asserted := _asserted(dial, arrival):
        fields.append(("P-Asserted-Identity", way.from_(asserted)))
    if dial.by:
        fields += _way_of(dial, arrival, way)
    if dial.by and dial.shown:
        # Only the caller's own number is what was signed (RFC 8224 section 4).
        fields += [("Identity", signature) for signature in arrival.signatures]
    return tuple(fields)


def _asserted(dial: Dial, arrival: Arrival) -> str:
    """Return the number to be asserted, empty for none."""
    rules = dial.route.rules
    if rules.asserts_number:
        return dial.own
    # RFC 3325 section 7: a number that was hidden leaves the house only for whom we trust.
    return arrival.withheld if dial.by and not dial.shown and rules.is_trusted else ""


def _way_of(dial: Dial, arrival: Arrival, way: Way) -> list[tuple[str, str]]:
    """Tell by way of which number the call came, after all that it came by before."""
    match dial.route.rules.forwarded_by:
        case ForwardedBy.DIVERSION:
            # The latest stands first (RFC 5806 section 5).
            return [("Diversion", value) for value in (way.from_(dial.by) + DIVERTED, *arrival.diversions)]
        case ForwardedBy.HISTORY_INFO:
            return [("History-Info", value) for value in _history(dial, arrival, way)]
        case ForwardedBy.NOTHING:
            return []
        case _:
            assert_never(dial.route.rules.forwarded_by)


def _history(dial: Dial, arrival: Arrival, way: Way) -> tuple[str, ...]:
    """Return every entry, the callee's the last (RFC 7044 section 10.3): it took the place of our number (`mp`)."""
    told = arrival.history
    last = parse_address(told[-1]) if told else None
    if last is None:
        told, index = (f"{way.from_(dial.by)};index=1",), "1"
    elif short_digits(number_in(last.uri)) == dial.by:
        index = index_of(last)
    else:
        index = f"{index_of(last)}.1"
        told = (*told, f"{way.from_(dial.by)};index={index}")
    return (*told, f"<{way.uri(dial.number)}{CAUSE}>;index={index}.1;mp={index}")
