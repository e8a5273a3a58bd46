"""Bytes to `SessionDescription`, strictly where we rely on it (RFC 8866).

Refused: a wrong order of `v=`, `o=` and `m=`, unknown letters, names instead of addresses, anything but
unicast. Forgiven: bare line feeds, a missing `s=` or `t=`, wishes that cannot be read. Lines of
media that we could never take are kept for the answer and not read further.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import pairwise

from offhook.engine.media.errors import MalformedSdp
from offhook.engine.media.sdp import crypto
from offhook.engine.media.sdp.description import (
    CLOCK_RATE,
    PLAIN,
    SECURE,
    UNSPECIFIED,
    Audio,
    Direction,
    Media,
    Payload,
    SessionDescription,
)

SIZE_LIMIT = 16_384
LINES_LIMIT = 512
MEDIA_LIMIT = 16
FORMATS_LIMIT = 64

_SESSION_LETTERS = frozenset("vosiuepcbtrzka")
_MEDIA_LETTERS = frozenset("micbka")
# A payload type of RFC 3551's table needs no a=rtpmap.
_STATIC = {0: "PCMU", 8: "PCMA", 9: "G722", 13: "CN"}
_DIRECTIONS = {str(direction): direction for direction in Direction}

_ORIGIN = re.compile(r"[!-~]+ ([0-9]{1,20}) ([0-9]{1,20}) IN IP[46] [!-~]+")
_TIME = re.compile(r"[0-9]{1,20} [0-9]{1,20}")
_CONNECTION = re.compile(r"IN (IP[46]) ([!-~]+)")
_MEDIA = re.compile(r"([!-~]+) ([0-9]{1,5})(?:/1)? ([!-~]+)((?: +[!-~]+)+)")
_RTPMAP = re.compile(r"([0-9]{1,3}) +([!-.0-~]+)/([0-9]{1,6})(?:/([0-9]{1,3}))?")
_FMTP = re.compile(r"([0-9]{1,3}) +([ -~]+)")
_RTCP = re.compile(r"([0-9]{1,5})(?: IN (IP[46]) ([!-~]+))?")
_MILLISECONDS = re.compile(r"[1-9][0-9]{0,3}")

Line = tuple[str, str]
Attribute = tuple[str, str]


def parse(data: bytes) -> SessionDescription:
    """Parse one session description; raises `MalformedSdp` and nothing else."""
    lines = _lines(data)
    starts = [place for place, (letter, _) in enumerate(lines) if letter == "m"]
    if len(starts) > MEDIA_LIMIT:
        raise MalformedSdp(f"there are more than {MEDIA_LIMIT} m= lines")
    session = lines[: starts[0]] if starts else lines
    session_id, version = _origin(session)
    _check_letters(session[2:], _SESSION_LETTERS - {"v", "o"})
    connection = _connection(session)
    attributes = _attributes(session)
    return SessionDescription(
        session_id,
        version,
        _time(session),
        tuple(_media(lines[start:end], connection, attributes) for start, end in pairwise([*starts, len(lines)])),
    )


def _lines(data: bytes) -> list[Line]:
    if len(data) > SIZE_LIMIT:
        raise MalformedSdp(f"the description is larger than {SIZE_LIMIT} bytes")
    # All that is read is ASCII; free text of any charset passes by unread.
    text = data.decode("latin-1")
    lines = []
    # RFC 8866 section 5: a line ends with CRLF, and a bare line feed should be accepted.
    for raw in text.rstrip("\r\n").split("\n"):
        line = raw.removesuffix("\r")
        if len(line) < 2 or line[1] != "=" or "\r" in line or "\0" in line:
            raise MalformedSdp(f"{line[:40]!r} is not a line like x=value")
        lines.append((line[0], line[2:].rstrip(" ")))
    if len(lines) > LINES_LIMIT:
        raise MalformedSdp(f"there are more than {LINES_LIMIT} lines")
    return lines


def _origin(session: Sequence[Line]) -> tuple[int, int]:
    # RFC 8866 section 5: v=, o= come first and in this order.
    if [letter for letter, _ in session[:2]] != ["v", "o"]:
        raise MalformedSdp("a description begins with v= and o=")
    if session[0][1] != "0":
        raise MalformedSdp("the version of SDP is not 0")
    match = _ORIGIN.fullmatch(session[1][1])
    if match is None:
        raise MalformedSdp(f"o={session[1][1][:80]!r} does not name an origin")
    return int(match[1]), int(match[2])


def _check_letters(lines: Sequence[Line], known: frozenset[str]) -> None:
    # RFC 8866 section 5: a letter that is not understood makes the whole description unusable.
    for letter, _ in lines:
        if letter not in known:
            raise MalformedSdp(f"{letter}= has no place here")


def _time(session: Sequence[Line]) -> str:
    # RFC 3264 section 5: there is one t= line. The first is the one that an answer repeats.
    for letter, value in session:
        if letter == "t":
            if not _TIME.fullmatch(value):
                raise MalformedSdp(f"t={value[:40]!r} is not a start and a stop time")
            return value
    return "0 0"


def _connection(lines: Sequence[Line]) -> str | None:
    values = [value for letter, value in lines if letter == "c"]
    if not values:
        return None
    match = _CONNECTION.fullmatch(values[0])
    if match is None or len(values) > 1:
        raise MalformedSdp("c= must stand once, as IN, IP4 or IP6, and an address")
    return _unicast(match[1], match[2])


def _unicast(family: str, text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        # RFC 8866 allows a name. To look it up would let a stranger's body choose whom we ask.
        raise MalformedSdp(f"{text[:80]!r} is not one IP address; names are not looked up") from None
    if f"IP{address.version}" != family:
        raise MalformedSdp(f"{text[:80]!r} is not an address of the family {family}")
    if not _is_a_place(address):
        raise MalformedSdp(f"{text[:80]!r} cannot be the address of one peer")
    return str(address)


def _is_a_place(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether packets can be sent there, or whether it is 0.0.0.0 or ::, which mean hold."""
    if address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not address.is_reserved and (address.is_unspecified or address.packed[0] != 0)
    return address.scope_id is None and address.ipv4_mapped is None


