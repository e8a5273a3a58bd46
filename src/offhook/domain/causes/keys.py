"""Keys that were waited for in vain, where the timeline tells by which other way they came."""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.sides import Side
from offhook.domain.remarks import Remark

KEYS_IN_BAND = "keys-in-band"
UNKNOWN_TYPE = "payload-unknown"


def of_keys(side: Side) -> Cause | None:
    """Say why no key was heard, if any was waited for and all was in vain."""
    story = side.story
    gathered = [one for one in story.events if one.kind == "gathered"]
    if not gathered or any(one.data.get("digits") for one in gathered) or story.has("digit"):
        return None
    trunk = story.call.trunk
    if story.has("key-ignored"):
        sentence = (
            f"Keys were waited for and came by INFO, which is not listened to: with trunk {trunk} telephone-events in"
            " RTP were agreed on."
        )
        return Cause(
            Remark.KEYS_BY_INFO.value,
            sentence,
            f"Have the carrier send telephone-events (RFC 4733), or listen to INFO: `offhook trunks set {trunk} --dtmf"
            " info`.",
        )
    way = side.agreed("keys_by")
    if types := side.unknown_types:
        named = ", ".join(types)
        sentence = (
            f"Keys were waited for and none was understood: {sum(types.values())} packets of payload type {named} came,"
            f" which was not agreed on with trunk {trunk}."
        )
        cure = (
            "Have the carrier offer telephone-events (RFC 4733) under the payload type by which it sends them, in the"
            " SDP of its INVITE."
        )
        if way == "inband":
            cure = f"Have telephone-events agreed on: `offhook trunks set {trunk} --dtmf rfc4733`."
        return Cause(UNKNOWN_TYPE, sentence, cure)
    if side.agreed("telephone_event") is not False or way != "rfc4733":
        return None
    sentence = (
        f"Keys were waited for and none came, because the caller's side offers no telephone-events: trunk {trunk}"
        " sends keys as tones in the sound, if at all, and they are not listened for."
    )
    cure = (
        f"Have the carrier send telephone-events (RFC 4733), or listen for tones: `offhook trunks set {trunk}"
        " --dtmf inband`."
    )
    return Cause(KEYS_IN_BAND, sentence, cure)
