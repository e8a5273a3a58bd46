"""Calls that ended before they were done, and those that went as wished."""

from math import ceil

from offhook.domain.calls import Call, Status
from offhook.domain.causes.cause import Cause
from offhook.domain.causes.story import Story, first_sentence, span

MINUTE_S = 60
_PAST = {"the script is over": "its script came to its end"}

_OF_CALLEE = "the callee: "
_CURES = {
    "worker-died": "See the log: a process that carries sound was killed or met a defect. The next call has another.",
    "node-lost": "See why the node died (its log, the kernel's log); running calls end with their node.",
    "defect": "Report it with the lines of the log around this call: it is a defect of Offhook.",
    "draining": "Give running calls more time when the platform is stopped: the setting `drain_s`.",
    "no-rtp": (
        "See that the address in the caller's SDP is right and reachable: a NAT or a firewall at the carrier's side,"
        " or a phone that is gone."
    ),
    "no-common-codec": "Have the carrier put its answer to our offer into the ACK: PCMA or PCMU (G.711), or G722.",
    "not-confirmed": "See that the carrier's ACK finds its way to us: the setting `public_address`, NAT, firewall.",
    "session": "See that the caller's side refreshes the call, or answers when we do (session timers, RFC 4028).",
    "call-too-long": "No call lasts longer; let callers call again.",
}


def of_break(story: Story, at: int) -> Cause:
    """Say what broke a call off, as is told at a place."""
    event = story.events[at]
    code = event.code or "broken"
    why = first_sentence(event.text)
    if code == "no-rtp" and why.startswith(_OF_CALLEE):
        sentence = (
            f"The callee's side could not be reached with sound, so the call was ended: {why.removeprefix(_OF_CALLEE)}."
        )
        return Cause(
            code, sentence, _CURES[code].replace("caller's SDP", "callee's SDP").replace("the carrier's", "its")
        )
    if code == "no-rtp" and not story.has("first-packet-in"):
        return Cause(code, f"No sound went either way, so the call was ended: {why}.", _CURES[code])
    return Cause(code, f"The call was broken off: {why}.", _CURES.get(code, ""))


def of_credit(story: Story, at: int) -> Cause:
    """Say that the credit ended during the call."""
    call = story.call
    minute = ceil(call.duration_s / MINUTE_S) + 1 if call.duration_s else 2
    sentence = (
        f"The account's credit ended during the call: minute {minute} could not be paid, so the call ended after"
        f" {span(call.duration_s)}."
    )
    return Cause(story.events[at].code, sentence, "Top the account up: `offhook accounts top-up`.")


def of_reason(story: Story, reason: str) -> Cause:
    """Say what is known of a call that did not go as wished, where nothing tells more."""
    if reason == "not-confirmed":
        return _not_confirmed(story)
    told = next((event.text for event in reversed(story.events) if event.code == reason and event.text), "")
    why = f": {first_sentence(told)}" if told else ""
    return Cause(reason, f"The call ended as {story.call.status.value} ({reason}){why}.", _CURES.get(reason, ""))


def _not_confirmed(story: Story) -> Cause:
    """Say that the caller's side never confirmed what we said, or that the call still goes on."""
    at, trunk = story.last("hung-up"), story.call.trunk
    text = story.events[at].text if at is not None else ""
    if text and "acknowledged" not in text:
        sentence = f"The call was ended because trunk {trunk} did not confirm that it goes on: {text}."
        return Cause("not-confirmed", sentence, _CURES["session"])
    if "provisional" in text:
        sentence = f"The call was ended because trunk {trunk} never acknowledged our ringing (no PRACK came)."
        return Cause("not-confirmed", sentence, _CURES["not-confirmed"].replace("ACK", "PRACK"))
    waited = f" within {span(story.call.duration_s)}" if story.call.duration_s else ""
    sentence = f"The call was ended because trunk {trunk} never acknowledged our answer: no ACK came{waited}."
    return Cause("not-confirmed", sentence, _CURES["not-confirmed"])


def as_wished(story: Story) -> Cause:
    """Say how a call went that nothing was wrong with."""
    call = story.call
    match call.status:
        case Status.REJECTED:
            at = story.last("rejected")
            why = story.events[at].text if at is not None else "the script rejected it"
            return Cause(None, f"The call went as wished: {why}, and it cost nothing.")
        case Status.CANCELED:
            return Cause(None, f"The caller gave up{_when(story)} before the call was answered{_meanwhile(story)}.")
        case _:
            return Cause(
                None,
                f"The call went as wished: it lasted {span(call.duration_s)}{_talk(story)}{_keys(story)}{_end(story)}.",
            )


def going_on(call: Call) -> Cause:
    """Say that a call has not ended yet."""
    return Cause(None, f"The call is going on: {call.status.value}.")


def _when(story: Story) -> str:
    at = story.last("hung-up")
    return "" if at is None else f" after {story.events[at].at_ms / 1000:.1f} s"


def _meanwhile(story: Story) -> str:
    at = story.last("action-requested", "action-answered", "script", "dialled")
    match "" if at is None else story.events[at].kind:
        case "action-requested":
            return f", while {story.told(at, 'url')} was asked"
        case "dialled":
            return f", while +{story.told(at, 'number')} was called"
        case "script" if not story.has("sound-ready", "transfer-failed", after=at or 0):
            return ", while what it was to hear was made ready"
        case _:
            return ""


def _talk(story: Story) -> str:
    at = story.last("transfer-answered")
    number = story.told(story.last("dialled", "transfer", before=at), "number") if at is not None else ""
    return f", the caller talked to +{number}" if number else ""


def _keys(story: Story) -> str:
    """Tell of keys that were waited for, if none was heard: nobody knows whether any was pressed."""
    gathered = [one for one in story.events if one.kind == "gathered"]
    if not gathered or any(one.data.get("digits") for one in gathered) or story.has("digit"):
        return ""
    return ", no key was heard though keys were waited for"


def _end(story: Story) -> str:
    at = story.last("hung-up")
    if at is None:
        return ""
    text = story.events[at].text.removeprefix("we hung up: ")
    return f", and {_PAST.get(text, text)}"
