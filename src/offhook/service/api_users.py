"""API users: who may act for an account, with which token and from where.

A user is read anew for every request, so what is changed here holds from the next one on.
"""

from dataclasses import replace
from datetime import datetime

from offhook.domain.accounts import (
    ApiUser,
    check_credentials,
    check_nickname,
    hash_token,
    is_token_of,
    may_come_from,
    stranger,
)
from offhook.domain.accounts import rotate as rotated
from offhook.domain.errors import AccountNotFound, ApiUserNotFound, NicknameTaken
from offhook.domain.networks import check_networks
from offhook.service.ports import Work


def authenticate(work: Work, *, sid: str, token: str, address: str, now: datetime) -> ApiUser | None:
    """Return the enabled API user whose credentials these are and who may come from this address, or None.

    Whoever has no good token learns nothing, not even from the time it takes, about which SIDs there are.
    """
    known = work.api_users.by_sid(sid)
    judged = known or stranger(sid)
    # The address comes last: how long its networks take to look through is nobody's business without a token.
    if is_token_of(judged, token, now) and judged.enabled and may_come_from(judged, address):
        return known
    return None


def add_user(
    work: Work, *, account: str, nickname: str, sid: str, token: str, now: datetime, networks: tuple[str, ...] = ()
) -> ApiUser:
    """Add an API user to the account of this name; from `networks` (CIDR) alone, if there are any.

    The token is kept as a hash only. Raises AccountNotFound, SidTaken, NicknameTaken, InputError.
    """
    account_id = _account_id(work, account)
    name, allowed = check_nickname(nickname), check_networks("networks", networks)
    check_credentials(sid, token)
    _take_nickname(work, account_id, sid, name)
    return work.api_users.add(account_id, sid, name, hash_token(sid, token), now, allowed)


def list_users(work: Work, account: str) -> list[ApiUser]:
    """Return the API users of the account of this name, the first one first; raises AccountNotFound."""
    return work.api_users.of(_account_id(work, account))


def enable(work: Work, sid: str) -> ApiUser:
    """Let an API user in again; raises ApiUserNotFound."""
    return _save(work, replace(_lock(work, sid), enabled=True))


def disable(work: Work, sid: str) -> ApiUser:
    """Let an API user in no more, whatever its token; raises ApiUserNotFound."""
    return _save(work, replace(_lock(work, sid), enabled=False))


def rotate(work: Work, *, sid: str, token: str, now: datetime, at_once: bool = False) -> ApiUser:
    """Give an API user a new token. The present one stays good for 24 hours, the one before it no longer.

    With `at_once` the new token alone is good. Raises ApiUserNotFound, InputError.
    """
    user = _lock(work, sid)
    check_credentials(sid, token)
    return _save(work, rotated(user, token, now, at_once=at_once))


def restrict(work: Work, *, sid: str, networks: tuple[str, ...]) -> ApiUser:
    """Let an API user come from these networks (CIDR) alone, from anywhere if there are none.

    Raises ApiUserNotFound, InputError (`networks`).
    """
    return _save(work, replace(_lock(work, sid), networks=check_networks("networks", networks)))


def rename(work: Work, *, sid: str, nickname: str) -> ApiUser:
    """Change an API user's nickname; calls that have come keep the old one.

    Raises ApiUserNotFound, NicknameTaken, InputError.
    """
    name = check_nickname(nickname)
    known = work.api_users.by_sid(sid)
    if known is None:
        raise ApiUserNotFound(sid)
    _take_nickname(work, known.account_id, sid, name)
    return _save(work, replace(_lock(work, sid), nickname=name))


def _account_id(work: Work, name: str) -> int:
    account = work.accounts.by_name(name.strip())
    if account is None:
        raise AccountNotFound(name)
    return account.id


def _lock(work: Work, sid: str) -> ApiUser:
    user = work.api_users.lock(sid)
    if user is None:
        raise ApiUserNotFound(sid)
    return user


def _take_nickname(work: Work, account_id: int, sid: str, nickname: str) -> None:
    # Who locks the account is the only one to add or rename its users.
    work.ledger.lock(account_id)
    if any(user.nickname == nickname and user.sid != sid for user in work.api_users.of(account_id)):
        raise NicknameTaken(nickname)


def _save(work: Work, user: ApiUser) -> ApiUser:
    work.api_users.save(user)
    return user
