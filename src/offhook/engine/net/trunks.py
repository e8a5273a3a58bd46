"""Which trunk an address belongs to; everybody else is a stranger and gets nothing."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from offhook.domain.strangers import MOST_STRANGERS, source_of
from offhook.engine.net.log import Throttled

SOURCES_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Trunk:
    """A trunk's name and the networks that its calls come from."""

    name: str
    networks: tuple[IPv4Network | IPv6Network, ...]


@dataclass(slots=True)
class Stranger:
    """An unlisted source, for the operator to see: what it said last, and since and until when (monotonic)."""

    address: str
    first_line: str
    count: int
    first_seen: float
    last_seen: float


@dataclass(frozen=True, slots=True)
class _Doors:
    """The networks of one length: whose each is, by its bits without the `below` bits of its hosts."""

    version: int
    below: int
    names: dict[int, str]


class Trunks:
    """The door's list. Unknown sources are dropped unread, counted in `dropped`, and remembered."""

    def __init__(self, logger: Throttled, clock: Callable[[], float]) -> None:
        self._logger = logger
        self._clock = clock
        self._trunks: tuple[Trunk, ...] = ()
        self._doors: tuple[_Doors, ...] = ()
        self._known: dict[str, str | None] = {}
        self._expected: set[str] = set()
        self._strangers: OrderedDict[str, Stranger] = OrderedDict()
        self.dropped = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The trunks' names."""
        return tuple(trunk.name for trunk in self._trunks)

    def replace(self, trunks: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Use these trunks (name and CIDRs) from now on; who belongs to one is no stranger any more."""
        self._trunks = tuple(
            Trunk(name, tuple(ip_network(source, strict=False) for source in sources)) for name, sources in trunks
        )
        self._doors = tuple(_doors(self._trunks))
        self._known.clear()
        for host in [host for host in self._strangers if self.of(host) is not None]:
            del self._strangers[host]

    def of(self, host: str) -> str | None:
        """Return the name of the trunk that `host` belongs to."""
        if host in self._known:
            return self._known[host]
        found = self._holder(host)
        if len(self._known) >= SOURCES_REMEMBERED:
            self._known.clear()
        self._known[host] = found
        return found

    def expect(self, host: str) -> None:
        """Let the answers of a gateway in that we send to."""
        if len(self._expected) >= SOURCES_REMEMBERED:
            self._expected.clear()
        self._expected.add(host)

    def expects(self, host: str) -> bool:
        """Tell whether answers of a gateway that we send to may come from here."""
        return host in self._expected

    def permits(self, data: bytes, host: str, _port: int) -> bool:
        """Tell whether a datagram of `host` may be looked at; remember a stranger."""
        if self.of(host) is not None or host in self._expected:
            return True
        self.dropped += 1
        self.remember(host, data)
        return False

    def forget(self, host: str) -> None:
        """Whoever is there has proven to be no stranger."""
        self._strangers.pop(host, None)

    def strangers(self) -> list[Stranger]:
        """Return the last sources that were dropped, the latest last."""
        return list(self._strangers.values())

    def remember(self, host: str, data: bytes, outcome: str = "") -> None:
        """Keep what a stranger said last and, if its message was read, what came of it."""
        first_line = data[:80].partition(b"\r\n")[0].decode("ascii", "replace")
        first_line += f" ({outcome})" if outcome else ""
        shown = first_line if first_line.isprintable() else _legible(first_line)
        now = self._clock()
        stranger = self._strangers.pop(host, None) or Stranger(host, shown, 0, now, now)
        stranger.count += 1
        stranger.last_seen = now
        stranger.first_line = shown
        self._strangers[host] = stranger
        if len(self._strangers) > MOST_STRANGERS:
            self._strangers.popitem(last=False)
        if stranger.count == 1:
            # Whose message was read is known, or named somebody.
            hint = (
                {}
                if outcome
                else {"hint": f"if this is your carrier: offhook trunks add NAME --source {source_of(host)}"}
            )
            self._logger.warning("a stranger was ignored", source=host, first_line=shown, **hint)

    def _holder(self, host: str) -> str | None:
        address = ip_address(host)
        bits = int(address)
        for doors in self._doors:
            if doors.version == address.version and (name := doors.names.get(bits >> doors.below)) is not None:
                return name
        return None


def _doors(trunks: Iterable[Trunk]) -> Iterator[_Doors]:
    """Sort networks by their lengths: a stranger then costs one look for each length, however many there are."""
    lengths: dict[tuple[int, int], dict[int, str]] = {}
    for trunk in trunks:
        for net in trunk.networks:
            below = net.max_prefixlen - net.prefixlen
            lengths.setdefault((below, net.version), {})[int(net.network_address) >> below] = trunk.name
    # The narrowest network wins: one gateway may stand inside another trunk's range.
    for (below, version), names in sorted(lengths.items()):
        yield _Doors(version, below, names)


def _legible(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
