"""The rows of trunks."""

from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from offhook.domain.errors import TrunkNameTaken
from offhook.domain.logins import Login
from offhook.domain.peers import read_peer
from offhook.domain.rules import Dtmf, ForwardedBy, NumberFrom, TrunkRules
from offhook.domain.trunks import Trunk
from offhook.storage.schema import trunks

_ALL = select(trunks).order_by(trunks.c.name)
_ONE = select(trunks).where(trunks.c.name == bindparam("of_name"))
# SQLite has no such words, and needs none: whoever writes has the file for itself.
_LOCK = _ONE.with_for_update()
_Columns = dict[str, object]


class Trunks:
    """See `service.ports.Trunks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        name: str,
        sources: tuple[str, ...],
        send: str | None,
        pass_caller: bool,
        rules: TrunkRules,
        login: Login | None,
        registers: bool,
        now: datetime,
    ) -> Trunk:
        row = {
            "name": name,
            "sources": list(sources),
            "send": send,
            "pass_caller": pass_caller,
            "created_at": now,
            **_columns(rules),
            **_login_columns(login),
            "registers": registers,
        }
        try:
            added = self._connection.execute(insert(trunks).returning(trunks.c.id), row).scalar_one()
        except IntegrityError:
            raise TrunkNameTaken(name) from None
        return Trunk(added, name, sources, send, pass_caller, rules, login, registers)

    def find(self, name: str) -> Trunk | None:
        row = self._connection.execute(_ONE, {"of_name": name}).one_or_none()
        return None if row is None else _trunk(row)

    def lock(self, name: str) -> Trunk | None:
        row = self._connection.execute(_LOCK, {"of_name": name}).one_or_none()
        return None if row is None else _trunk(row)

    def rule(self, trunk: Trunk) -> None:
        self._connection.execute(update(trunks).where(trunks.c.id == trunk.id).values(_columns(trunk.rules)))

    def log_in(self, trunk: Trunk) -> None:
        self._connection.execute(update(trunks).where(trunks.c.id == trunk.id).values(_login_columns(trunk.login)))

    def ask_proof(self, trunk: Trunk) -> None:
        peer = trunk.peer
        columns: _Columns = {"peer_user": peer.user if peer else "", "peer_secrets": peer.secrets if peer else {}}
        self._connection.execute(update(trunks).where(trunks.c.id == trunk.id).values(columns))

    def all(self) -> list[Trunk]:
        return [_trunk(row) for row in self._connection.execute(_ALL)]


def _columns(rules: TrunkRules) -> _Columns:
    return {
        "number_from": rules.number_from.value,
        "country_code": rules.country_code,
        "national_prefixes": list(rules.national_prefixes),
        "international_prefixes": list(rules.international_prefixes),
        "strip": rules.strip,
        "prepend": rules.prepend,
        "is_trusted": rules.is_trusted,
        "needs_srtp": rules.needs_srtp,
        "dtmf": rules.dtmf.value,
        "forwarded_by": rules.forwarded_by.value,
        "asserts_number": rules.asserts_number,
        "follows_redirects": rules.follows_redirects,
        "takes_refer": rules.takes_refer,
        "client_name": rules.client_name,
        "check_every_s": rules.check_every_s,
    }


def _login_columns(login: Login | None) -> _Columns:
    return {"login_user": login.user if login else "", "login_password": login.password if login else ""}


def _trunk(row: Row[tuple[object, ...]]) -> Trunk:
    rules = TrunkRules(
        number_from=NumberFrom(row.number_from),
        country_code=row.country_code,
        national_prefixes=tuple(row.national_prefixes),
        international_prefixes=tuple(row.international_prefixes),
        strip=row.strip,
        prepend=row.prepend,
        is_trusted=row.is_trusted,
        needs_srtp=row.needs_srtp,
        dtmf=Dtmf(row.dtmf),
        forwarded_by=ForwardedBy(row.forwarded_by),
        asserts_number=row.asserts_number,
        follows_redirects=row.follows_redirects,
        takes_refer=row.takes_refer,
        client_name=row.client_name,
        check_every_s=row.check_every_s,
    )
    login = Login(row.login_user, row.login_password) if row.login_user else None
    peer = read_peer(row.peer_user, row.peer_secrets)
    return Trunk(row.id, row.name, tuple(row.sources), row.send, row.pass_caller, rules, login, row.registers, peer)
