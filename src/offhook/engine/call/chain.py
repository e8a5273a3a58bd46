"""Who may tell us what to do with a call, in order, and what each is asked.

The action URL, the fallback URL with the reason, the subscription's default action, our own
announcement. A caller is never dropped silently while something in the chain is left.
"""

from dataclasses import dataclass

from offhook.domain.calls import Admission, Arrival
from offhook.domain.questions import Event, Question


@dataclass(frozen=True, slots=True)
class AskUrl:
    """Ask a customer's URL."""

    question: Question


@dataclass(frozen=True, slots=True)
class UseText:
    """Do what the subscription says by itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Apologise:
    """Say that the number cannot take the call."""


Link = AskUrl | UseText | Apologise


class Chain:
    """What is left of one call's chain; from `until` on (monotonic seconds) there is no time for URLs."""

    def __init__(self, arrival: Arrival, admission: Admission, until: float) -> None:
        self._arrival = arrival
        self._admission = admission
        self._until = until
        self._left = ["action", "fallback", "default", "announcement"]

    def next(self, reason: str, now: float) -> Link | None:
        """Return the next link that is set up; `reason` is the code of what failed before, if anything did."""
        admission = self._admission
        if now >= self._until:
            self._leave_only("default", "announcement")
        while self._left:
            match self._left.pop(0):
                case "action" if admission.action_url:
                    return AskUrl(self._question(admission.action_url, Event.INCOMING))
                case "fallback" if admission.fallback_url:
                    return AskUrl(self._question(admission.fallback_url, Event.FALLBACK, reason))
                case "default" if admission.default_action:
                    return UseText(admission.default_action)
                case "announcement":
                    return Apologise()
        return None

    def only_apology(self) -> None:
        """Leave out everything but the announcement: the caller is answered already."""
        self._leave_only("announcement")

    def _leave_only(self, *links: str) -> None:
        self._left = [link for link in self._left if link in links]

    def _question(self, url: str, event: Event, reason: str = "") -> Question:
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
        parameters.append(("trunk", self._arrival.trunk))
        if reason:
            parameters.append(("reason", reason))
        return Question(url, tuple(parameters), self._admission.secrets)
