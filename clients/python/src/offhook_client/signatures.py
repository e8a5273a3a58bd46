"""The `Offhook-Signature` of what Offhook sends: requests to action URLs, and events.

Read `signed_text` first. Only the parameters that the header lists are vouched for, so `verify_request`
returns these and no others: use what it returns, not what the framework shows.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from urllib.parse import parse_qsl, quote

from offhook_client.errors import OffhookError

HEADER = "Offhook-Signature"
TOLERANCE_S = 300

_UNIX_TIME = re.compile("[0-9]{1,12}")
# Every action request has them, and nothing else that is signed does.
_OF_A_REQUEST = ("call_id", "event")
_OF_AN_EVENT = ("body_sha256",)

Parameters = str | Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]]
"""A query string as it came, or its parameters decoded. The query string is best: frameworks hide what came twice."""

Secrets = str | Iterable[str]


class Refusal(StrEnum):
    """Why a signature is not good."""

    NO_SIGNATURE = "no-signature"
    NO_SECRET = "no-secret"  # noqa: S105 - there is none
    MALFORMED = "malformed"
    TOO_FAR = "too-far"
    PARAMETERS = "parameters"
    DIGEST = "digest"


_SENTENCES = {
    Refusal.NO_SIGNATURE: "There is no Offhook-Signature. Is the account's signing on, and the header passed on here?",
    Refusal.NO_SECRET: "There is no secret to check the signature with. Give the account's.",
    Refusal.MALFORMED: "The signature is not of the form t=...,n=...,v1=....",
    Refusal.TOO_FAR: "The signature's time is too far from this machine's. Is its clock right, or is the request old?",
    Refusal.PARAMETERS: "The signature lists a parameter that is not there exactly once, or is not for this purpose.",
    Refusal.DIGEST: "None of the secrets made this signature: it is another account's secret, or a value was changed.",
}


class SignatureRefused(OffhookError):
    """What came is not vouched for; `reason` says why. Answer 403, and do nothing."""

    def __init__(self, reason: Refusal) -> None:
        self.reason = reason
        super().__init__(_SENTENCES[reason])


def verify_request(
    header: str | None,
    parameters: Parameters,
    secrets: Secrets,
    now: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> dict[str, str]:
    """Return the parameters that a request to an action URL is vouched for; raises SignatureRefused.

    While one secret takes the place of another, give both. `now` is Unix time.
    """
    return _verify(header, _pairs(parameters), secrets, now, tolerance_s, _OF_A_REQUEST)


def verify_event(
    header: str | None,
    body: bytes,
    secrets: Secrets,
    now: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> None:
    """Return quietly if an event's body, as its bytes came, is from Offhook; raises SignatureRefused."""
    parameters = [(*_OF_AN_EVENT, hashlib.sha256(body).hexdigest())]
    _verify(header, parameters, secrets, now, tolerance_s, _OF_AN_EVENT)


def signed_text(parameters: Iterable[tuple[str, str]], t: int) -> str:
    """Write what is signed: `t`, then a line `name=value` for each parameter, encoded and sorted by name."""
    lines = sorted((_encoded(name), _encoded(value)) for name, value in parameters)
    return "\n".join([str(t), *(f"{name}={value}" for name, value in lines)])


def _verify(
    header: str | None,
    parameters: Iterable[tuple[str, str]],
    secrets: Secrets,
    now: float | None,
    tolerance_s: float,
    needed: tuple[str, ...],
) -> dict[str, str]:
    keys = [secret for secret in ((secrets,) if isinstance(secrets, str) else tuple(secrets)) if secret]
    if not keys:
        raise SignatureRefused(Refusal.NO_SECRET)
    t, names, digests = _parsed(header)
    if not abs((time.time() if now is None else now) - t) <= tolerance_s:
        raise SignatureRefused(Refusal.TOO_FAR)
    listed = [(name, value) for name, value in parameters if _encoded(name) in names]
    if not set(needed) <= set(names) or sorted(_encoded(name) for name, _ in listed) != sorted(names):
        raise SignatureRefused(Refusal.PARAMETERS)
    text = signed_text(listed, t).encode("ascii")
    # Every pair is compared, so that the time it takes says nothing about which secret is in use.
    made = [hmac.new(key.encode(), text, hashlib.sha256).hexdigest() for key in keys]
    matches = [hmac.compare_digest(one, digest) for one in made for digest in digests]
    if not any(matches):
        raise SignatureRefused(Refusal.DIGEST)
    return dict(listed)


def _parsed(header: str | None) -> tuple[int, list[str], list[str]]:
    if not header:
        raise SignatureRefused(Refusal.NO_SIGNATURE)
    parts: dict[str, list[str]] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        parts.setdefault(name, []).append(value)
    match parts:
        case {"t": [t], "n": [names], "v1": digests} if header.isascii() and _UNIX_TIME.fullmatch(t):
            return int(t), names.split(" "), digests
        case _:
            raise SignatureRefused(Refusal.MALFORMED)


def _pairs(parameters: Parameters) -> list[tuple[str, str]]:
    if isinstance(parameters, str):
        return parse_qsl(parameters.removeprefix("?"), keep_blank_values=True, errors="replace")
    if isinstance(parameters, Mapping):
        return [
            (name, value)
            for name, values in parameters.items()
            for value in ((values,) if isinstance(values, str) else values)
        ]
    return list(parameters)


def _encoded(text: str) -> str:
    """Percent-encode everything but `A-Za-z0-9-._~`, as UTF-8; half of a character is like no whole one."""
    return quote(text, safe="", errors="surrogatepass")
