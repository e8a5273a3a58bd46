"""The rows of hosted rules, one for each subscription that has any."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from offhook.domain.hosted_rules.kept import KeptRules, hash_rules_token
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import hosted_rules, subscriptions

_IS_OF = hosted_rules.c.subscription_id == bindparam("of_subscription")
_COLUMNS = (hosted_rules.c.subscription_id, hosted_rules.c.document, hosted_rules.c.token)
_OF = Prepared(select(*_COLUMNS).where(_IS_OF))
_BY_HASH = Prepared(
    select(*_COLUMNS)
    .join_from(hosted_rules, subscriptions, subscriptions.c.id == hosted_rules.c.subscription_id)
    .where(hosted_rules.c.token_hash == bindparam("wanted_hash"), subscriptions.c.ended_at.is_(None))
)
_ADD = Prepared(insert(hosted_rules))
_CHANGE = Prepared(update(hosted_rules).where(_IS_OF).values(document=bindparam("to_document")))
_DROP = Prepared(delete(hosted_rules).where(_IS_OF))


class HostedRules:
    """See `service.ports.HostedRules`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, subscription_id: int) -> KeptRules | None:
        return _read(_OF.row(self._connection, {"of_subscription": subscription_id}))

    def by_token(self, token: str) -> KeptRules | None:
        return _read(_BY_HASH.row(self._connection, {"wanted_hash": hash_rules_token(token)}))

    def add(self, kept: KeptRules) -> None:
        row = {
            "subscription_id": kept.subscription_id,
            "document": kept.document,
            "token": kept.token,
            "token_hash": hash_rules_token(kept.token),
        }
        _ADD.run(self._connection, row)

    def change(self, subscription_id: int, document: str) -> None:
        _CHANGE.run(self._connection, {"of_subscription": subscription_id, "to_document": document})

    def drop(self, subscription_id: int) -> None:
        _DROP.send(self._connection, {"of_subscription": subscription_id})


def _read(row: Row) -> KeptRules | None:
    return None if row is None else KeptRules(row.subscription_id, row.document, row.token)
