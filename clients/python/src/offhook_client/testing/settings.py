"""Who calls whom and what the number is set to: all that a request says besides what came of an action."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlsplit

from offhook_client.errors import BadValue
from offhook_client.testing.fragments import patience_of
from offhook_client.testing.reader import Reading, read
from offhook_client.testing.requests import Pairs, is_askable

OURS = frozenset(
    {"caller", "recipient", "call_id", "event", "attempt"}
    | {"anonymous", "caller_raw", "caller_name", "forwarded_from", "verstat", "trunk"}
    | {"digits", "transfer_status", "sip_code", "duration", "recording_url", "reason"}
)
"""The names of the parameters that are added; an action URL may not use them."""

_PUNCTUATION = re.compile(r"[ ().-]")
_DIGITS = re.compile("[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Setting:
    """One call's. Numbers are digits; `caller_raw` is a caller that is no number."""

    url: str
    recipient: str
    call_id: str
    caller: str = ""
    caller_raw: str = ""
    is_anonymous: bool = False
    caller_name: str = ""
    forwarded_from: str = ""
    verstat: str = ""
    trunk: str = "test"
    fallback_url: str | None = None
    default_action: Reading | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    signed_origins: tuple[str, ...] = ()
    raises: bool = True
    """Whether an exception of an application is the test's, or an answer with status 500."""

    def parameters(self, event: str, result: Pairs) -> list[tuple[str, str]]:
        """Return what is added to the URL, in the platform's order."""
        known = [
            ("anonymous", "1" if self.is_anonymous else ""),
            ("caller_raw", "" if self.is_anonymous else self.caller_raw),
            ("caller_name", self.caller_name),
            ("forwarded_from", self.forwarded_from),
            ("verstat", self.verstat),
        ]
        return [
            ("caller", self.caller),
            ("recipient", self.recipient),
            ("call_id", self.call_id),
            ("event", event),
            *[(name, value) for name, value in known if value],
            ("trunk", self.trunk),
            *result,
        ]

    @property
    def homes(self) -> tuple[str, ...]:
        """The URLs of the customer's own, whose origins are always signed for."""
        return tuple(url for url in (self.url, self.fallback_url, *self.signed_origins) if url)


def digits_of(number: str) -> str:
    """Return a telephone number's digits, `+81 3 1234-5678` as `81312345678`; empty if it is none."""
    digits = _PUNCTUATION.sub("", number).removeprefix("+")
    return digits if digits.isascii() and _DIGITS.fullmatch(digits) else ""


def own_url(url: str) -> str:
    """Return an action URL as it may be set; raises BadValue."""
    parts = urlsplit(url)
    if not is_askable(url) or "@" in parts.netloc:
        raise BadValue(f"{url!r} is no URL with http:// or https:// and a host, without a password.")
    taken = {unquote_plus(pair.partition("=")[0]) for pair in parts.query.split("&")} & OURS
    if taken:
        raise BadValue(f"{url!r} uses {min(taken)!r} itself, which Offhook adds. Give it another name.")
    patience_of(url)
    return url


def readable_default(text: str | None) -> Reading | None:
    """Return a default action that can be done; raises BadValue with the mistake drawn."""
    if text is None:
        return None
    reading = read(text, may_ask=False)
    if reading.errors:
        raise BadValue(f"The default action cannot be done:\n{reading.drawn()}")
    return reading
