"""Calls whose way was right, but of which somebody heard nothing, or no key came through."""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.story import Story, number_in

KEYS_IN_BAND = "keys-in-band"
NOT_RECEIVED = "sound-not-received"
NO_AUDIO = "no-audio-yet"

_OPEN_PORTS = (
    "Let UDP in to the ports of the setting `rtp_ports`, and behind a NAT set `public_address`;"
    " a phone behind a NAT of its own needs RTP to the address that its SDP names."
)


def of_hearing(story: Story) -> Cause | None:
    """Say who was not heard in an answered call, if anybody was not."""
    return _no_sound(story, "", "the caller") or _no_keys(story) or _no_sound(story, "callee-", "the callee")


def _no_sound(story: Story, prefix: str, who: str) -> Cause | None:
    if not story.has(f"{prefix}{NO_AUDIO}") and not story.has(f"{prefix}quality"):
        return None
    received, sent = _packets(story, prefix, "received"), _packets(story, prefix, "sent")
    if story.has(f"{prefix}{NO_AUDIO}") and not received and not story.has(f"{prefix}first-packet-in"):
        told = f" while {sent} packets were sent there" if sent else ""
        sentence = f"The sound went one way only: nothing came from {who}{told}."
        return Cause(NO_AUDIO, sentence, _OPEN_PORTS)
    quality = story.last(f"{prefix}quality")
    lost = _figure(story, quality, "sent", "lost_percent")
    if lost is not None and lost >= 100:
        sentence = f"The sound went one way only: {who} reports that none of our {sent} packets arrived."
        return Cause(NOT_RECEIVED, sentence, _OPEN_PORTS)
    return None


def _no_keys(story: Story) -> Cause | None:
    """Tell of keys that were waited for in vain, where the caller's side agreed on no way for them."""
    media = story.last("media", "media-changed")
    gathered = [one for one in story.events if one.kind == "gathered"]
    if media is None or not gathered or any(one.data.get("digits") for one in gathered) or story.has("digit"):
        return None
    data = story.events[media].data
    if data.get("telephone_event") is not False or data.get("keys_by") != "rfc4733":
        return None
    trunk = story.call.trunk
    sentence = (
        f"Keys were waited for and none came, because the caller's side offers no telephone-events: trunk {trunk}"
        " sends keys as tones in the sound, if at all, and they are not listened for."
    )
    cure = (
        f"Have the carrier send telephone-events (RFC 4733), or listen for tones: `offhook trunks set {trunk}"
        " --dtmf inband`."
    )
    return Cause(KEYS_IN_BAND, sentence, cure)


def _packets(story: Story, prefix: str, way: str) -> int:
    quality = story.last(f"{prefix}quality")
    return (number_in(story.events[quality].data.get(way), "packets") if quality is not None else None) or 0


def _figure(story: Story, at: int | None, way: str, name: str) -> float | None:
    figures = None if at is None else story.events[at].data.get(way)
    found = figures.get(name) if isinstance(figures, dict) else None
    return float(found) if isinstance(found, int | float) else None
