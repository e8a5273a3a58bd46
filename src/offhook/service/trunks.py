"""Trunks: let a carrier's gateway in, and tell running nodes."""

from datetime import datetime

from offhook.domain.errors import SourceTaken
from offhook.domain.trunks import Trunk, check_name, check_send, check_sources
from offhook.service.ports import Work


def add_trunk(
    work: Work, *, name: str, sources: tuple[str, ...], send: str | None, now: datetime, pass_caller: bool = False
) -> Trunk:
    """Add a trunk; calls from its sources are known from now on.

    Networks of two trunks may contain each other (the narrower wins) but not be equal. Raises
    TrunkNameTaken, SourceTaken, InputError.
    """
    networks = check_sources(sources)
    for other in work.trunks.all():
        for shared in set(networks).intersection(other.sources):
            raise SourceTaken(shared, other.name)
    trunk = work.trunks.add(check_name(name), networks, check_send(send), pass_caller, now)
    work.version.bump()
    return trunk


def list_trunks(work: Work) -> list[Trunk]:
    """Return every trunk by name."""
    return work.trunks.all()


def version(work: Work) -> int:
    """Return a counter that grows whenever something changed that running nodes keep in memory."""
    return work.version.current()
