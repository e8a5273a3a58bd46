"""Accounts and their API users: who owns numbers and credits, and who may ask for them."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offhook.domain.networks import is_inside
from offhook.domain.terms import TERMS
from offhook.errors import InputError

LONGEST_NAME = 100
LONGEST_SID = 64
LONGEST_TOKEN = 200
BOTH_GOOD = timedelta(hours=24)
"""How long a rotated token stays good beside its successor."""
_NO_HASH = "0" * 64
"""Compared where there is no hash, so that its absence takes no less time; no token is known that has it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. `language` is the one in which announcements are spoken when nothing else says.

    `trunk` is the name of the one that its transfers go out through, empty for any. They may reach the
    countries `destinations`, or if there are none `country`, the account's own (ISO 3166 codes). `is_verified`
    says that the operator has checked its owner's identity.
    """

    id: int
    name: str
    created_at: datetime
    language: str = "en"
    trunk: str = ""
    country: str = ""
    destinations: tuple[str, ...] = ()
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class ApiUser:
    """A pair of SID and token that may act for an account; the token itself is never kept.

    It may come from `networks` (CIDR notation), from anywhere if there are none. The token before the
    last rotation is good until `previous_until`.
    """

    id: int
    account_id: int
    sid: str
    nickname: str
    enabled: bool
    token_hash: str = field(repr=False)
    networks: tuple[str, ...] = ()
    previous_token_hash: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account's credit in micro-credits: `balance` is `available` and `held` together.

    Below `minimum_credit` it takes no calls. `trunk` is the account's own, which only the operator sees, as
    `country`, `destinations` and `is_verified` are.
    """

    name: str
    balance: int
    held: int
    available: int
    minimum_credit: int = TERMS.minimum_credit
    trunk: str = ""
    country: str = ""
    destinations: tuple[str, ...] = ()
    is_verified: bool = False


def hash_token(sid: str, token: str) -> str:
    """Return what is stored of a token: HMAC-SHA256 under its SID, in hex.

    The SID is unique, so it salts. A slow hash would cost every request more than all its other
    work; tokens that we make have 256 bits and need none.
    """
    return hmac.new(sid.encode(), token.encode(), hashlib.sha256).hexdigest()


def is_token_of(user: ApiUser, token: str, now: datetime) -> bool:
    """Tell whether the token is good for the user, in a time that depends neither on it nor on how many are."""
    given = hash_token(user.sid, token)
    is_present = hmac.compare_digest(user.token_hash, given)
    is_previous = hmac.compare_digest(user.previous_token_hash or _NO_HASH, given)
    return is_present or (is_previous and both_good_until(user, now) is not None)


def both_good_until(user: ApiUser, now: datetime) -> datetime | None:
    """Return until when the token before the last rotation is good; None if it is not any more."""
    if user.previous_token_hash is None or user.previous_until is None or now >= user.previous_until:
        return None
    return user.previous_until


def may_come_from(user: ApiUser, address: str) -> bool:
    """Tell whether the user may ask from an address; what is no address is in no network."""
    return not user.networks or is_inside(address, user.networks)


def rotate(user: ApiUser, token: str, now: datetime, *, at_once: bool = False) -> ApiUser:
    """Return the user with a new token. The present one stays good for a day, or with `at_once` no other does.

    Raises InputError (`token`) if the new one is the present one: nothing would be rotated out.
    """
    if hmac.compare_digest(user.token_hash, hash_token(user.sid, token)):
        raise InputError("token", "this is the present token; a new one is another one")
    return replace(
        user,
        token_hash=hash_token(user.sid, token),
        previous_token_hash=None if at_once else user.token_hash,
        previous_until=None if at_once else now + BOTH_GOOD,
    )


def stranger(sid: str) -> ApiUser:
    """Return the user to judge where none has the SID: no token is its, and it takes as long to find out."""
    return ApiUser(0, 0, sid, "", enabled=False, token_hash=_NO_HASH)


def check_name(name: str) -> str:
    """Return the account's name without blanks around it; raises InputError (`name`)."""
    return _check_shown("name", name)


def check_nickname(nickname: str) -> str:
    """Return an API user's nickname without blanks around it; raises InputError (`nickname`)."""
    return _check_shown("nickname", nickname)


def check_credentials(sid: str, token: str) -> None:
    """Raise InputError unless both can travel in HTTP Basic (RFC 7617: no colon in the user-id)."""
    if not 0 < len(sid) <= LONGEST_SID or not _is_graphic(sid) or ":" in sid:
        raise InputError("sid", f"a SID is 1 to {LONGEST_SID} ASCII characters without blanks and colons")
    if not 0 < len(token) <= LONGEST_TOKEN or not _is_graphic(token):
        raise InputError("token", f"a token is 1 to {LONGEST_TOKEN} ASCII characters without blanks")


def _check_shown(field: str, text: str) -> str:
    trimmed = text.strip()
    if not trimmed or len(trimmed) > LONGEST_NAME or not trimmed.isprintable():
        raise InputError(field, f"a {field} is 1 to {LONGEST_NAME} printable characters")
    return trimmed


def _is_graphic(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
