"""What decides about one more call, read in one way to the database and back."""

from sqlalchemy import Connection

from offhook.domain.limits import Standing, of_account, of_number
from offhook.domain.numbers import Number
from offhook.storage.calls import RUNNING
from offhook.storage.ledger import LOCK
from offhook.storage.limits import OF, read_limit
from offhook.storage.prepared import together


class Standings:
    """See `service.ports.Standings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, account_id: int, number: Number) -> Standing:
        (balance,), limits, (running,) = together(
            self._connection,
            # First, since each statement sees what was committed before it began.
            (LOCK, {"of_account": account_id}),
            (OF, {"of_account": of_account(account_id), "of_number": of_number(number.din)}),
            (RUNNING, {"of_number": number.id, "of_account": account_id}),
        )
        return Standing(
            balance.available, tuple(read_limit(row) for row in limits), running.of_number, running.of_account
        )
