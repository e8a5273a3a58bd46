"""What an operator does to a running platform, without the start of a command for each deed."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import TypeVar

from offhook.domain.credits import CREDIT
from offhook.domain.logins import Login
from offhook.domain.rules import NO_CHANGES, Dtmf, RuleChanges
from offhook.service import accounts, numbers, tariffs, trunks
from offhook.storage import Work, open_database

T = TypeVar("T")
ACCOUNT = "Peers"
TRUNK = "peers"
_serials = count(1)


def write(url: str, unit: Callable[[Work], T]) -> T:
    """Do a unit of work on the database of a platform that runs meanwhile, as the command line does."""
    database = open_database(url)
    try:
        return database.write_now(unit)
    finally:
        database.close()


def read(url: str, unit: Callable[[Work], T]) -> T:
    """Look into the database of a platform that runs meanwhile, as the command line does."""
    database = open_database(url)
    try:
        return database.read_now(unit)
    finally:
        database.close()


def furnish(url: str, *, dins: Sequence[str], sid: str, token: str, source: str) -> None:
    """Bring a trunk (the host `source`), numbers of 650 a month and 1 a minute, a tariff for Japan, and the account."""
    now = datetime.now(UTC)
    rows = [
        {
            "din": din,
            "country_code": "81",
            "prefix": "50",
            "monthly_cost": "650",
            "minute_cost": "1",
            "trunk": TRUNK,
        }
        for din in dins
    ]

    def unit(work: Work) -> None:
        trunks.add_trunk(work, name=TRUNK, sources=(f"{source}/32",), send=None, now=now)
        report = numbers.import_numbers(work, rows, now=now, fresh=partial(secrets.token_hex, 8))
        assert report.added == len(rows), report
        assert tariffs.import_rates(work, [{"prefix": "81", "minute_cost": "1"}]).added == 1
        accounts.create_account(work, name=ACCOUNT, credit=10_000 * CREDIT, sid=sid, token=token, now=now)

    write(url, unit)


def lead_out(
    url: str,
    sip: tuple[str, int],
    *,
    pass_caller: bool = False,
    transport: str = "udp",
    send: str = "",
    srtp: bool = False,
    rules: RuleChanges = NO_CHANGES,
    login: Login | None = None,
    dtmf: Dtmf | None = None,
) -> str:
    """Let the account's transfers go out to this address, or to this URI, through a new trunk; return its name."""
    serial = next(_serials)
    name, (host, port) = f"way-out-{serial}", sip
    uri = send or f"sip:{host}:{port};transport={transport}"

    def unit(work: Work) -> None:
        trunks.add_trunk(
            work,
            name=name,
            sources=(f"198.51.{serial // 250}.{serial % 250}/32",),
            send=uri,
            pass_caller=pass_caller,
            # The gateways of tests expect what their test sends, and nothing else.
            rules=replace(rules, needs_srtp=srtp, dtmf=dtmf, check_every_s=0),
            login=login,
            now=datetime.now(UTC),
        )
        accounts.route(work, name=ACCOUNT, trunk=name)

    write(url, unit)
    return name


def lead_nowhere(url: str) -> None:
    """Take the account's own way out."""
    write(url, partial(accounts.route, name=ACCOUNT, trunk=""))
