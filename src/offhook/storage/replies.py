"""The rows of replies under an idempotency key."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from offhook.domain.replies import Reply
from offhook.storage.schema import replies

_this = (replies.c.account_id == bindparam("of_account"), replies.c.key == bindparam("of_key"))
_GET = select(replies.c.body_hash, replies.c.created_at, replies.c.status, replies.c.body).where(*_this)
_FINISH = update(replies).where(*_this)
_DROP = delete(replies).where(*_this)
_DROP_BEFORE = delete(replies).where(replies.c.created_at < bindparam("moment"))


class Replies:
    """See `service.ports.Replies`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, account_id: int, key: str) -> Reply | None:
        row = self._connection.execute(_GET, {"of_account": account_id, "of_key": key}).one_or_none()
        return None if row is None else Reply(*row)

    def begin(self, account_id: int, key: str, body_hash: str, now: datetime) -> None:
        row = {"account_id": account_id, "key": key, "body_hash": body_hash, "created_at": now}
        self._connection.execute(insert(replies), row)

    def finish(self, account_id: int, key: str, status: int, body: str) -> None:
        wanted = {"of_account": account_id, "of_key": key}
        self._connection.execute(_FINISH.values(status=status, body=body), wanted)

    def drop(self, account_id: int, key: str) -> None:
        self._connection.execute(_DROP, {"of_account": account_id, "of_key": key})

    def drop_before(self, moment: datetime) -> None:
        self._connection.execute(_DROP_BEFORE, {"moment": moment})
