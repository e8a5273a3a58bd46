"""Why a description cannot be used, in words for whoever has to change it; asked only once it has been refused."""

import re
from collections.abc import Sequence

from offhook.domain.misfits import Found, Misfit
from offhook.domain.sounds import Codec
from offhook.engine.media.errors import MalformedSdp
from offhook.engine.media.sdp.description import PLAIN, SECURE, Audio, Media, SessionDescription
from offhook.engine.media.sdp.parser import parse

MOST_TOLD = 10
"""Codecs, and kinds of media, that a sentence names."""
_STATIC_NAMES = {"0": "PCMU", "3": "GSM", "4": "G723", "8": "PCMA", "9": "G722", "15": "G728", "18": "G729"}
"""Payload types that need no a=rtpmap (RFC 3551 section 6), for people."""
_RTPMAP = re.compile(rb"^a=rtpmap:([0-9]{1,3}) +([!-.0-~]{1,40})/", re.MULTILINE)
_SUITES = re.compile(rb"^a=crypto:[0-9]{1,9} +([!-~]{1,40})", re.MULTILINE)


def misfit(body: bytes, *, is_answer: bool, address: str, codecs: Sequence[Codec], needs_srtp: bool) -> Found:
    """Say what is wrong with an offer, or with the answer to one of ours.

    `address` is ours, `codecs` are those that we speak. With `needs_srtp` nothing in the clear would do.
    """
    says = "answers with" if is_answer else "offers"
    if not body.strip():
        return Found(Misfit.MISSING, f"{says} nothing: it sent no description of its sound (SDP)")
    try:
        described = parse(body)
    except MalformedSdp as error:
        return Found(Misfit.UNREADABLE, f"sent a description of its sound (SDP) that cannot be read: {error.sentence}")
    if is_answer and len(described.media) > 1:
        return Found(Misfit.UNREADABLE, f"{says} {len(described.media)} lines of media to one that we offered")
    sounds = [media for media in described.media if media.kind == "audio"]
    if not sounds:
        return Found(Misfit.NO_SOUND, f"{says} {_kinds(described)}, and no sound")
    media = next((one for one in sounds if one.port), None)
    if media is None:
        return Found(Misfit.TURNED_DOWN, f"{says} sound at port 0, which turns it down (RFC 3264)")
    ours = {codec.value for codec in codecs}
    names = names_of(media, body)
    if media.transport in (PLAIN, SECURE) and not ours & set(names):
        return Found(Misfit.CODECS, f"{says} {', '.join(names)}, and we speak {_listed([*map(str, codecs)])}")
    told = f"{says} {', '.join(names)}"
    if media.audio is None:
        return _unsealed(media, told, body)
    return _unfit(media.audio, told, address, needs_srtp=needs_srtp)


def names_of(media: Media, body: bytes) -> tuple[str, ...]:
    """Return the codecs that an m= line names, the best first."""
    maps = {number.decode(): name.decode().upper() for number, name in reversed(_RTPMAP.findall(body))}
    found = (maps.get(format_) or _STATIC_NAMES.get(format_, format_) for format_ in media.formats)
    return tuple(dict.fromkeys(found))[:MOST_TOLD]


def _unsealed(media: Media, told: str, body: bytes) -> Found:
    """Say why sound with a port is none that we could take: its transport, or how it is sealed."""
    if media.transport == SECURE:
        suites = ", ".join(dict.fromkeys(suite.decode() for suite in _SUITES.findall(body)))
        if suites:
            return Found(Misfit.KEYS, f"{told} by SRTP with {suites}, which we do not speak")
        return Found(Misfit.KEYS, f"{told} by SRTP without a key that we can use (a=crypto)")
    if "TLS" in media.transport:
        return Found(Misfit.KEYS, f"{told} by DTLS-SRTP ({media.transport}), and we take keys by SDP only (a=crypto)")
    return Found(Misfit.TRANSPORT, f"{told} by {media.transport}, and we speak {PLAIN} and {SECURE}")


def _unfit(audio: Audio, told: str, address: str, *, needs_srtp: bool) -> Found:
    if (":" in audio.address) != (":" in address):
        theirs, ours = ("IPv6", "IPv4") if ":" in audio.address else ("IPv4", "IPv6")
        return Found(Misfit.FAMILY, f"{told} at the {theirs} address {audio.address}, and we speak {ours} with it")
    if needs_srtp and not audio.crypto:
        return Found(Misfit.IN_THE_CLEAR, f"{told} in the clear, where the trunk's rules demand SRTP")
    if audio.crypto and not needs_srtp:
        return Found(Misfit.SEALED, f"{told} by SRTP, which we did not offer")
    return Found(Misfit.KEYS, f"{told} by SRTP with another key than we offered")


def _kinds(described: SessionDescription) -> str:
    kinds = dict.fromkeys("a fax (T.38)" if _is_fax(media) else media.kind for media in described.media)
    return ", ".join([*kinds][:MOST_TOLD]) or "nothing at all"


def _is_fax(media: Media) -> bool:
    return media.kind == "image" and "t38" in media.formats


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
