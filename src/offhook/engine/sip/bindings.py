"""Where our users are: what a registrar remembers (RFC 3261 section 10.3).

    register(user, request, source, now)    of a request that is proven: the answer's status and fields
    contacts(user, now)   owner(source, now)    whom a call reaches, and who stands behind an address

Memory only: after a restart users register again, within an hour. A user who is called is reached where the
REGISTER came from, since what a Contact says may lie behind a NAT (RFC 5626 section 5.3 does so by design).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination

SHORTEST_S = 60
LONGEST_S = 3600
MOST_CONTACTS = 4
"""Of one user; a fifth takes the place of the oldest, for phones make up a new Contact at each start."""
INTERVAL_TOO_BRIEF = 423

Answer = tuple[int, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Binding:
    """A user's Contact, the source that it was told from, and until when it is good."""

    uri: str
    source: Destination
    until: float
    call_id: str
    cseq: int


class Bindings:
    """All users' contacts, by user; the latest of each last."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Binding]] = {}

    def keep_only(self, users: Iterable[str]) -> None:
        """Forget everybody else."""
        known = set(users)
        self._of = {user: bindings for user, bindings in self._of.items() if user in known}

    def register(self, user: str, request: Request, source: Destination, now: float) -> Answer:
        """Do what a REGISTER asks for. Raises `MalformedMessage`, and then nothing has changed."""
        bindings = dict(self._alive(user, now))
        said = [value.strip() for value in request.values("Contact")]
        call_id = request.first("Call-ID")
        if "*" in said:
            if len(said) > 1 or _seconds(request.first("Expires")) != 0:
                raise MalformedMessage("a Contact of * stands alone and with Expires: 0")
            if any(_is_older(binding, call_id, request.cseq) for binding in bindings.values()):
                raise MalformedMessage("a REGISTER came after a later one of its Call-ID")
            self._of.pop(user, None)
            return 200, ()
        for value in said:
            contact = parse_address(value)
            seconds = _lifetime(contact.parameter("expires"), request.first("Expires"))
            uri = str(contact.uri)
            known = bindings.pop(uri, None)
            if known is not None and _is_older(known, call_id, request.cseq):
                raise MalformedMessage("a REGISTER came after a later one of its Call-ID")
            if seconds == 0:
                continue
            if seconds < SHORTEST_S:
                return INTERVAL_TOO_BRIEF, (("Min-Expires", str(SHORTEST_S)),)
            bindings[uri] = Binding(uri, source, now + min(seconds, LONGEST_S), call_id, request.cseq)
        while len(bindings) > MOST_CONTACTS:
            del bindings[next(iter(bindings))]
        self._of[user] = bindings
        return 200, tuple(
            ("Contact", f"<{binding.uri}>;expires={round(binding.until - now)}") for binding in bindings.values()
        )

    def contacts(self, user: str, now: float) -> tuple[Binding, ...]:
        """Return where a user is, the latest first."""
        return tuple(reversed(self._alive(user, now).values()))

    def owner(self, source: Destination, now: float) -> str | None:
        """Return who registered from an address, port and connection."""
        for user in self._of:
            if any(binding.source == source for binding in self._alive(user, now).values()):
                return user
        return None

    def _alive(self, user: str, now: float) -> dict[str, Binding]:
        return {uri: binding for uri, binding in self._of.get(user, {}).items() if binding.until > now}


def _lifetime(own: str | None, all_: str) -> int:
    """Return for how long a contact wants to be known (section 10.2.1.1)."""
    seconds = _seconds(own if own is not None else all_)
    # What is missing or cannot be read is the registrar's to choose (sections 10.2.1.1 and 20.10).
    return LONGEST_S if seconds is None else seconds


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _is_older(binding: Binding, call_id: str, cseq: int) -> bool:
    return binding.call_id == call_id and cseq <= binding.cseq
