"""What accounts sign with, in the rows of accounts."""

from sqlalchemy import Connection, bindparam, select, update

from offhook.domain.signing import Signing
from offhook.storage.prepared import Row
from offhook.storage.schema import accounts

SIGNING = (
    accounts.c.signing_secret,
    accounts.c.previous_signing_secret,
    accounts.c.previous_signing_until,
    accounts.c.signed_origins,
)
_LOCK = select(*SIGNING).where(accounts.c.id == bindparam("of_account"))
_SAVE = update(accounts).where(accounts.c.id == bindparam("of_account"))


class Signings:
    """See `service.ports.Signings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, account_id: int) -> Signing:
        return read_signing(self._connection.execute(_LOCK, {"of_account": account_id}).one())

    def lock(self, account_id: int) -> Signing:
        return read_signing(self._connection.execute(_LOCK.with_for_update(), {"of_account": account_id}).one())

    def save(self, account_id: int, signing: Signing) -> None:
        kept = _SAVE.values(
            signing_secret=signing.secret or None,
            previous_signing_secret=signing.previous or None,
            previous_signing_until=signing.previous_until,
            signed_origins=list(signing.origins) or None,
        )
        self._connection.execute(kept, {"of_account": account_id})


def read_signing(row: Row) -> Signing:
    """Read what an account signs with from a row that has the columns `SIGNING`."""
    return Signing(
        secret=row.signing_secret or "",
        previous=row.previous_signing_secret or "",
        previous_until=row.previous_signing_until,
        origins=tuple(row.signed_origins or ()),
    )
