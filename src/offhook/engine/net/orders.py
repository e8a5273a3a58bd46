"""What the main process orders a media worker to do, and what the worker reports.

Plain values that survive JSON: an order is written as its class name and its fields.
"""

from dataclasses import dataclass, field, fields

from offhook.engine.net.frames import Fields
from offhook.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Open:
    """Bind a pair of ports on `local` for a leg; `Opened` or `NotOpened` follows."""

    leg: str
    local: str
    ssrc: int
    sequence: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Connect:
    """Use what was negotiated; again after each new SDP of the peer."""

    leg: str
    codec: str
    payload_type: int
    event_type: int | None
    address: str
    port: int
    rtcp_address: str
    rtcp_port: int
    rtcp_mux: bool
    signalling_ip: str
    sends: bool
    receives: bool
    trust_signalled: bool
    packet_ms: int = 20
    """How much sound the peer wants in a packet, in whole tens."""
    noise_type: int | None = None
    """Of comfort noise (RFC 3389)."""
    suite: str = ""
    """Of SRTP, empty for plain RTP; the keys with their salts are base64."""
    sent_key: str = field(default="", repr=False)
    heard_key: str = field(default="", repr=False)
    hears_tones: bool = False
    """Whether the peer presses keys in its sound."""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin to send: silence until something is played."""

    leg: str


@dataclass(frozen=True, slots=True)
class Expect:
    """The peer is in the call: from now on its sound is missed when it does not come, unless it is on hold."""

    leg: str


@dataclass(frozen=True, slots=True)
class Play:
    """Play a file of coded sound `loop` times instead of what is playing; `Finished` follows the last packet."""

    leg: str
    key: str
    path: str
    growing_path: str | None
    codec: str
    loop: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Play the ringing tone instead of what is playing, until anything else is ordered."""

    leg: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Stop what is playing, without `Finished`, and send silence."""

    leg: str


@dataclass(frozen=True, slots=True)
class Press:
    """Press a key for so long, as event or tone, and go on then with what was playing."""

    leg: str
    key: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Join:
    """Send to each of two legs of one worker what the other hears, instead of what is playing."""

    leg: str
    other: str


@dataclass(frozen=True, slots=True)
class Part:
    """Let a leg and its partner send their own sound again: silence."""

    leg: str


@dataclass(frozen=True, slots=True)
class Record:
    """Record what the peer says into a WAV file, and on a second channel what the partner's peer says if `is_both`.

    It ends by itself after `longest_s`, `most_bytes` or, unless that is 0, `silence_s` without a voice;
    `RecordingEnded` follows once, however it ends.
    """

    leg: str
    path: str
    is_both: bool
    longest_s: float
    most_bytes: int
    silence_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the recording."""

    leg: str


@dataclass(frozen=True, slots=True)
class Close:
    """Stop and free the ports; `Closed` follows."""

    leg: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The leg's RTP port is bound; reports use the next."""

    leg: str
    port: int


@dataclass(frozen=True, slots=True)
class NotOpened:
    """No pair of ports could be bound."""

    leg: str
    text: str


@dataclass(frozen=True, slots=True)
class FirstOut:
    """The first packet was sent, `at` in seconds of the system's monotonic clock; `header` is its RTP header in hex."""

    leg: str
    at: float
    header: str


@dataclass(frozen=True, slots=True)
class FirstIn:
    """The first packet of the peer arrived from `address`; `header` is its RTP header in hex."""

    leg: str
    at: float
    address: str
    port: int
    header: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last packet of a sound was sent; `underruns` frames of silence stood in for late samples."""

    leg: str
    key: str
    underruns: int


@dataclass(frozen=True, slots=True)
class Digit:
    """The peer pressed a key."""

    leg: str
    digit: str


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """A recording is over, for a reason of `recording_file.Ended`; so much is in the file."""

    leg: str
    path: str
    code: str
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """The peer cannot be heard, or can be again: a code of `audibility`, and how long it has been still."""

    leg: str
    code: str
    still_s: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Neither RTP nor RTCP came for too long, or nobody listens at the peer's address."""

    leg: str
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The leg is gone. Packets and what became of them, jitter and longest gap as `quality.Quality` counts them.

    What the peer reported last of what it hears, None if nothing: lost of `peer_expected` packets, the share lost
    lately (0 to 1), its jitter. `odd` is what came that was not the peer's sound (`media_oddities`).
    """

    leg: str
    sent: int
    received: int
    lost: int
    duplicates: int
    reordered: int
    jitter_ms: float
    longest_gap_ms: float
    peer_lost: int | None
    peer_expected: int | None
    peer_lost_lately: float | None
    peer_jitter_ms: float | None
    round_trip_ms: float | None
    late: int
    odd: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """The share of time (0 to 1) that the worker was busy lately; of no leg."""

    busy: float


Order = Open | Connect | Start | Expect | Play | Ring | Quiet | Press | Join | Part | Record | StopRecording | Close
LegReport = Opened | NotOpened | FirstOut | FirstIn | Finished | Digit | RecordingEnded | Hearing | Silent | Closed
Report = LegReport | Load

_ORDERS = {
    kind.__name__: kind
    for kind in (Open, Connect, Start, Expect, Play, Ring, Quiet, Press, Join, Part, Record, StopRecording, Close)
}
_REPORTS = {
    kind.__name__: kind
    for kind in (Opened, NotOpened, FirstOut, FirstIn, Finished, Digit, RecordingEnded, Hearing, Silent, Closed, Load)
}

# `dataclasses.astuple` copies deeply, at ten times the cost.
_FIELDS = {name: tuple(field.name for field in fields(kind)) for name, kind in (_ORDERS | _REPORTS).items()}


def to_fields(message: Order | Report) -> Fields:
    """Return what `frames.encode` writes."""
    kind = type(message).__name__
    return [kind, *[getattr(message, name) for name in _FIELDS[kind]]]


def to_order(fields: Fields) -> Order:
    """Read an order. Raises `ProtocolError` for anything else."""
    try:
        return _ORDERS[str(fields[0])](*fields[1:])  # type: ignore[arg-type]  # both ends are ours
    except (KeyError, IndexError, TypeError):
        raise ProtocolError("not an order to a media worker") from None


def to_report(fields: Fields) -> Report:
    """Read a report. Raises `ProtocolError` for anything else."""
    try:
        return _REPORTS[str(fields[0])](*fields[1:])  # type: ignore[arg-type]  # both ends are ours
    except (KeyError, IndexError, TypeError):
        raise ProtocolError("not a report of a media worker") from None
