"""Calls that were refused at the door."""

from collections.abc import Sequence

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.fitting import cure_of_misfit
from offhook.domain.causes.story import Story, first_sentence, span

_CURES = {
    "not-subscribed": "Subscribe the number: POST /voice/dins/subscriptions/ with din_uid.",
    "grace-period": "Top the account up: the subscription is renewed by itself then.",
    "no-credit": "Top the account up: `offhook accounts top-up`.",
    "too-many-calls": "Raise the limit: `offhook numbers limit`, `offhook accounts limit`, or the platform's settings.",
    "too-many-calls-per-minute": "Raise the limit: `offhook numbers limit` or `offhook accounts limit`.",
    "spend-limit": "Raise the limit: `offhook numbers limit` or `offhook accounts limit`; it counts anew each day.",
    "loop": "Look where the number is transferred to: somebody forwards the call back to it.",
    "request-not-taken": "Have the carrier send what the answer asks for; `offhook calls show --bodies` has both.",
    "overload": "Wait, or raise the limit that was reached, if the machine is not busy; else add a node.",
    "draining": "Call again when the platform has started anew.",
    "database-away": "See that the database runs and can be reached; the log says since when it cannot.",
}
_PLAIN = {
    "overload": "the platform, its trunk or its source has as many calls as may be",
    "draining": "the platform was being stopped",
    "database-away": "the database could not be reached",
    "too-many-hops": "it has passed as many hops as it may (Max-Forwards)",
}


def of_refusal(story: Story, at: int) -> Cause:
    """Say why a call was refused, as is told at a place."""
    event = story.events[at]
    code = event.code or "refused"
    if code == "unknown-number":
        return _unknown(story, at)
    if code == "no-common-codec":
        return _misfit(story)
    if code == "not-subscribed":
        return _free(story)
    text = first_sentence(event.text)
    why = text if text != f"the call was refused: {code}" else _PLAIN.get(code, code)
    return Cause(code, f"The call was refused: {why}.", _CURES.get(code, ""))


def _free(story: Story) -> Cause:
    """Say that nobody has the number, and since when if somebody had."""
    called, ended = f"+{story.call.recipient}", story.freed_at
    cure = _CURES["not-subscribed"]
    if ended is None:
        return Cause("not-subscribed", f"The call was refused: nobody subscribes {called}.", cure)
    before = span((story.call.started_at - ended).total_seconds())
    when = f"{ended:%Y-%m-%d} at {ended:%H:%M} UTC, {before} before the call"
    return Cause("not-subscribed", f"The call was refused: nobody subscribes {called} since {when}.", cure)


def _misfit(story: Story) -> Cause:
    """Say what it is about the caller's offer that cannot be used."""
    arrived, trunk = story.first("arrived"), story.call.trunk
    unfit = story.whole(arrived, "unfit") or "offers no sound that we speak"
    cure = cure_of_misfit(story.told(arrived, "misfit"), trunk)
    return Cause("no-common-codec", f"The call was refused (488): trunk {trunk} {unfit}.", cure)


def _unknown(story: Story, at: int) -> Cause:
    code, trunk = "unknown-number", story.call.trunk
    arrived = story.first("arrived")
    sent = ", ".join(_words(story, arrived, "dialled")) or "no number"
    near, rules, near_in = story.told(at, "near"), story.told(at, "rules"), story.told(at, "near_in")
    nobody = f"No number of the pool is {sent} as trunk {trunk} sends it"
    say_how = f"Say how the trunk writes numbers: `offhook trunks set {trunk} {rules}`."
    try_it = f"`offhook trunks try {trunk} {sent}`"
    if near and near_in:
        place = story.told(arrived, "dialled_in") or "Request-URI"
        sentence = f"{nobody} in its {place}, but its {near_in} names +{near}, which is in the pool."
        return Cause(code, sentence, say_how.replace("writes numbers", "names the number that was called"))
    if near:
        return Cause(
            code, f"{nobody}, but +{near} is in the pool.", say_how if rules else f"See how it is read: {try_it}."
        )
    tried = ", ".join(f"+{form}" for form in _words(story, at, "tried"))
    looked = f"{tried} is not in the pool" if tried else _why(story, at)
    passed_over = story.told(arrived, "passed_over")
    if passed_over and story.told(arrived, "dialled_in") != passed_over:
        looked = f"{looked}, and its {passed_over}, which is looked at first, names no number"
    cure = f"Import the number (`offhook numbers import`), or see how it is read: {try_it}."
    return Cause(code, f"{nobody}: {looked}.", cure)


def _why(story: Story, at: int) -> str:
    text = story.events[at].text
    return text.partition(": ")[2] or text


def _words(story: Story, at: int | None, name: str) -> list[str]:
    found = None if at is None else story.events[at].data.get(name)
    return [str(one) for one in found] if isinstance(found, Sequence) and not isinstance(found, str) else []
