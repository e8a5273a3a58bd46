"""The rows of API users."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from offhook.domain.accounts import ApiUser
from offhook.domain.errors import SidTaken
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import api_users

_users = select(
    api_users.c.id,
    api_users.c.account_id,
    api_users.c.sid,
    api_users.c.nickname,
    api_users.c.enabled,
    api_users.c.token_hash,
    api_users.c.networks,
    api_users.c.previous_token_hash,
    api_users.c.previous_until,
)
_by_sid = _users.where(api_users.c.sid == bindparam("of_sid"))
# Every request of the API begins with it.
_BY_SID = Prepared(_by_sid)
_LOCK = Prepared(_by_sid.with_for_update())
_OF = Prepared(_users.where(api_users.c.account_id == bindparam("of_account")).order_by(api_users.c.id))
_SAVE = update(api_users).where(api_users.c.id == bindparam("user_id"))


class ApiUsers:
    """See `service.ports.ApiUsers`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        account_id: int,
        sid: str,
        nickname: str,
        token_hash: str,
        now: datetime,
        networks: tuple[str, ...] = (),
    ) -> ApiUser:
        statement = insert(api_users).values(
            account_id=account_id,
            sid=sid,
            nickname=nickname,
            token_hash=token_hash,
            enabled=True,
            created_at=now,
            networks=list(networks) or null(),
        )
        try:
            added = self._connection.execute(statement.returning(api_users.c.id)).scalar_one()
        except IntegrityError:
            raise SidTaken(sid) from None
        return ApiUser(added, account_id, sid, nickname, enabled=True, token_hash=token_hash, networks=networks)

    def by_sid(self, sid: str) -> ApiUser | None:
        return _user_or_none(_BY_SID.row(self._connection, {"of_sid": sid}))

    def lock(self, sid: str) -> ApiUser | None:
        return _user_or_none(_LOCK.row(self._connection, {"of_sid": sid}))

    def of(self, account_id: int) -> list[ApiUser]:
        return [_user(row) for row in _OF.rows(self._connection, {"of_account": account_id})]

    def save(self, user: ApiUser) -> None:
        changed = _SAVE.values(
            nickname=user.nickname,
            enabled=user.enabled,
            token_hash=user.token_hash,
            networks=list(user.networks) or null(),
            previous_token_hash=user.previous_token_hash,
            previous_until=user.previous_until,
        )
        self._connection.execute(changed, {"user_id": user.id})


def _user_or_none(row: Row) -> ApiUser | None:
    return None if row is None else _user(row)


def _user(row: Row) -> ApiUser:
    return ApiUser(
        id=row.id,
        account_id=row.account_id,
        sid=row.sid,
        nickname=row.nickname,
        enabled=row.enabled,
        token_hash=row.token_hash,
        networks=tuple(row.networks or ()),
        previous_token_hash=row.previous_token_hash,
        previous_until=row.previous_until,
    )