def _attributes(lines: Sequence[Line]) -> list[Attribute]:
    parts = (value.partition(":") for letter, value in lines if letter == "a")
    return [(name, value.strip(" ")) for name, _, value in parts]


def _media(lines: Sequence[Line], session_address: str | None, inherited: Sequence[Attribute]) -> Media:
    match = _MEDIA.fullmatch(lines[0][1])
    if match is None:
        raise MalformedSdp(f"m={lines[0][1][:80]!r} is not a kind, one port, a transport and formats")
    kind, port, transport = match[1], int(match[2]), match[3]
    formats = tuple(match[4].split())
    if port > 65_535:
        raise MalformedSdp(f"there is no port {port}")
    if len(formats) > FORMATS_LIMIT:
        raise MalformedSdp(f"an m= line has more than {FORMATS_LIMIT} formats")
    _check_letters(lines, _MEDIA_LETTERS)
    audio = None
    # RFC 3264 section 5.1: port 0 in an offer, and section 6 in an answer: the stream is not wanted.
    if kind == "audio" and transport in (PLAIN, SECURE) and port:
        address = _connection(lines) or session_address
        if address is None:
            # RFC 8866 section 5.7.
            raise MalformedSdp("an audio stream has no c= line")
        audio = _audio(address, port, formats, _attributes(lines), inherited)
        if (transport == SECURE) != bool(audio.crypto):
            # Without a key that we can use it cannot be heard; a key beside plain RTP is only a wish.
            audio = None if transport == SECURE else replace(audio, crypto=())
    return Media(kind, port, transport, formats, audio)


def _audio(
    address: str, port: int, formats: Sequence[str], own: Sequence[Attribute], inherited: Sequence[Attribute]
) -> Audio:
    # Of an attribute that is said twice the first counts.
    values = dict(reversed(own))
    return Audio(
        address=address,
        port=port,
        payloads=_payloads(formats, own),
        # RFC 8866 section 6.7: the session's direction holds where the media says none.
        direction=_direction(own) or _direction(inherited) or Direction.SENDRECV,
        rtcp=_rtcp(address, port, values.get("rtcp")),
        rtcp_mux="rtcp-mux" in values,
        ptime_ms=_milliseconds(values.get("ptime")),
        max_ptime_ms=_milliseconds(values.get("maxptime")),
        crypto=crypto.parse_all(value for name, value in own if name == "crypto"),
    )


def _payloads(formats: Sequence[str], attributes: Sequence[Attribute]) -> tuple[Payload, ...]:
    maps: dict[int, tuple[str, int, int]] = {number: (name, CLOCK_RATE, 1) for number, name in _STATIC.items()}
    maps |= _maps(attributes)
    parameters = {
        int(match[1]): match[2] for name, value in attributes if name == "fmtp" and (match := _FMTP.fullmatch(value))
    }
    payloads = {}
    for text in formats:
        if not re.fullmatch("[0-9]{1,3}", text) or int(text) > 127:
            raise MalformedSdp(f"{text[:40]!r} is not a payload type")
        number = int(text)
        encoding, clock_rate, channels = maps.get(number, ("", 0, 1))
        payloads[number] = Payload(number, encoding, clock_rate, channels, parameters.get(number, ""))
    return tuple(payloads.values())


def _maps(attributes: Sequence[Attribute]) -> dict[int, tuple[str, int, int]]:
    maps: dict[int, tuple[str, int, int]] = {}
    for name, value in attributes:
        if name != "rtpmap":
            continue
        match = _RTPMAP.fullmatch(value)
        if match is None:
            raise MalformedSdp(f"a=rtpmap:{value[:80]!r} does not map a payload type")
        # Of two maps for one payload type the first counts. Encoding names know no case (RFC 8866 section 6.6).
        maps.setdefault(int(match[1]), (match[2].upper(), int(match[3]), int(match[4] or 1)))
    return maps


def _direction(attributes: Sequence[Attribute]) -> Direction | None:
    return next((_DIRECTIONS[name] for name, _ in attributes if name in _DIRECTIONS), None)


def _rtcp(address: str, port: int, value: str | None) -> tuple[str, int] | None:
    # RFC 3550 section 11: without a=rtcp (RFC 3605) the reports go to the next port.
    rtcp_address, rtcp_port = address, port + 1
    if value is not None:
        match = _RTCP.fullmatch(value)
        if match is None or not 0 < int(match[1]) < 65_536:
            raise MalformedSdp(f"a=rtcp:{value[:80]!r} does not name a port")
        rtcp_port = int(match[1])
        if match[2]:
            rtcp_address = _unicast(match[2], match[3])
    if rtcp_address in UNSPECIFIED or address in UNSPECIFIED or rtcp_port > 65_535:
        return None
    return rtcp_address, rtcp_port


def _milliseconds(value: str | None) -> int | None:
    # A packet time is a wish: one that cannot be read is no wish.
    return int(value) if value and _MILLISECONDS.fullmatch(value) else None
