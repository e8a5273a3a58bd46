"""Accounts and their API users: who owns numbers and credits, and who may ask for them."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from offhook.domain.terms import TERMS
from offhook.errors import InputError

LONGEST_NAME = 100
LONGEST_SID = 64
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. `language` is the one in which announcements are spoken when nothing else says.

    `trunk` is the name of the one that its transfers go out through, empty for any. They may reach the
    countries `destinations`, or if there are none `country`, the account's own (ISO 3166 codes).
    """

    id: int
    name: str
    created_at: datetime
    language: str = "en"
    trunk: str = ""
    country: str = ""
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiUser:
    """A pair of SID and token that may act for an account; the token itself is never kept."""

    id: int
    account_id: int
    sid: str
    nickname: str
    enabled: bool
    token_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account's credit in micro-credits: `balance` is `available` and `held` together.

    Below `minimum_credit` it takes no calls. `trunk` is the account's own, which only the operator sees, as
    `country` and `destinations` are.
    """

    name: str
    balance: int
    held: int
    available: int
    minimum_credit: int = TERMS.minimum_credit
    trunk: str = ""
    country: str = ""
    destinations: tuple[str, ...] = ()


def hash_token(sid: str, token: str) -> str:
    """Return what is stored of a token: HMAC-SHA256 under its SID, in hex.

    The SID is unique, so it salts. A slow hash would cost every request more than all its other
    work; tokens that we make have 256 bits and need none.
    """
    return hmac.new(sid.encode(), token.encode(), hashlib.sha256).hexdigest()


def is_token_of(user: ApiUser, token: str) -> bool:
    """Tell whether the token belongs to the user, in a time that does not depend on the token."""
    return hmac.compare_digest(user.token_hash, hash_token(user.sid, token))


def check_name(name: str) -> str:
    """Return the account's name without blanks around it; raises InputError (`name`)."""
    trimmed = name.strip()
    if not trimmed or len(trimmed) > LONGEST_NAME or not trimmed.isprintable():
        raise InputError("name", f"a name is 1 to {LONGEST_NAME} printable characters")
    return trimmed


def check_credentials(sid: str, token: str) -> None:
    """Raise InputError unless both can travel in HTTP Basic (RFC 7617: no colon in the user-id)."""
    if not 0 < len(sid) <= LONGEST_SID or not _is_graphic(sid) or ":" in sid:
        raise InputError("sid", f"a SID is 1 to {LONGEST_SID} ASCII characters without blanks and colons")
    if not 0 < len(token) <= LONGEST_TOKEN or not _is_graphic(token):
        raise InputError("token", f"a token is 1 to {LONGEST_TOKEN} ASCII characters without blanks")


def _is_graphic(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
