"""A trunk's rules: how the calls that it brings are read, and what legs through it say, need and may ask for.

What the digits then stand for is `dialling`'s business.
"""

import re
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from offhook.errors import InputError

MOST_PREFIXES = 4
"""National prefixes of one trunk, and international ones."""
LONGEST_PREFIX = 8
"""Digits; carriers' own codes are the longest."""
MOST_STRIPPED = 15
LONGEST_PREPENDED = 15
LONGEST_CHECK_EVERY_S = 3600
LONGEST_CLIENT_NAME = 253
NO_PREFIX = ""
"""Among the national prefixes: national numbers come without one."""

_CLIENT_NAME = re.compile(r"[A-Za-z0-9*]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}")
_PREFIX = re.compile(rf"[0-9]{{1,{LONGEST_PREFIX}}}")
_PREPEND = re.compile(rf"\+[1-9][0-9]{{0,{LONGEST_PREPENDED - 1}}}|[0-9]{{0,{LONGEST_PREPENDED}}}")


class NumberFrom(StrEnum):
    """Which header of an INVITE names the number that was called."""

    REQUEST_URI = "request-uri"
    TO = "to"
    P_CALLED_PARTY_ID = "p-called-party-id"
    DIVERSION = "diversion"


HEADERS: dict[NumberFrom, str] = {
    NumberFrom.REQUEST_URI: "Request-URI",
    NumberFrom.TO: "To",
    NumberFrom.P_CALLED_PARTY_ID: "P-Called-Party-ID",
    NumberFrom.DIVERSION: "Diversion",
}
"""What each place is called in an INVITE."""


class Dtmf(StrEnum):
    """How pressed keys travel."""

    RFC4733 = "rfc4733"
    INFO = "info"
    INBAND = "inband"


class ForwardedBy(StrEnum):
    """Which header tells a callee by way of which number of ours the call came."""

    NOTHING = "none"
    DIVERSION = "diversion"
    HISTORY_INFO = "history-info"


@dataclass(frozen=True, slots=True)
class TrunkRules:
    """`strip` digits are taken from the front, then `prepend` (digits, perhaps behind a `+`) is put there.

    `country_code` makes national forms readable; without one they stand for nothing. A trusted trunk's
    P-Asserted-Identity and `verstat` are believed, and it may be told numbers that their callers hid. Where SRTP is
    needed, no call has plain audio, whoever calls. `asserts_number` puts a number of ours into the
    P-Asserted-Identity of legs that go out. Redirections (3xx) and REFER are toll fraud's way in: off unless said, and
    `takes_refer` is kept, but no REFER is taken yet. `client_name` is whom a TLS client's certificate must name, empty
    if it needs none. Every `check_every_s` seconds OPTIONS asks whether the gateway is up; never with 0.
    """

    number_from: NumberFrom = NumberFrom.REQUEST_URI
    country_code: str = ""
    national_prefixes: tuple[str, ...] = ("0",)
    international_prefixes: tuple[str, ...] = ("00",)
    strip: int = 0
    prepend: str = ""
    is_trusted: bool = False
    needs_srtp: bool = False
    dtmf: Dtmf = Dtmf.RFC4733
    forwarded_by: ForwardedBy = ForwardedBy.DIVERSION
    asserts_number: bool = False
    follows_redirects: bool = False
    takes_refer: bool = False
    client_name: str = ""
    check_every_s: int = 60


PLAIN = TrunkRules()
"""The rules of a trunk that was told none."""


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What is to become of a trunk's rules; None leaves a rule as it is."""

    number_from: NumberFrom | None = None
    country_code: str | None = None
    national_prefixes: tuple[str, ...] | None = None
    international_prefixes: tuple[str, ...] | None = None
    strip: int | None = None
    prepend: str | None = None
    is_trusted: bool | None = None
    needs_srtp: bool | None = None
    dtmf: Dtmf | None = None
    forwarded_by: ForwardedBy | None = None
    asserts_number: bool | None = None
    follows_redirects: bool | None = None
    takes_refer: bool | None = None
    client_name: str | None = None
    check_every_s: int | None = None


NO_CHANGES = RuleChanges()


def changed(rules: TrunkRules, changes: RuleChanges) -> TrunkRules:
    """Return the rules after the changes; raises InputError, as `check_rules` does."""
    named = {field.name: getattr(changes, field.name) for field in fields(changes)}
    return check_rules(replace(rules, **{name: value for name, value in named.items() if value is not None}))


def check_rules(rules: TrunkRules) -> TrunkRules:
    """Return the rules, each prefix once; raises InputError naming the rule that cannot be kept."""
    if rules.country_code and not _COUNTRY_CODE.fullmatch(rules.country_code):
        raise InputError("country_code", "a country code is 1 to 3 digits, the first of them not 0, as in 81")
    national = _check_prefixes("national_prefix", rules.national_prefixes, may_be_none=True)
    international = _check_prefixes("international_prefix", rules.international_prefixes, may_be_none=False)
    for prefix in international:
        if rules.country_code.startswith(prefix):
            sentence = f"{prefix} is how the country code {rules.country_code} begins: nobody could tell them apart"
            raise InputError("international_prefix", sentence)
        if any(other.startswith(prefix) for other in national):
            sentence = f"a national prefix begins with {prefix}: such a number would be read as one from abroad"
            raise InputError("international_prefix", sentence)
    if not 0 <= rules.strip <= MOST_STRIPPED:
        raise InputError("strip", f"0 to {MOST_STRIPPED} digits can be taken off")
    if not _PREPEND.fullmatch(rules.prepend):
        raise InputError("prepend", f"it is at most {LONGEST_PREPENDED} digits, as in 81 or, for a whole number, +81")
    if rules.client_name and not (
        len(rules.client_name) <= LONGEST_CLIENT_NAME and _CLIENT_NAME.fullmatch(rules.client_name)
    ):
        raise InputError("client_certificate", "it is the host name in the certificate, as in gw.carrier.example")
    if not 0 <= rules.check_every_s <= LONGEST_CHECK_EVERY_S:
        raise InputError("check_every", f"it is 1 to {LONGEST_CHECK_EVERY_S} seconds, or 0 for never")
    return replace(rules, national_prefixes=national, international_prefixes=international)


def _check_prefixes(field: str, prefixes: tuple[str, ...], *, may_be_none: bool) -> tuple[str, ...]:
    if not 1 <= len(prefixes) <= MOST_PREFIXES:
        raise InputError(field, f"there are 1 to {MOST_PREFIXES} of them")
    for prefix in prefixes:
        if not (_PREFIX.fullmatch(prefix) or (may_be_none and prefix == NO_PREFIX)):
            raise InputError(field, f"{prefix[:20]!r} is not 1 to {LONGEST_PREFIX} digits")
    return tuple(dict.fromkeys(prefixes))
