"""Offer and answer (RFC 3264): from two descriptions to what both sides will do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from offhook.domain.sounds import Codec
from offhook.engine.media.sdp import crypto, writer
from offhook.engine.media.sdp.crypto import Crypto, Suite
from offhook.engine.media.sdp.description import CLOCK_RATE, Audio, Direction, Payload, SessionDescription
from offhook.engine.media.sdp.writer import Origin

SPOKEN = (Codec.PCMU, Codec.PCMA, Codec.G722)
"""What we speak, in the order in which we offer it: whoever has no wish gets what everybody speaks."""
STATIC_TYPES = {Codec.PCMU: 0, Codec.PCMA: 8, Codec.G722: 9}
"""Payload types of RFC 3551 section 6."""

NOISE_TYPE = 13
"""Comfort noise at a clock of 8,000 Hz (RFC 3389 section 4)."""

SHORTEST_PACKET_MS = 10
LONGEST_PACKET_MS = 60

EVENTS_LIMIT = 256
"""So many events exist (RFC 4733 section 3.2), so a longer list says nothing more."""

_EVENT_RANGE = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Keys:
    """How packets are protected: the suite, and the master keys with salts of what we send and of what we hear."""

    suite: Suite
    sent: bytes = field(repr=False)
    heard: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both sides settled on, told from ours.

    `payload_type` and `telephone_event` are what we send and what we expect. While `on_hold` the
    peer wants to hear nothing; when `remote_address` is 0.0.0.0 or :: there is nobody to send to at
    all and `remote_rtcp` is None. `ptime_ms` is the packet that the peer would like to get, `noise` the
    payload type of comfort noise. With `keys` all of it is SRTP. `body` is our description, `origin` the one to give
    to the next offer or answer of this dialog.
    """

    codec: Codec
    payload_type: int
    telephone_event: int | None
    remote_address: str
    remote_port: int
    remote_rtcp: tuple[str, int] | None
    rtcp_mux: bool
    direction: Direction
    on_hold: bool
    ptime_ms: int
    body: bytes
    origin: Origin
    keys: Keys | None = None
    noise: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What we offered: `body` is sent, the whole is kept until the answer comes."""

    body: bytes
    origin: Origin
    address: str
    codecs: tuple[Codec, ...]
    telephone_event: int | None
    direction: Direction
    rtcp_mux: bool
    keys: tuple[Crypto, ...] = ()
    has_noise: bool = False


def answer(
    offered: SessionDescription,
    *,
    address: str,
    port: int,
    origin: Origin,
    codecs: Sequence[Codec] = SPOKEN,
    keying: bytes = b"",
    needs_srtp: bool = False,
    has_events: bool = True,
) -> Agreement | None:
    """Answer an offer, or return None when no audio stream has a codec and an address family of ours.

    `keying` are `crypto.KEYING_BYTES` of chance, of which our own key is made where the peer wants SRTP; when it is
    needed, a stream without it does not fit. Telephone-events are turned down if we shall have none.

    The first stream that fits is taken, with the first of its codecs that we speak; every other
    line of the offer is answered with port 0, so that the lines stay in step (RFC 3264 section 6).
    """
    taken = _take(offered, address, codecs, needs_srtp=needs_srtp)
    if taken is None:
        return None
    place, audio, codec = taken
    event = _telephone_event(audio) if has_events else None
    direction = _mirrored(audio, Direction.SENDRECV)
    own_key, keys = _answered_keys(audio, keying)
    # RFC 5761 section 5.1.1: one port for both, if and only if the offer asked for it.
    noise = _noise(audio)
    types = [(codec.number, codec.encoding), *_noise_types(noise)]
    own = writer.audio(port, types, event, direction, rtcp_mux=audio.rtcp_mux, keys=own_key)
    blocks = [own if index == place else writer.refused(other) for index, other in enumerate(offered.media)]
    # RFC 3264 section 6: the answer's t= line equals the offer's.
    origin, body = origin.say(writer.session(address, offered.time, blocks))
    return _agreement(
        audio, codec, event, direction, rtcp_mux=audio.rtcp_mux, body=body, origin=origin, keys=keys, noise=noise
    )


def offer(
    *,
    address: str,
    port: int,
    origin: Origin,
    codecs: Sequence[Codec] = SPOKEN,
    telephone_event: int = 101,
    direction: Direction = Direction.SENDRECV,
    rtcp_mux: bool = True,
    keying: bytes = b"",
    has_noise: bool = False,
    has_events: bool = True,
) -> Offer:
    """Offer one audio stream: for an INVITE that brought no description, and for calls of our own.

    With `keying`, `crypto.KEYING_BYTES` of chance, it is SRTP; `has_noise` offers comfort noise (RFC 3389) as well.
    Telephone-events are left out if we shall have none.
    """
    keys = crypto.ours(keying) if keying else ()
    types = [(STATIC_TYPES[codec], str(codec)) for codec in codecs] + _noise_types(NOISE_TYPE if has_noise else None)
    event = telephone_event if has_events else None
    block = writer.audio(port, types, event, direction, rtcp_mux=rtcp_mux, keys=keys)
    origin, body = origin.say(writer.session(address, "0 0", [block]))
    return Offer(body, origin, address, tuple(codecs), event, direction, rtcp_mux, keys, has_noise)


def accept(answered: SessionDescription, ours: Offer) -> Agreement | None:
    """Read the answer to our offer; None when it turns the stream down or fits nothing that we offered."""
    # RFC 3264 section 6: an answer has as many lines as the offer, which is one.
    if len(answered.media) != 1:
        return None
    audio = answered.media[0].audio
    if audio is None or not _is_same_family(ours.address, audio.address):
        return None
    codec = _codec(audio, ours.codecs)
    if codec is None or bool(ours.keys) != bool(audio.crypto):
        return None
    keys = _accepted_keys(audio, ours.keys)
    if ours.keys and keys is None:
        return None
    return _agreement(
        audio,
        codec,
        # What was not offered cannot be agreed to.
        None if ours.telephone_event is None else _telephone_event(audio),
        _mirrored(audio, ours.direction),
        rtcp_mux=ours.rtcp_mux and audio.rtcp_mux,
        body=ours.body,
        origin=ours.origin,
        keys=keys,
        noise=_noise(audio) if ours.has_noise else None,
    )


def _answered_keys(audio: Audio, keying: bytes) -> tuple[tuple[Crypto, ...], Keys | None]:
    """Take the first of the peer's lines, and answer with its tag and a key of ours (RFC 4568 section 5.1.2)."""
    if not audio.crypto:
        return (), None
    theirs = audio.crypto[0]
    own = Crypto(theirs.tag, theirs.suite, keying[: theirs.suite.key_size])
    return (own,), Keys(theirs.suite, own.key, theirs.key)


