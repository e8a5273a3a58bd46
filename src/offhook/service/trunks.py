"""Trunks: let a carrier's gateway in, say how its calls are read, and tell running nodes."""

from dataclasses import dataclass, replace
from datetime import datetime

from offhook.domain.dialling import Reading, read
from offhook.domain.errors import PeerUserTaken, SourceTaken, TrunkNotFound
from offhook.domain.logins import Login
from offhook.domain.peers import Peer
from offhook.domain.rules import NO_CHANGES, PLAIN, RuleChanges, changed
from offhook.domain.subscriptions import Dialled
from offhook.domain.trunks import Trunk, check_name, check_peer_of, check_registration, check_send, check_sources
from offhook.service import strangers
from offhook.service.desk import find_dialled
from offhook.service.ports import Work


@dataclass(frozen=True, slots=True)
class Trial:
    """What a number would find if it were dialled through a trunk; `found` is in the pool, None if nothing is."""

    reading: Reading
    found: Dialled | None


def add_trunk(
    work: Work,
    *,
    name: str,
    sources: tuple[str, ...],
    send: str | None,
    now: datetime,
    pass_caller: bool = False,
    rules: RuleChanges = NO_CHANGES,
    login: Login | None = None,
    registers: bool = False,
    peer: Peer | None = None,
) -> Trunk:
    """Add a trunk; calls from its sources are known from now on.

    Networks of two trunks may contain each other (the narrower wins) but not be equal. `rules` are those that
    differ from `PLAIN`. One that registers, or whose peer proves itself, may do without sources.
    Raises TrunkNameTaken, SourceTaken, PeerUserTaken, InputError.
    """
    networks = check_sources(sources, may_be_none=registers or peer is not None)
    check_peer_of(registers, peer)
    if registers:
        check_registration(send, login)
    for other in work.trunks.all():
        for shared in set(networks).intersection(other.sources):
            raise SourceTaken(shared, other.name)
    trunk = work.trunks.add(
        check_name(name), networks, check_send(send), pass_caller, changed(PLAIN, rules), login, registers, now
    )
    if peer is not None:
        trunk = _proven_by(work, trunk, peer)
    strangers.welcome(work, trunk.sources)
    work.version.bump()
    return trunk


def change_rules(work: Work, *, name: str, changes: RuleChanges) -> Trunk:
    """Change how a trunk's calls are read, from the next one on. Raises TrunkNotFound, InputError."""
    trunk = work.trunks.lock(name)
    if trunk is None:
        raise TrunkNotFound(name)
    ruled = replace(trunk, rules=changed(trunk.rules, changes))
    work.trunks.rule(ruled)
    work.version.bump()
    return ruled


def log_in(work: Work, *, name: str, login: Login | None) -> Trunk:
    """Say who we are to a trunk's carrier, from the next call on; None is nobody. Raises TrunkNotFound."""
    trunk = work.trunks.lock(name)
    if trunk is None:
        raise TrunkNotFound(name)
    known = replace(trunk, login=login)
    work.trunks.log_in(known)
    work.version.bump()
    return known


def ask_proof(work: Work, *, name: str, peer: Peer | None) -> Trunk:
    """Let a trunk's calls in by this peer's proof, from the next one on; None lets its sources in without.

    Raises TrunkNotFound, PeerUserTaken, and InputError when nobody could come in any more.
    """
    trunk = work.trunks.lock(name)
    if trunk is None:
        raise TrunkNotFound(name)
    check_peer_of(trunk.registers, peer)
    check_sources(trunk.sources, may_be_none=trunk.registers or peer is not None)
    proven = _proven_by(work, trunk, peer)
    work.version.bump()
    return proven


def try_number(work: Work, *, name: str, dialled: str) -> Trial:
    """Read a number as if a call through this trunk had dialled it, and look for it. Raises TrunkNotFound."""
    reading = read(dialled, find_trunk(work, name).rules)
    return Trial(reading, find_dialled(work, reading.forms))


def find_trunk(work: Work, name: str) -> Trunk:
    """Return the trunk of this name; raises TrunkNotFound."""
    trunk = work.trunks.find(name)
    if trunk is None:
        raise TrunkNotFound(name)
    return trunk


def list_trunks(work: Work) -> list[Trunk]:
    """Return every trunk by name."""
    return work.trunks.all()


def version(work: Work) -> int:
    """Return a counter that grows whenever something changed that running nodes keep in memory."""
    return work.version.current()


def _proven_by(work: Work, trunk: Trunk, peer: Peer | None) -> Trunk:
    if peer is not None:
        for other in work.trunks.all():
            if other.peer is not None and other.name != trunk.name and other.peer.user == peer.user:
                raise PeerUserTaken(peer.user, other.name)
    proven = replace(trunk, peer=peer)
    work.trunks.ask_proof(proven)
    return proven
