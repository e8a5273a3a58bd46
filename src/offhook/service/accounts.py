"""Accounts: open one, top it up, read its credit."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from offhook.domain import regions
from offhook.domain.accounts import Account, AccountSummary, check_credentials, check_name, hash_token
from offhook.domain.credits import LedgerLine, adjustment, in_words, payment
from offhook.domain.errors import AccountNotFound, TrunkNotFound
from offhook.domain.terms import TERMS, Terms
from offhook.errors import InputError
from offhook.service.ports import Work

LONGEST_REFERENCE = 100
LONGEST_REASON = 200


def create_account(
    work: Work, *, name: str, credit: int, sid: str, token: str, now: datetime, trunk: str = ""
) -> Account:
    """Open an account with one API user and, unless it is 0, a first credit in micro-credits.

    The token is kept as a hash only. Transfers go out through `trunk`, if it is one. Raises
    AccountNameTaken, SidTaken, TrunkNotFound, InputError.
    """
    nickname = check_name(name)
    check_credentials(sid, token)
    account = _route(work, work.accounts.add(nickname, "en", now), trunk)
    work.api_users.add(account.id, sid, nickname, hash_token(sid, token), now)
    if credit:
        _top_up(work, account, credit, "first", now)
    return account


def top_up(work: Work, *, name: str, amount: int, reference: str | None, now: datetime) -> AccountSummary:
    """Add micro-credits to the account of this name and return its credit.

    `reference` names the payment outside: the same one twice adds nothing. Without one every
    call adds. Raises AccountNotFound, InputError.
    """
    account = _by_name(work, name)
    _top_up(work, account, amount, _fact(work, account, reference), now)
    return _summary(work, account)


def adjust(
    work: Work, *, name: str, amount: int, reason: str, by: str, reference: str | None, now: datetime
) -> AccountSummary:
    """Give micro-credits to an account, or take a negative amount from it, and keep why and who.

    Nobody can be taken more than is available. `reference` names the correction: the same one twice changes
    nothing. Raises AccountNotFound, NotEnoughCredit, InputError.
    """
    account = _by_name(work, name)
    if not amount:
        raise InputError("amount", "an adjustment is more or less than 0 credits")
    for field, text in (("reason", reason), ("by", by)):
        if not text.strip() or len(text) > LONGEST_REASON or not text.isprintable():
            raise InputError(field, f"it is 1 to {LONGEST_REASON} printable characters")
    fact = f"adjustment:{account.id}:{_fact(work, account, reference)}"
    said = f"{reason.strip()} (by {by.strip()})"
    work.ledger.post(adjustment(account.id, amount, fact=fact, at=now, text=said))
    return _summary(work, account)


def settle_in(work: Work, *, name: str, country: str, destinations: Collection[str]) -> AccountSummary:
    """Say in which country an account is at home, and which ones its transfers may reach instead of that alone.

    ISO 3166 codes. Without any, transfers may reach the country of the number that was called. Raises
    AccountNotFound, InputError.
    """
    account = _by_name(work, name)
    for field, codes in (("country", [country] if country else []), ("destinations", destinations)):
        for code in codes:
            if not regions.is_region(code):
                raise InputError(field, f"{code[:20]!r} is not a country code like JP (ISO 3166 alpha-2)")
    allowed = tuple(dict.fromkeys(destinations))
    work.accounts.settle_in(account.id, country, allowed)
    return _summary(work, replace(account, country=country, destinations=allowed))


def route(work: Work, *, name: str, trunk: str) -> AccountSummary:
    """Let the transfers of the account of this name go out through a trunk of its own, empty for any.

    Raises AccountNotFound, TrunkNotFound.
    """
    return _summary(work, _route(work, _by_name(work, name), trunk))


def verify(work: Work, *, name: str, is_verified: bool = True) -> AccountSummary:
    """Say that the identity of who owns an account was checked, or that it is not known any more.

    What the account subscribes already stays. Raises AccountNotFound.
    """
    account = _by_name(work, name)
    work.accounts.verify(account.id, is_verified)
    return _summary(work, replace(account, is_verified=is_verified))


def summary(work: Work, account_id: int, terms: Terms = TERMS) -> AccountSummary:
    """Return an account's credit; raises AccountNotFound."""
    account = work.accounts.by_id(account_id)
    if account is None:
        raise AccountNotFound(str(account_id))
    return _summary(work, account, terms)


def list_accounts(work: Work, terms: Terms = TERMS) -> list[AccountSummary]:
    """Return the credit of every account, by name."""
    return [_summary(work, account, terms) for account in work.accounts.all()]


def find_account(work: Work, name: str) -> Account:
    """Return the account of this name; raises AccountNotFound."""
    return _by_name(work, name)


def ledger_page(
    work: Work,
    account_id: int,
    *,
    limit: int,
    before: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[LedgerLine]:
    """Return an account's postings, newest first; `before` is the id of the last one already seen.

    `since` counts in, `until` does not.
    """
    return work.ledger.lines(account_id, limit, before, since, until)


def _fact(work: Work, account: Account, reference: str | None) -> str:
    """Name what happens to an account outside, so that it happens once."""
    if reference is None:
        # It is named by its place in the book, which nobody else may take meanwhile.
        work.ledger.lock(account.id)
        return f"after-{work.ledger.length(account.id)}"
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise InputError("reference", f"a reference is 1 to {LONGEST_REFERENCE} characters")
    return f"ref:{reference}"


def _by_name(work: Work, name: str) -> Account:
    account = work.accounts.by_name(name.strip())
    if account is None:
        raise AccountNotFound(name)
    return account


def _route(work: Work, account: Account, trunk: str) -> Account:
    if trunk == account.trunk:
        return account
    if trunk and all(trunk != known.name for known in work.trunks.all()):
        raise TrunkNotFound(trunk)
    work.accounts.route(account.id, trunk)
    return replace(account, trunk=trunk)


def _top_up(work: Work, account: Account, amount: int, reference: str, now: datetime) -> None:
    if amount <= 0:
        raise InputError("amount", "a top-up is more than 0 credits")
    text = f"{in_words(amount)} topped up"
    work.ledger.post(payment(account.id, amount, fact=f"top-up:{account.id}:{reference}", at=now, text=text))


def _summary(work: Work, account: Account, terms: Terms = TERMS) -> AccountSummary:
    available, held = work.ledger.balance(account.id)
    return AccountSummary(
        account.name,
        balance=available + held,
        held=held,
        available=available,
        minimum_credit=terms.minimum_credit,
        trunk=account.trunk,
        country=account.country,
        destinations=account.destinations,
        is_verified=account.is_verified,
    )
