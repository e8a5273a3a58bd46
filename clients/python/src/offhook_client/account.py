"""The account: its credit, what moved it, and how requests to its servers are signed."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from offhook_client.answers import Page, reads, reads_list, reads_page
from offhook_client.asks import Ask, Filter, delete, get, post
from offhook_client.documents import Account, Breaker, Posting, Signing, SigningSecret, Usage


def get_account() -> Ask[Account]:
    """Read the account's credit."""
    return get(reads(Account), "account")


def get_ledger(
    *,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    limit: int | None = None,
    **others: Filter,
) -> Ask[Page[Posting]]:
    """Read what moved the credit, the newest first; all of it comes, page by page."""
    return get(reads_page(Posting), "account", "ledger", since=since, until=until, limit=limit, **others)


def get_usage(
    *, since: date | str | None = None, until: date | str | None = None, limit: int | None = None, **others: Filter
) -> Ask[Page[Usage]]:
    """Read what each number was used for, day by day in UTC: this month unless days are named."""
    return get(reads_page(Usage), "account", "usage", since=since, until=until, limit=limit, **others)


def get_breakers() -> Ask[list[Breaker]]:
    """List the action servers that are left alone now, because they failed again and again."""
    return get(reads_list(Breaker), "account", "breakers")


def get_signing() -> Ask[Signing]:
    """Read how requests are signed. The secrets themselves are not shown."""
    return get(reads(Signing), "account", "signing")


def set_signing(sign_origins: Iterable[str], *, idempotency_key: str | None = None) -> Ask[Signing]:
    """Set at which origins redirects and `next=` are signed besides those of your URLs, in place of those before."""
    origins = sign_origins if isinstance(sign_origins, str) else " ".join(sign_origins)
    return post(reads(Signing), {"sign_origins": origins}, idempotency_key, "account", "signing")


def rotate_signing_secret(
    *,
    old_secret: Literal["keep", "drop"] = "keep",  # noqa: S107 - it says what becomes of one
    idempotency_key: str | None = None,
) -> Ask[SigningSecret]:
    """Make a new secret, which is shown this once. The one before signs for 24 hours as well, unless it is dropped."""
    fields = {"old_secret": old_secret}
    return post(reads(SigningSecret), fields, idempotency_key, "account", "signing", "secret")


def remove_signing_secret() -> Ask[Signing]:
    """Have requests sent unsigned again."""
    return delete(reads(Signing), "account", "signing", "secret")
