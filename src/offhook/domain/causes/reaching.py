"""Callees that were not reached."""

from offhook.domain.causes.answers import cure_of
from offhook.domain.causes.cause import Cause
from offhook.domain.causes.fitting import cure_of_misfit
from offhook.domain.causes.story import Story, capital, ended, first_sentence, number_in, text_in, the_rest

_GOES_ON = ("script", "playing", "pause", "gather", "transfer", "action-requested", "recording")
_NEVER_CALLED = frozenset(
    {"no-route", "destination-refused", "no-credit", "spend-limit", "too-many-hops", "worker-died"}
)
_CURES = {
    "callee-busy": "Name a second number, or a line behind the transfer: it is done when nobody takes the call.",
    "callee-no-answer": "Let it ring longer (`ring=`), or put a line behind the transfer, such as voicemail.",
    "callee-refused": "Ask the callee, or its carrier: the SIP code says who refused.",
    "destination-refused": "Let the account call there: `offhook accounts destinations`; it needs a rate, too.",
    "no-credit": "Top the account up: `offhook accounts top-up`.",
    "spend-limit": "Raise the limit: `offhook numbers limit` or `offhook accounts limit`; it counts anew each day.",
    "no-route": "Add a trunk that sends (`offhook trunks add --send`) and lead the account's transfers there.",
    "too-many-hops": "Look for a circle: each machine on the way takes one from Max-Forwards, and none was left.",
}
_NOT_FOUND = "setup"
"""The code of an error that says that a gateway's name leads nowhere."""


def of_transfer(story: Story, at: int) -> Cause | None:
    """Say why nobody was reached, as is told at a place; None if the script knew what to do then."""
    event = story.events[at]
    if story.has(*_GOES_ON, after=at):
        return None
    code = event.code or "callee-failed"
    _, _, why = event.text.partition("the callee was not reached: ")
    why = why or event.text
    whom, were = _whom(story, at)
    trunk = story.told(story.last("dialled", before=at), "trunk")
    if code in _NEVER_CALLED and story.has("redirected"):
        # The first one was called; where its side led to was not.
        whom = f"+{story.told(story.last('transfer', before=at), 'number')}"
    if code in _NEVER_CALLED:
        return Cause(code, capital(f"{whom} could not be called: {first_sentence(why)}."), _CURES.get(code, ""))
    if code == "callee-redirected":
        return _redirected(story, at, why)
    if f"+{story.call.recipient}" in whom.split():
        cure = "Transfer to a number that leads elsewhere than to this subscription."
        sentence = f"+{story.call.recipient} is transferred to itself: the call went in a circle until it was refused."
        return Cause("loop", sentence, cure)
    sip_code = number_in(event.data, "sip_code")
    if code == "callee-failed" and sip_code is None and trunk:
        return _down(story, at, f"{whom} {were} not reached: {first_sentence(why)}.")
    way = f" through trunk {trunk}" if trunk else ""
    # What a peer said ends where it ends, whatever stands in it.
    told = first_sentence(why) if sip_code is None else why
    if code == "no-common-codec":
        return Cause(
            code,
            capital(f"{whom} {were} not reached{way}: {why}."),
            cure_of_misfit(story.told(at, "fault"), trunk or "NAME"),
        )
    own = the_rest(why) if sip_code is None else cure_of(sip_code, trunk)
    cure = ended(own) if own else _CURES.get(code, "")
    return Cause(code, capital(f"{whom} {were} not reached{way}: {told}."), cure or "The timeline tells more.")


def _down(story: Story, at: int, consequence: str) -> Cause:
    """Say that a trunk's gateway cannot be talked to, in whatever way."""
    trunk, fault = story.told(story.last("dialled", before=at), "trunk"), story.told(at, "fault")
    if fault == _NOT_FOUND:
        cure = f"Check the gateway's name and its DNS records: `offhook trunks show {trunk}` says where we send."
        return Cause("callee-failed", f"The gateway of trunk {trunk} cannot be found, so {consequence}", cure)
    cure = f"See `offhook trunks show {trunk}`, and whether its gateway runs and answers us."
    return Cause("callee-failed", f"Trunk {trunk} is down, so {consequence}", cure)


def _redirected(story: Story, at: int, why: str) -> Cause:
    """Say where a carrier wanted us to go, and why we did not."""
    trunk = story.told(story.last("dialled", before=at), "trunk") or "NAME"
    whom, were = _whom(story, at)
    told = story.last("redirect-refused", before=at)
    if told is None:
        cure = f"Transfer to the number that it names, or allow it: `offhook trunks set {trunk} --redirects`."
        return Cause("callee-redirected", f"{capital(whom)} {were} not reached through trunk {trunk}: {why}.", cure)
    event = story.events[told]
    numbers = event.data.get("numbers")
    named = ", ".join(f"+{number}" for number in numbers) if isinstance(numbers, list | tuple) else ""
    sentence = f"{capital(whom)} {were} not reached: {event.text}."
    if not named:
        cure = f"Ask the carrier of trunk {trunk}: what it names holds no number that can be called instead."
    elif "--redirects" in event.text:
        says = f"trunk {trunk} says that the callee is at {named}, and may not lead calls elsewhere"
        sentence = f"{capital(whom)} {were} not reached: {says}."
        cure = f"Transfer to {named} yourself, or allow it: `offhook trunks set {trunk} --redirects`."
    else:
        cure = f"Transfer to {named} yourself: one call is led elsewhere only once."
    return Cause("callee-redirected", sentence, cure)


def _whom(story: Story, at: int) -> tuple[str, str]:
    """Return who was called by the line that failed at a place, with the verb that goes with them."""
    begin = story.last("script", "transfer-failed", before=at)
    begin = -1 if begin is None else begin
    found = [text_in(one.data, "number") for one in story.events[begin + 1 : at] if one.kind == "transfer"]
    numbers = [f"+{number}" for number in dict.fromkeys(found) if number]
    return " and ".join(numbers) or "the callee", "were" if len(numbers) > 1 else "was"
