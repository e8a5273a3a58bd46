"""The rows of commands: what is wanted of a call, in the order in which it was wanted."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from offhook.domain.commands import Command
from offhook.storage.prepared import Row
from offhook.storage.schema import call_commands, calls

_is_waiting = call_commands.c.done_at.is_(None)
_ADD = insert(call_commands)
_GET = select(call_commands).where(call_commands.c.command_id == bindparam("command"))
_COUNT = (
    select(func.count()).select_from(call_commands).where(call_commands.c.call_id == bindparam("of_call"), _is_waiting)
)
_WAITING = (
    select(call_commands)
    .join(calls, calls.c.call_id == call_commands.c.call_id)
    .where(_is_waiting, calls.c.node == bindparam("of_node"))
    .order_by(call_commands.c.seq)
)
_FINISH = (
    update(call_commands)
    .where(call_commands.c.command_id == bindparam("command"), _is_waiting)
    .values(done_at=bindparam("now"), code=bindparam("why_not"))
)


class Commands:
    """See `service.ports.Commands`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, command: Command) -> None:
        self._connection.execute(
            _ADD,
            {
                "command_id": command.command_id,
                "call_id": command.call_id,
                "action": command.action,
                "api_user": command.by,
                "created_at": command.created_at,
            },
        )

    def get(self, command_id: str) -> Command | None:
        row = self._connection.execute(_GET, {"command": command_id}).one_or_none()
        return None if row is None else _read(row)

    def count_waiting(self, call_id: str) -> int:
        return int(self._connection.execute(_COUNT, {"of_call": call_id}).scalar_one())

    def waiting(self, node: str) -> list[Command]:
        return [_read(row) for row in self._connection.execute(_WAITING, {"of_node": node})]

    def finish(self, command_id: str, code: str | None, now: datetime) -> None:
        self._connection.execute(_FINISH, {"command": command_id, "why_not": code, "now": now})


def _read(row: Row) -> Command:
    return Command(row.command_id, row.call_id, row.action, row.api_user, row.created_at, row.done_at, row.code)
