"""Where a peer's audio really comes from: symmetric RTP, learnt once and strictly.

The signalled address is believed at its first packet. Addresses related to it (its IP, or the IP that signals)
need a short run of packets. Strangers are looked at only where the description cannot be right: a private
address, signalled from a public one, is a caller behind a router. They need a long run, and the window must end
without anybody better. After the decision nothing changes: a new remote description makes a new `Learner`.
This is the defence against RTP bleed and injection (CVE-2017-14099, CVE-2025-53399).
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from ipaddress import ip_address, ip_network

Address = tuple[str, int]

WINDOW_S = 3.0
"""How long is waited for a packet that settles the question."""

WINDOW_PACKETS = 50
"""So many packets end the window as well, but not sooner than they last when spoken: a flood buys no time."""

WINDOW_PACKETS_S = 1.0
"""What 50 packets of 20 ms last."""

RELATED_RUN = 4
STRANGER_RUN = 8
"""Packets of one SSRC in sequence that a candidate needs."""

CANDIDATES_LIMIT = 16
"""So many related ones and so many strangers are watched; forged sources cost no more memory than that."""

_BEHIND_ROUTERS = tuple(
    map(
        ip_network,
        # RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 section 2.5.6
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

# A run counts while it is no faster than audio may be: 200 packets a second, and four at once after a jam.
_FASTEST_PER_S = 200.0
_BURST = 4


class Policy(StrEnum):
    """Whether a trunk's audio may come from elsewhere than its SDP says."""

    LEARN = "learn"
    SIGNALLED = "signalled"


class Why(Enum):
    """What settled the question."""

    SIGNALLED = auto()
    RELATED = auto()
    STRANGER = auto()
    NOBODY = auto()
    POLICY = auto()


@dataclass(frozen=True, slots=True)
class Decision:
    """The one address that is sent to and heard from now on."""

    address: Address
    why: Why


class _Candidate:
    """The run of packets in sequence that one address is in, and the best that it had."""

    __slots__ = ("_began", "_run", "_sequence", "_ssrc", "best")

    def __init__(self) -> None:
        self._ssrc = -1
        self._sequence = 0
        self._run = 0
        self._began = 0.0
        self.best = 0

    def hear(self, sequence: int, ssrc: int, now: float) -> None:
        step = (sequence - self._sequence) & 0xFFFF if ssrc == self._ssrc else -1
        if step == 0:
            # The network may double a packet; that neither makes a run nor breaks it.
            return
        if step == 1:
            self._run += 1
        else:
            self._run, self._began = 1, now
        self._ssrc, self._sequence = ssrc, sequence
        if self._run <= _BURST + (now - self._began) * _FASTEST_PER_S:
            self.best = max(self.best, self._run)


class Learner:
    """Learns the address of one peer for one remote description.

    `signalled` is the address of its SDP, which must be a real one (on hold with 0.0.0.0 nothing can be
    learnt); `signalling_ip` is where its SIP comes from. All addresses are canonical text, as the
    kernel writes them. `started` is the monotonic time at which the socket opened for this description.
    """

    __slots__ = (
        "_is_behind_router",
        "_packets",
        "_policy",
        "_related",
        "_related_ips",
        "_signalled",
        "_started",
        "_strangers",
        "decision",
    )

    def __init__(self, signalled: Address, signalling_ip: str, policy: Policy, started: float) -> None:
        self.decision: Decision | None = None
        self._signalled = signalled
        self._related_ips = (signalled[0], signalling_ip)
        self._is_behind_router = _is_unreachable(signalled[0], signalling_ip)
        self._policy = policy
        self._started = started
        self._packets = 0
        self._related: dict[Address, _Candidate] = {}
        self._strangers: dict[Address, _Candidate] = {}

    def receive(
        self,
        source: Address,
        sequence: int,
        ssrc: int,
        payload_type_ok: bool,
        now: float,
    ) -> Decision | None:
        """Judge one packet that parsed as RTP; the decision comes out once, at the packet that settles it."""
        if self.decision is not None:
            return None
        # A payload type that no description asked for proves nothing.
        if self._policy is Policy.SIGNALLED or not payload_type_ok:
            return self.tick(now)
        if source == self._signalled:
            return self._decide(source, Why.SIGNALLED)
        is_related = source[0] in self._related_ips
        if not is_related and not self._is_behind_router:
            return self.tick(now)
        self._packets += 1
        candidate = self._candidate(self._related if is_related else self._strangers, source)
        if candidate is not None:
            candidate.hear(sequence, ssrc, now)
            if is_related and candidate.best >= RELATED_RUN:
                return self._decide(source, Why.RELATED)
        return self.tick(now)

    def tick(self, now: float) -> Decision | None:
        """Decide if it is time to; the decision comes out once."""
        due = self.deadline()
        if due is None or now < due:
            return None
        if self._policy is Policy.SIGNALLED:
            return self._decide(self._signalled, Why.POLICY)
        fit = sorted(
            ((candidate.best, source) for source, candidate in self._strangers.items()),
            reverse=True,
        )
        if fit and fit[0][0] >= STRANGER_RUN and (len(fit) == 1 or fit[1][0] < fit[0][0]):
            return self._decide(fit[0][1], Why.STRANGER)
        # Two strangers who are equally likely are as good as none.
        return self._decide(self._signalled, Why.NOBODY)

    def deadline(self) -> float | None:
        """Return when `tick` is due, None once it is decided."""
        if self.decision is not None:
            return None
        if self._policy is Policy.SIGNALLED:
            return self._started
        return self._started + (WINDOW_PACKETS_S if self._packets >= WINDOW_PACKETS else WINDOW_S)

    def _candidate(self, known: dict[Address, _Candidate], source: Address) -> _Candidate | None:
        candidate = known.get(source)
        if candidate is None and len(known) < CANDIDATES_LIMIT:
            candidate = known[source] = _Candidate()
        return candidate

    def _decide(self, address: Address, why: Why) -> Decision:
        self.decision = Decision(address, why)
        self._related.clear()
        self._strangers.clear()
        return self.decision


def _is_unreachable(signalled_ip: str, signalling_ip: str) -> bool:
    """Tell whether a peer that signals from outside names an address that only means something inside."""
    inside = ip_address(signalled_ip)
    outside = ip_address(signalling_ip)
    return any(inside in network for network in _BEHIND_ROUTERS) and not any(
        outside in network for network in (*_BEHIND_ROUTERS, *_LOOPBACK)
    )
