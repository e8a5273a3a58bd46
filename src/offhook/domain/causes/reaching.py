"""Callees that were not reached."""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.story import Story, capital, first_sentence, number_in, text_in, the_rest

_GOES_ON = ("script", "playing", "pause", "gather", "transfer", "action-requested", "recording")
_NEVER_CALLED = frozenset({"no-route", "destination-refused", "no-credit", "spend-limit", "too-many-hops"})
_CURES = {
    "callee-busy": "Name a second number, or a line behind the transfer: it is done when nobody takes the call.",
    "callee-no-answer": "Let it ring longer (`ring=`), or put a line behind the transfer, such as voicemail.",
    "callee-refused": "Ask the callee, or its carrier: the SIP code says who refused.",
    "callee-redirected": "Transfer to the number that it names, or allow it: `offhook trunks set NAME --redirects`.",
    "destination-refused": "Let the account call there: `offhook accounts destinations`; it needs a rate, too.",
    "no-credit": "Top the account up: `offhook accounts top-up`.",
    "no-route": "Add a trunk that sends (`offhook trunks add --send`) and lead the account's transfers there.",
}
_BY_SIP_CODE = {
    404: "Check the number: its carrier says that nobody has it.",
    484: "Write the number whole, with its country code.",
    488: "Ask the carrier which codecs it takes: we offer G.711 and G.722.",
}


def of_transfer(story: Story, at: int) -> Cause | None:
    """Say why nobody was reached, as is told at a place; None if the script knew what to do then."""
    event = story.events[at]
    if story.has(*_GOES_ON, after=at):
        return None
    code = event.code or "callee-failed"
    _, _, why = event.text.partition("the callee was not reached: ")
    why = why or event.text
    whom, were = _whom(story, at)
    if code in _NEVER_CALLED:
        return Cause(code, capital(f"{whom} could not be called: {first_sentence(why)}."), _cure(code, None, why))
    trunk = story.told(story.last("dialled", before=at), "trunk")
    sip_code = number_in(event.data, "sip_code")
    if code == "callee-failed" and sip_code is None and trunk:
        sentence = f"Trunk {trunk} is down, so {whom} {were} not reached: {first_sentence(why)}."
        return Cause(code, sentence, f"See `offhook trunks show {trunk}`, and whether its gateway runs and answers us.")
    way = f" through trunk {trunk}" if trunk else ""
    return Cause(code, capital(f"{whom} {were} not reached{way}: {first_sentence(why)}."), _cure(code, sip_code, why))


def _whom(story: Story, at: int) -> tuple[str, str]:
    """Return who was called by the line that failed at a place, with the verb that goes with them."""
    begin = story.last("script", "transfer-failed", before=at)
    begin = -1 if begin is None else begin
    found = [text_in(one.data, "number") for one in story.events[begin + 1 : at] if one.kind == "transfer"]
    numbers = [f"+{number}" for number in dict.fromkeys(found) if number]
    return " and ".join(numbers) or "the callee", "were" if len(numbers) > 1 else "was"


def _cure(code: str, sip_code: int | None, why: str) -> str:
    return _BY_SIP_CODE.get(sip_code or 0) or _CURES.get(code) or the_rest(why) or "The SIP code says what to ask for."
