"""How what an account is sent is signed: its secrets, the new one and for a while the old one, and where to."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from offhook.errors import InputError

BOTH_SIGN = timedelta(hours=24)
"""How long the secret before the last rotation signs beside its successor."""
SHORTEST_SECRET = 16
LONGEST_SECRET = 200
MOST_ORIGINS = 20
LONGEST_ORIGIN = 300
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Signing:
    """An account's secrets, empty for none, and the origins that it trusts besides those of its own URLs."""

    secret: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)
    previous_until: datetime | None = None
    origins: tuple[str, ...] = ()

    def secrets(self, at: datetime) -> tuple[str, ...]:
        """Return what signs at a moment, newest first; nothing if requests are sent unsigned."""
        if not self.secret:
            return ()
        return (self.secret, self.previous) if self.both_until(at) else (self.secret,)

    def both_until(self, at: datetime) -> datetime | None:
        """Return until when the secret before the last rotation signs too; None if it does not any more."""
        until = self.previous_until
        return until if self.previous and until is not None and at < until else None


UNSIGNED = Signing()


def rotate(signing: Signing, secret: str, now: datetime, *, at_once: bool = False) -> Signing:
    """Return it with a new secret. The present one signs for a day beside it, or with `at_once` no more.

    Raises InputError (`secret`) if it cannot be one, or is the present one: nothing would be rotated out.
    """
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise InputError("secret", f"a secret is {SHORTEST_SECRET} to {LONGEST_SECRET} printable ASCII characters")
    if secret == signing.secret:
        raise InputError("secret", "this is the present secret; a new one is another one")
    keeps = bool(signing.secret) and not at_once
    return replace(
        signing,
        secret=secret,
        previous=signing.secret if keeps else "",
        previous_until=now + BOTH_SIGN if keeps else None,
    )


def check_origins(field_: str, given: Collection[str]) -> tuple[str, ...]:
    """Return origins in one form, each once; raises InputError naming the field."""
    found = tuple(dict.fromkeys(_origin(field_, origin.strip()) for origin in given))
    if len(found) > MOST_ORIGINS:
        raise InputError(field_, f"an account lists at most {MOST_ORIGINS} origins")
    return found


def _origin(field_: str, given: str) -> str:
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(field_, f"{given[:50]!r} is no origin: {error}") from None
    beyond = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _USUAL_PORTS or not host or beyond or port == 0:
        raise InputError(
            field_, f"{given[:50]!r} is no origin: write scheme, host and port alone, as in https://api.example.com"
        )
    if not _HOST.fullmatch(host) or len(given) > LONGEST_ORIGIN:
        raise InputError(
            field_, f"{host[:50]!r} is no host: an origin is ASCII, as a name of other letters is on its way"
        )
    bracketed = f"[{host}]" if ":" in host else host
    is_usual = port is None or port == _USUAL_PORTS[parts.scheme]
    return f"{parts.scheme}://{bracketed}" if is_usual else f"{parts.scheme}://{bracketed}:{port}"