def _accepted_keys(audio: Audio, offered: Sequence[Crypto]) -> Keys | None:
    """Find which of our lines the answer took (RFC 4568 section 5.1.3); None if it took none, or several."""
    if len(audio.crypto) != 1:
        return None
    (theirs,) = audio.crypto
    for own in offered:
        if (own.tag, own.suite) == (theirs.tag, theirs.suite):
            return Keys(own.suite, own.key, theirs.key)
    return None


def _take(
    offered: SessionDescription, address: str, codecs: Sequence[Codec], *, needs_srtp: bool
) -> tuple[int, Audio, Payload] | None:
    for place, media in enumerate(offered.media):
        if media.audio is None or (needs_srtp and not media.audio.crypto):
            continue
        if _is_same_family(address, media.audio.address):
            codec = _codec(media.audio, codecs)
            if codec is not None:
                return place, media.audio, codec
    return None


def _is_same_family(ours: str, theirs: str) -> bool:
    return (":" in ours) == (":" in theirs)


def _codec(audio: Audio, codecs: Sequence[Codec]) -> Payload | None:
    # RFC 3264 section 6.1: the order of the peer's list is its preference, and we keep to it.
    spoken = {(str(codec), CLOCK_RATE, 1) for codec in codecs}
    return next((p for p in audio.payloads if (p.encoding, p.clock_rate, p.channels) in spoken), None)


def _noise(audio: Audio) -> int | None:
    """Return the payload type of comfort noise at the clock of our codecs, if the peer knows it."""
    fitting = (p.number for p in audio.payloads if (p.encoding, p.clock_rate) == ("CN", CLOCK_RATE))
    return next(fitting, None)


def _noise_types(number: int | None) -> list[tuple[int, str]]:
    return [] if number is None else [(number, "CN")]


def _telephone_event(audio: Audio) -> int | None:
    """Return the payload type of keys at the clock of the codec (RFC 4733 section 2.1), if any."""
    for payload in audio.payloads:
        if payload.encoding == "TELEPHONE-EVENT" and payload.clock_rate == CLOCK_RATE and _has_digits(payload):
            return payload.number
    return None


def _has_digits(payload: Payload) -> bool:
    """Tell whether the keys 0 to 9 are among the events listed (RFC 4733 section 2.4.1)."""
    events: set[int] = set()
    for part in payload.parameters.split(",")[:EVENTS_LIMIT]:
        match = _EVENT_RANGE.fullmatch(part.strip())
        if match is None:
            # No list, or none that can be read, means the sixteen keys.
            return True
        # What lies beyond the digits is not counted: a list of `0-999` would cost more than its length.
        events.update(range(int(match[1]), min(int(match[2] or match[1]), 9) + 1))
    return events.issuperset(range(10))


def _mirrored(audio: Audio, ours: Direction) -> Direction:
    # RFC 3264 section 6.1: what one side only sends the other only receives; 0.0.0.0 receives nothing.
    return Direction.flowing(
        sends=ours.sends and audio.direction.receives and audio.is_reachable,
        receives=ours.receives and audio.direction.sends,
    )


def _packet_ms(audio: Audio) -> int:
    # RFC 8866 section 6.4: ptime is a recommendation, maxptime a limit.
    wish = min(audio.ptime_ms or writer.PTIME_MS, audio.max_ptime_ms or LONGEST_PACKET_MS)
    return max(SHORTEST_PACKET_MS, min(wish, LONGEST_PACKET_MS) // 10 * 10)


def _agreement(
    audio: Audio,
    codec: Payload,
    telephone_event: int | None,
    direction: Direction,
    *,
    rtcp_mux: bool,
    body: bytes,
    origin: Origin,
    keys: Keys | None,
    noise: int | None,
) -> Agreement:
    # RFC 5761 section 5.1.1: what shares a port goes where the audio goes. Nothing goes to 0.0.0.0.
    shared = (audio.address, audio.port) if rtcp_mux and audio.is_reachable else None
    return Agreement(
        codec=Codec(codec.encoding),
        payload_type=codec.number,
        telephone_event=telephone_event,
        remote_address=audio.address,
        remote_port=audio.port,
        remote_rtcp=shared or audio.rtcp,
        rtcp_mux=rtcp_mux,
        direction=direction,
        on_hold=not (audio.direction.receives and audio.is_reachable),
        ptime_ms=_packet_ms(audio),
        body=body,
        origin=origin,
        keys=keys,
        noise=noise,
    )
