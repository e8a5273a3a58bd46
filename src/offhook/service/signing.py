"""Signing: an account gets a secret, changes it without a gap, and says which origins are its own besides."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from offhook.domain.signing import Signing, check_origins, rotate
from offhook.service.accounts import find_account
from offhook.service.ports import Work


def signing_of(work: Work, account_id: int) -> Signing:
    """Return what an account signs with."""
    return work.signings.of(account_id)


def rotate_secret(work: Work, account_id: int, *, secret: str, now: datetime, at_once: bool = False) -> Signing:
    """Give an account a secret. The one before signs for 24 hours beside it, or with `at_once` no more.

    Raises InputError (`secret`).
    """
    return _save(work, account_id, rotate(work.signings.lock(account_id), secret, now, at_once=at_once))


def stop(work: Work, account_id: int) -> Signing:
    """Sign an account's requests no more."""
    return _save(work, account_id, Signing(origins=work.signings.lock(account_id).origins))


def set_origins(work: Work, account_id: int, *, origins: Collection[str]) -> Signing:
    """Say where an account's requests are signed besides its own URLs. Raises InputError (`sign_origins`)."""
    wanted = check_origins("sign_origins", origins)
    return _save(work, account_id, replace(work.signings.lock(account_id), origins=wanted))


def account_id_of(work: Work, name: str) -> int:
    """Return the id of the account of this name; raises AccountNotFound."""
    return find_account(work, name).id


def _save(work: Work, account_id: int, signing: Signing) -> Signing:
    work.signings.save(account_id, signing)
    return signing
