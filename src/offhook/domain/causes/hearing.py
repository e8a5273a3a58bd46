"""Calls whose way was right, but of which somebody heard nothing, or no key came through."""

from ipaddress import ip_address, ip_network

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.holding import of_hold, of_refused_media
from offhook.domain.causes.keys import UNKNOWN_TYPE, of_keys
from offhook.domain.causes.poor_sound import of_poor_sound
from offhook.domain.causes.sides import Side, sides_of
from offhook.domain.causes.story import Story, number_in, span, text_in

NOT_RECEIVED = "sound-not-received"
NO_AUDIO = "no-audio-yet"
STOPPED = "audio-stopped"

_OPEN_PORTS = (
    "Let UDP in to the ports of the setting `rtp_ports`, and behind a NAT set `public_address`;"
    " a phone behind a NAT of its own needs RTP to the address that its SDP names."
)
_SAME_ADDRESS = (
    "Have it send from the address that its SDP names, or name the one from which it sends: others could speak into the"
    " call else."
)
_PUBLIC_ADDRESS = "Have it name its public address in its SDP: a private one means nothing outside its own network."
_KEEP_ALIVE = (
    "See what became of that phone or of its network: it neither sent sound any more nor hung up; a NAT that forgets"
    " a connection does the same."
)
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")))
"""RFC 1918, RFC 6598, RFC 3927."""
_STATIC_NAMES = {"0": "PCMU", "3": "GSM", "4": "G723", "8": "PCMA", "9": "G722", "15": "G728", "18": "G729"}
"""Payload types whose names everybody knows (RFC 3551 section 6)."""


def of_hearing(story: Story) -> Cause | None:
    """Say who was not heard in an answered call, if anybody was not; else whose sound was bad."""
    caller, callee = sides_of(story)
    return (
        _no_sound(caller)
        or _unknown_type(caller)
        or of_hold(caller)
        or of_keys(caller)
        or _no_sound(callee)
        or _unknown_type(callee)
        or of_hold(callee)
        or of_refused_media(caller)
        or of_refused_media(callee)
        or _stopped(caller)
        or _stopped(callee)
        or of_poor_sound(caller)
        or of_poor_sound(callee)
    )


def _no_sound(side: Side) -> Cause | None:
    received, sent = side.packets("received"), side.packets("sent")
    if side.has(NO_AUDIO) and not received and not side.has("first-packet-in"):
        return _nothing_came(side, sent)
    lost = side.figure("sent", "lost_percent")
    if lost is not None and lost >= 100:
        sentence = f"The sound went one way only: {side.who} reports that none of our {sent} packets arrived."
        return Cause(NOT_RECEIVED, sentence, _OPEN_PORTS)
    return None


def _nothing_came(side: Side, sent: int) -> Cause:
    """Say that nothing came from a side, and what came in its place."""
    figures, one_way = side.quality("received"), "The sound went one way only"
    remote = side.agreed("remote")
    elsewhere, unreadable = text_in(figures, "elsewhere"), number_in(figures, "unreadable") or 0
    if elsewhere:
        named = f" ({remote})" if remote else ""
        sentence = f"{one_way}: sound for {side.who} came from {elsewhere}, which its SDP does not name{named}."
        return Cause(NO_AUDIO, sentence, _SAME_ADDRESS)
    if unreadable and side.agreed("srtp"):
        sentence = f"{one_way}: {side.who} sent {unreadable} packets that the key agreed on (SRTP) does not open."
        return Cause(NO_AUDIO, sentence, "Have it send SRTP with the key of its own a=crypto line, and nothing plain.")
    if unreadable:
        sentence = f"{one_way}: {side.who} sent {unreadable} packets that are no RTP."
        return Cause(NO_AUDIO, sentence, "Have it send RTP (RFC 3550), and SRTP only where that was agreed on.")
    told = f" while {sent} packets were sent there" if sent else ""
    if private := _private(side):
        sentence = f"{one_way}: nothing came from {side.who}{told}, and its SDP names the private address {private}."
        return Cause(NO_AUDIO, sentence, _PUBLIC_ADDRESS)
    return Cause(NO_AUDIO, f"{one_way}: nothing came from {side.who}{told}.", _OPEN_PORTS)


def _private(side: Side) -> str:
    """Return the private address that a side names though its SIP comes from another; empty if it does not."""
    remote, source = str(side.agreed("remote") or ""), side.story.call.source
    host, signalled = remote.rpartition(":")[0], source.rpartition(":")[0]
    if side.prefix or not host or host == signalled or not _is_private(host):
        return ""
    return host


def _is_private(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)


def _unknown_type(side: Side) -> Cause | None:
    """Tell of a side whose packets were mostly of a type that nobody had agreed on."""
    types = side.unknown_types
    packets = sum(types.values())
    if not packets or packets * 2 < side.packets("received"):
        return None
    named = ", ".join(f"{number} ({_STATIC_NAMES[number]})" if number in _STATIC_NAMES else number for number in types)
    place = side.last("quality")
    codec = side.story.told(place, "codec") or "another"
    sentence = (
        f"Nothing that {side.who} said could be understood: {packets} packets of payload type {named} came, and {codec}"
        " was agreed on."
    )
    return Cause(UNKNOWN_TYPE, sentence, "Have it send the codec and the payload type that stand in the answer's SDP.")


def _stopped(side: Side) -> Cause | None:
    """Tell of a side whose sound stopped, and that neither came back nor hung up."""
    stopped, again = side.last(STOPPED), side.last("audio-again")
    over = side.story.last("hung-up", "ended")
    if stopped is None or over is None or (again is not None and again > stopped) or side.has_hung_up:
        return None
    event = side.story.events[stopped]
    still_ms = event.data.get("still_ms")
    since_ms = event.at_ms - (still_ms if isinstance(still_ms, int | float) else 0)
    before = span((side.story.events[over].at_ms - since_ms) / 1000)
    sentence = f"The sound of {side.who} stopped {before} before the call ended, and did not come back."
    return Cause(STOPPED, sentence, _KEEP_ALIVE)
