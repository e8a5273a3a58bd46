"""Redirections: who sent a call on to us (RFC 5806, RFC 7044), to be read or passed on, and where a 3xx sends ours."""

import re
from urllib.parse import unquote

from offhook.engine.sip.headers import Address
from offhook.engine.sip.identities import (
    ANONYMOUS,
    ANONYMOUS_HOST,
    address_in,
    has_digit,
    is_anonymous,
    number_in,
    privacy_of,
    values_in,
)
from offhook.engine.sip.message import Request, Response

MOST_REDIRECTIONS = 32
"""Entries of one header that are looked at, the latest ones."""
MOST_PASSED_ON = 8
"""Entries of one header that are passed on, the latest ones."""
MOST_CONTACTS = 4
"""Numbers that one redirection may lead to."""
REDIRECTIONS = frozenset({300, 301, 302})
"""What names other numbers of the callee: 305 names a proxy and 380 another service (RFC 3261 section 21.3)."""
LONGEST_PASSED_ON = 256
"""Characters of one entry that is passed on."""

_HIDING = frozenset({"header", "history"})
_HIDDEN_DIVERSION = frozenset({"full", "uri"})
_REASON = re.compile(r"(?:^|&)Reason=", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9.-]{1,32}")
_Q = re.compile(r"[01](?:\.[0-9]{0,3})?")
_INDEX = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,7}")
_TOLD_OF_DIVERSION = ("reason", "counter", "limit", "screen", "privacy")
_TOLD_OF_ENTRY = ("index", "rc", "mp", "np")
_PRIVACY = re.compile(r"(?:^|&)Privacy=(?P<words>[^&]*)", re.IGNORECASE)


def diverted_from(request: Request, place: int = 0) -> Address | None:
    """Return an address of Diversion: at place 0 the latest, which stands first."""
    values = values_in(request, "Diversion")[: place + 1]
    return address_in(values[place]) if len(values) > place else None


def forwarded_from(request: Request, *, passed: int = 0) -> str:
    """Return the number, as received, of who last sent the call on; empty if nobody did, or wishes not to be told.

    Diversion is asked first, because gateways write it for us; History-Info also tells of what networks do among
    themselves. `passed` is how many Diversions lead to the number that was called, and not to who forwarded it.
    """
    # The words are for the whole request (RFC 3323 section 5.1, RFC 7044 section 10.1.2).
    if privacy_of(request) & _HIDING:
        return ""
    if request.headers.get("Diversion"):
        diversion = diverted_from(request, passed)
        return "" if diversion is None or _is_hidden_diversion(diversion) else _number(diversion)
    entry = _redirecting(_entries(request))
    return "" if entry is None or _is_hidden_entry(entry) else _number(entry)


def diversions_of(request: Request, *, passed: int = 0) -> tuple[str, ...]:
    """Return the Diversions to be passed on, the latest first; `passed` of them lead to the number that was called.

    Who wishes not to be told stays in his place as nobody, so that the redirections can still be counted.
    """
    if privacy_of(request) & _HIDING:
        return ()
    found = [address for value in values_in(request, "Diversion")[passed:] if (address := address_in(value))]
    told = (_told(address, _TOLD_OF_DIVERSION, _is_hidden_diversion(address)) for address in found)
    return tuple(text for text in told if text)[:MOST_PASSED_ON]


def history_of(request: Request) -> tuple[str, ...]:
    """Return the entries of History-Info to be passed on, the latest last; none if one has no place in their order."""
    entries = _entries(request)
    if privacy_of(request) & _HIDING or not all(_INDEX.fullmatch(index_of(entry)) for entry in entries):
        return ()
    told = [_told(entry, _TOLD_OF_ENTRY, _is_hidden_entry(entry)) for entry in entries]
    return tuple(told[-MOST_PASSED_ON:]) if all(told) else ()


def elsewhere_of(response: Response) -> tuple[str, ...]:
    """Return the numbers that a redirection leads to, best first (RFC 3261 section 20.10), each as it is dialled.

    Only numbers: the hosts behind them are whatever the peer writes, and nothing of ours goes there.
    """
    if response.status not in REDIRECTIONS:
        return ()
    found = [address for value in values_in(response, "Contact") if (address := address_in(value)) is not None]
    numbers = [number_in(address.uri) for address in sorted(found, key=_preference, reverse=True)]
    return tuple(dict.fromkeys(number for number in numbers if has_digit(number)))[:MOST_CONTACTS]


def _preference(contact: Address) -> float:
    said = contact.parameter("q")
    if said is None:
        return 1.0
    return float(said) if _Q.fullmatch(said) else 0.0


def index_of(entry: Address) -> str:
    """Return the place of an entry of History-Info, empty if it tells none."""
    return entry.parameter("index") or ""


def _told(address: Address, names: tuple[str, ...], is_hidden: bool) -> str:
    """Write an entry with what is known of its parameters; empty if it is too long or no plain text."""
    uri = f"sip:{ANONYMOUS}@{ANONYMOUS_HOST}" if is_hidden else str(address.uri)
    said = ((name, address.parameter(name) or "") for name in names)
    text = f"<{uri}>" + "".join(f";{name}={value}" for name, value in said if _WORD.fullmatch(value))
    return text if text.isascii() and text.isprintable() and len(text) <= LONGEST_PASSED_ON else ""


def _number(address: Address) -> str:
    number = number_in(address.uri)
    return "" if is_anonymous(address) or not has_digit(number) else number


def _is_hidden_diversion(address: Address) -> bool:
    return (address.parameter("privacy") or "").strip().lower() in _HIDDEN_DIVERSION


def _is_hidden_entry(entry: Address) -> bool:
    # RFC 7044 section 10.1.1: an entry is hidden by a Privacy header inside its own URI.
    found = _PRIVACY.search(entry.uri.headers)
    return found is not None and bool(set(re.split("[;,]", unquote(found["words"]).lower())) & _HIDING)


def _entries(request: Request) -> list[Address]:
    values = values_in(request, "History-Info")[-MOST_REDIRECTIONS:]
    return [address for address in map(address_in, values) if address is not None]


def _redirecting(entries: list[Address]) -> Address | None:
    """Return the entry that the last change of target led away from.

    `mp` names it by its index (RFC 7044 section 10.4). Entries of RFC 4244 have no such word, but carry the Reason for
    which their target was left; the last entry is the target that we are.
    """
    if any(entry.parameter(word) is not None for entry in entries for word in ("mp", "rc", "np")):
        sources = [source for entry in entries if (source := entry.parameter("mp")) is not None]
        by_index = {entry.parameter("index"): entry for entry in entries}
        return by_index.get(sources[-1]) if sources else None
    left = [entry for entry in entries[:-1] if _REASON.search(entry.uri.headers)]
    return left[-1] if left else None
