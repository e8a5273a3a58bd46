"""Limits: what an operator allows one account or one number, beside what all may."""

from offhook.domain.errors import AccountNotFound, NumberNotFound
from offhook.domain.limits import Limit, of_account, of_number
from offhook.errors import InputError
from offhook.service.ports import Work

MOST_CALLS = 1_000_000


def limit_account(
    work: Work, *, name: str, calls_at_once: int | None, calls_per_minute: int | None, spend_per_day: int | None
) -> Limit:
    """Limit all calls of an account; None leaves a thing to the settings, and `spend_per_day` is in micro-credits.

    Raises AccountNotFound, InputError.
    """
    account = work.accounts.by_name(name.strip())
    if account is None:
        raise AccountNotFound(name)
    return _keep(work, Limit(of_account(account.id), calls_at_once, calls_per_minute, spend_per_day))


def limit_number(
    work: Work, *, din: str, calls_at_once: int | None, calls_per_minute: int | None, spend_per_day: int | None
) -> Limit:
    """Limit the calls of one number (E.164 digits); raises NumberNotFound, InputError."""
    digits = din.strip().removeprefix("+")
    if work.numbers.dialled(digits) is None:
        raise NumberNotFound(din)
    return _keep(work, Limit(of_number(digits), calls_at_once, calls_per_minute, spend_per_day))


def _keep(work: Work, limit: Limit) -> Limit:
    for field, most in (("calls", limit.calls_at_once), ("per_minute", limit.calls_per_minute)):
        if most is not None and not 0 <= most <= MOST_CALLS:
            raise InputError(field, f"it is a whole number from 0 to {MOST_CALLS}")
    if (limit.calls_at_once, limit.calls_per_minute, limit.spend_per_day) == (None, None, None):
        work.limits.drop(limit.owner)
    else:
        work.limits.set(limit)
    return limit
