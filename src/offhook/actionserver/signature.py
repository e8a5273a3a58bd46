"""The `Offhook-Signature` header, exactly as ACTIONS says: pure, and the same in every client.

Read `signed_text` first. The URL is not signed because proxies rewrite it; names are listed because
action URLs have parameters of their own, and only what is listed is vouched for.
"""

import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from offhook.actionserver.errors import SignatureRefused

HEADER = "Offhook-Signature"
TOLERANCE_S = 300

_UNRESERVED = re.compile("[A-Za-z0-9._~-]*")
_UNIX_TIME = re.compile("[0-9]{1,12}")

Parameters = Iterable[tuple[str, str]]


def percent_encode(text: str) -> str:
    """Encode everything but `A-Za-z0-9-._~` as UTF-8; a lone surrogate becomes a question mark."""
    # Most values are digits and short words: a look is cheaper than an encoding that changes nothing.
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="", errors="replace")


def signed_text(parameters: Parameters, t: int) -> str:
    """Write what is signed: `t`, then a line `name=value` for each parameter, sorted by name."""
    return _text(_encoded(parameters), t)


def sign(parameters: Parameters, secrets: Sequence[str], t: int) -> str:
    """Write the header's value: one `v1` for each secret, in their order. `t` is Unix time in seconds."""
    encoded = _encoded(parameters)
    text = _text(encoded, t)
    names = " ".join([name for name, _ in encoded])
    return ",".join([f"t={t}", f"n={names}", *[f"v1={_digest(text, secret)}" for secret in secrets]])


def verify(header: str, parameters: Parameters, secrets: Sequence[str], now: float) -> None:
    """Return quietly if one of the secrets signed these parameters within the last 300 seconds.

    `parameters` are those of the request as it came, decoded; those that the header does not list
    are ignored. `now` is Unix time in seconds.

    Raises:
        SignatureRefused: Anything else. A listed name that came twice is refused as well,
            because frameworks differ in which of the two they show.
    """
    t, names, digests = _parsed(header)
    if abs(now - t) > TOLERANCE_S:
        raise SignatureRefused(f"The signature's time is more than {TOLERANCE_S} seconds away from ours.")
    listed = [(name, value) for name, value in _encoded(parameters) if name in names]
    if [name for name, _ in listed] != sorted(names):
        raise SignatureRefused("The signature lists a parameter that is not there exactly once.")
    text = _text(listed, t)
    # Every pair is compared, so that the time it takes says nothing about which secret is in use.
    matches = [hmac.compare_digest(_digest(text, secret), digest) for secret in secrets for digest in digests]
    if not any(matches):
        raise SignatureRefused("No secret of ours made this signature for these parameters.")


def parse_header(header: str) -> tuple[int, list[str]]:
    """Return when a signature was made and which names it lists; raises SignatureRefused."""
    t, names, _ = _parsed(header)
    return t, names


def _encoded(parameters: Parameters) -> list[tuple[str, str]]:
    return sorted([(percent_encode(name), percent_encode(value)) for name, value in parameters])


def _text(encoded: Iterable[tuple[str, str]], t: int) -> str:
    return "\n".join([str(t), *[f"{name}={value}" for name, value in encoded]])


def _digest(text: str, secret: str) -> str:
    return hmac.digest(secret.encode(), text.encode("ascii"), "sha256").hex()


def _parsed(header: str) -> tuple[int, list[str], list[str]]:
    parts: dict[str, list[str]] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        parts.setdefault(name, []).append(value)
    match parts:
        case {"t": [t], "n": [names], "v1": digests} if header.isascii() and _UNIX_TIME.fullmatch(t):
            return int(t), names.split(" "), digests
        case _:
            raise SignatureRefused("The signature is not of the form t=...,n=...,v1=....")
