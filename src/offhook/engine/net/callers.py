"""Who calls and what was dialled, read from an INVITE by the rules of the trunk that brought it."""

from dataclasses import dataclass, field
from datetime import datetime

from offhook.domain.calls import Arrival, Reason
from offhook.domain.numbers import caller_identity, legible, short_digits
from offhook.domain.rules import HEADERS, NumberFrom, TrunkRules
from offhook.engine.net.loops import hops_of
from offhook.engine.sip.headers import Address, parse_address
from offhook.engine.sip.identities import (
    address_in,
    asserted,
    has_digit,
    is_anonymous,
    number_in,
    privacy_of,
    signatures_of,
    verstat_of,
)
from offhook.engine.sip.invitation import MOST_FORWARDS
from offhook.engine.sip.message import Request
from offhook.engine.sip.redirections import diversions_of, diverted_from, forwarded_from, history_of
from offhook.engine.sip.uri import parse_uri

REQUEST_URI = HEADERS[NumberFrom.REQUEST_URI]
_HEADERS: dict[NumberFrom, str] = {
    place: header for place, header in HEADERS.items() if place is not NumberFrom.REQUEST_URI
}
_HIDING = frozenset({"id", "user", "header"})


@dataclass(frozen=True, slots=True)
class Dialled:
    """Where the number stands: the texts, best first, and their header; `passed_over` is the one that had none."""

    places: tuple[str, ...]
    header: str
    passed_over: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The caller as received: number and display name, both empty if the number is withheld, and the header.

    `withheld` is then what a trusted trunk asserts all the same: it is for trusted trunks alone (RFC 3325 section 7).
    """

    number: str
    name: str
    is_anonymous: bool
    header: str
    verstat: str = ""
    withheld: str = field(default="", repr=False)


def arrival(
    request: Request,
    rules: TrunkRules,
    *,
    call_id: str,
    at: datetime,
    trunk: str,
    source: str,
    refusal: Reason | None = None,
) -> Arrival:
    """Tell an INVITE without SIP."""
    called, shown = dialled(request, rules.number_from), caller(request, is_trusted=rules.is_trusted)
    # Where Diversion names the number that was called, only the one behind it forwarded the call to that.
    passed = int(called.header == _HEADERS[NumberFrom.DIVERSION])
    sender = forwarded_from(request, passed=passed)
    # Whoever hid may stand among those who sent the call on, too.
    is_told = rules.is_trusted and not shown.is_anonymous
    return Arrival(
        call_id=call_id,
        at=at,
        trunk=trunk,
        source=source,
        dialled=called.places,
        caller=caller_identity(shown.number, shown.name, shown.is_anonymous),
        refusal=refusal,
        rules=rules,
        dialled_in=called.header,
        passed_over=called.passed_over,
        caller_in=shown.header,
        forwarded_from=short_digits(sender) or legible(sender),
        verstat=shown.verstat,
        # A signature names the number that it signs (RFC 8225 section 5.2.1).
        signatures=() if shown.is_anonymous else signatures_of(request),
        diversions=diversions_of(request, passed=passed) if is_told else (),
        history=history_of(request) if is_told else (),
        withheld=shown.withheld,
        hops_left=min(int(request.first("Max-Forwards") or MOST_FORWARDS), MOST_FORWARDS) - 1,
        transfers=hops_of(request),
        elsewhere=_elsewhere(request, called),
    )


def dialled(request: Request, number_from: NumberFrom = NumberFrom.REQUEST_URI) -> Dialled:
    """Return where the dialled number stands: in the header that the rules name, or else in the Request-URI.

    To is asked last, if the Request-URI names no number either: a forwarded call keeps the To that its first caller
    wrote (RFC 3261 section 16.6), which may be the number of another customer.
    """
    passed_over = ""
    if number_from is not NumberFrom.REQUEST_URI:
        named = _address(request, number_from)
        number = number_in(named.uri) if named else ""
        if has_digit(number):
            return Dialled((number,), _HEADERS[number_from])
        passed_over = _HEADERS[number_from]
    asked = number_in(parse_uri(request.uri))
    if has_digit(asked):
        return Dialled((asked,), REQUEST_URI, passed_over)
    to = number_in(parse_address(request.first("To")).uri)
    if has_digit(to):
        return Dialled((to,), "To", passed_over or REQUEST_URI)
    return Dialled(tuple(dict.fromkeys(place for place in (asked, to) if place)), REQUEST_URI, passed_over)


def _elsewhere(request: Request, called: Dialled) -> tuple[tuple[NumberFrom, str], ...]:
    """Return the numbers in the places that were not read, each with the rule that would have it read."""
    found = {NumberFrom.REQUEST_URI: number_in(parse_uri(request.uri))}
    for place in _HEADERS:
        named = _address(request, place)
        found[place] = number_in(named.uri) if named else ""
    return tuple(
        (place, number) for place, number in found.items() if has_digit(number) and number not in called.places
    )


def caller(request: Request, *, is_trusted: bool = False) -> Shown:
    """Return who calls: whom a trusted trunk asserts (RFC 3325), else whom From names.

    Whoever wishes to be nobody is nobody (RFC 3323), by whichever trunk: it takes nothing but hiding to obey.
    """
    from_ = parse_address(request.first("From"))
    claims = asserted(request) if is_trusted else []
    known = next((claim for claim in claims if short_digits(claim.uri.dialled)), None)
    shown, header = (known, "P-Asserted-Identity") if known else (from_, "From")
    verstat = _verstat(shown, from_) if is_trusted else ""
    if privacy_of(request) & _HIDING or any(is_anonymous(address) for address in (from_, *claims)):
        return Shown("", "", True, header, verstat, short_digits(known.uri.dialled) if known else "")
    # A name is what anybody writes, in either header; it is passed on as data and decides nothing.
    return Shown(shown.uri.dialled, shown.name or from_.name, False, header, verstat)


def _address(request: Request, number_from: NumberFrom) -> Address | None:
    # Only Diversion is a list; elsewhere a comma belongs to the one address.
    if number_from is NumberFrom.DIVERSION:
        return diverted_from(request)
    return address_in(request.first(_HEADERS[number_from]))


def _verstat(shown: Address, from_: Address) -> str:
    """Return the result for the number that is shown; From's own counts only if it is about the same number."""
    is_same = short_digits(shown.uri.dialled) == short_digits(from_.uri.dialled)
    return verstat_of(shown) or (verstat_of(from_) if is_same else "")
