"""Who may tell us what to do with a call, in order, and what each is asked.

The subscription's own rules or its action URL, or the URL that a script leads to; the fallback URL with the reason;
the subscription's default action; our own announcement. A caller is never dropped silently while something in the
chain is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from offhook.domain.calls import Admission, Arrival
from offhook.domain.questions import Event, Question
from offhook.language import SELF

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AskUrl:
    """Ask a customer's URL."""

    question: Question


@dataclass(frozen=True, slots=True)
class UseText:
    """Do what the subscription says by itself; the rest is told in the timeline."""

    text: str
    kind: str = "default-action"
    why: str = "doing the subscription's default action"
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Apologise:
    """Say that the number cannot take the call."""


Link = AskUrl | UseText | Apologise


class Chain:
    """What is left of one call's chain; from `until` on (monotonic seconds) there is no time for URLs.

    At most `requests` URLs are asked in all.
    """

    def __init__(self, arrival: Arrival, admission: Admission, until: float, requests: int) -> None:
        self._arrival = arrival
        self._admission = admission
        self._until = until
        self._requests_left = requests
        self._url = admission.action_url
        self._event = Event.INCOMING
        self._result: Parameters = ()
        self._begin_anew(until)
        # Rules decide about a call once: what their script leads to is asked without them.
        self._left.insert(0, "rules")

    @property
    def is_spent(self) -> bool:
        """Whether the call has asked as often as it may."""
        return self._requests_left <= 0

    @property
    def has_url(self) -> bool:
        """Whether there is a URL that the customer wants to be asked first."""
        return bool(self._url)

    def follow(self, url: str | None, event: Event, result: Parameters, until: float) -> None:
        """Begin anew with what came of an action: ask `url`, or without one the action URL, about it."""
        self._event, self._result = event, result
        self._lead(url, until)

    def redirect(self, url: str, until: float) -> None:
        """Begin anew with the same question to another URL."""
        self._lead(url, until)

    def next(self, reason: str, now: float) -> Link | None:
        """Return the next link that is set up; `reason` is the code of what failed before, if anything did."""
        admission = self._admission
        if now >= self._until or self.is_spent:
            self._leave_only("default", "announcement")
        while self._left:
            match self._left.pop(0):
                case "rules" if (decision := admission.decision) is not None:
                    data = {"rule": decision.rule.value, "local_time": decision.local.isoformat("T", "seconds")}
                    return UseText(decision.script, "rule-decided", f"{decision.rule}: {decision.why}", data)
                case "action" if self._url:
                    return self._ask(self._url, self._event, self._result)
                case "fallback" if admission.fallback_url:
                    return self._ask(admission.fallback_url, Event.FALLBACK, [("reason", reason)] if reason else ())
                case "default" if admission.default_action:
                    return UseText(admission.default_action)
                case "announcement":
                    return Apologise()
        return None

    def only_apology(self) -> None:
        """Leave out everything but the announcement: the caller is answered already."""
        self._leave_only("announcement")

    def may_apologise_again(self) -> None:
        """Have the announcement as the last link, though it may have been gone to already."""
        if "announcement" not in self._left:
            self._left.append("announcement")

    def _lead(self, url: str | None, until: float) -> None:
        self._url = self._admission.action_url if url is None or url == SELF else url
        if not self._url:
            # A default action that leads to nothing must not lead to itself for ever.
            self._requests_left -= 1
        self._begin_anew(until)

    def _begin_anew(self, until: float) -> None:
        self._until = until
        self._left = ["action", "fallback", "default", "announcement"]
        if self.is_spent:
            self.only_apology()

    def _leave_only(self, *links: str) -> None:
        self._left = [link for link in self._left if link in links]

    def _ask(self, url: str, event: Event, result: Parameters) -> AskUrl:
        self._requests_left -= 1
        caller = self._arrival.caller
        parameters = [
            ("caller", caller.number),
            ("recipient", self._admission.recipient),
            ("call_id", self._arrival.call_id),
            ("event", event.value),
        ]
        if caller.anonymous:
            parameters.append(("anonymous", "1"))
        elif not caller.number and caller.raw:
            parameters.append(("caller_raw", caller.raw))
        if caller.name:
            parameters.append(("caller_name", caller.name))
        if self._arrival.forwarded_from:
            parameters.append(("forwarded_from", self._arrival.forwarded_from))
        if self._arrival.verstat:
            parameters.append(("verstat", self._arrival.verstat))
        parameters += [("trunk", self._arrival.trunk), *result]
        admission = self._admission
        own = (admission.action_url, admission.fallback_url, *admission.signed_origins)
        homes = tuple(home for home in own if home)
        return AskUrl(Question(url, tuple(parameters), admission.secrets, homes, admission.account_id))
