"""An old call read from its timeline: what was asked and answered, and what the caller and the callees did.

Read `History` first. What happens from outside (an API user's other script) and sounds that fail end the reading:
what comes after them does not follow from what an action server said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from urllib.parse import parse_qsl, urlsplit

from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.questions import Event
from offhook.language import Script, parse

Parameters = tuple[tuple[str, str], ...]

_CALLEE_LEFT = ("the callee", "we hung up on the callee")
"""How the texts of `hung-up` begin where the caller was still there."""

_SCRIPT_ENDED = "the script is over"
"""How it ends where nothing was left to do."""

_BEGINNINGS = frozenset({"playing", "pause", "gather", "recording"})
"""What happens when a line begins that is heard; a transfer has its own."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The keys that were pressed at one gather, with the one that finished it."""

    keys: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """How a transfer to these numbers came out, in the words of `transfer_status`."""

    numbers: tuple[str, ...]
    status: str
    sip_code: int | None = None
    duration_s: int | None = None
    caller_stayed: bool = True


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """A message was recorded, or nothing was said; the URL is known where somebody was told of it."""

    caller_stayed: bool = True
    recording_url: str = ""


Fact = Pressed | Transferred | MessageLeft


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, with the fallbacks that were needed: the script that came of it, None for none.

    `failure` is the code and the sentence of what failed first.
    """

    url: str
    failure: tuple[str, str] | None = None
    script: Script | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What of an old call new code can be asked with. `opening` is the script of hosted rules, if they decided."""

    caller: Parameters
    """What every question tells before its event, and between the event and its result."""

    about_caller: Parameters
    action_url: str
    opening: Script | None
    asked: tuple[Asked, ...]
    facts: tuple[Fact, ...]
    ending: str
    begun: int | None = None
    """How many lines of the last script had begun when the call was over before it; None if it was not."""

    def parameters(self, event: Event, result: Parameters) -> Parameters:
        """Return the parameters of a question in the order in which Offhook sends them."""
        return (*self.caller, ("event", event.value), *self.about_caller, *result)


def read(call: Call, events: Sequence[TimelineEvent]) -> History:
    """Read a call's record and its timeline; without a question there is nothing in `asked`."""
    reading = _Reading()
    for event in events:
        if reading.is_over:
            break
        reading.read(event)
    first = reading.asked[0].url if reading.asked else ""
    arrived = next((event for event in events if event.kind == "arrived"), TimelineEvent(0.0, "arrived", ""))
    return History(
        caller=(("caller", call.caller.number), ("recipient", call.recipient), ("call_id", call.call_id)),
        about_caller=_about_caller(call, arrived),
        action_url=call.action_url or first,
        opening=reading.opening,
        asked=tuple(reading.asked),
        facts=tuple(reading.facts),
        ending=reading.ending,
        begun=reading.begun,
    )


def _about_caller(call: Call, arrived: TimelineEvent) -> Parameters:
    caller = call.caller
    found = []
    if caller.anonymous:
        found.append(("anonymous", "1"))
    elif not caller.number and caller.raw:
        found.append(("caller_raw", caller.raw))
    found += [
        ("caller_name", caller.name),
        ("forwarded_from", str(arrived.data.get("forwarded_from", ""))),
        ("verstat", str(arrived.data.get("verstat", ""))),
    ]
    return (*((name, value) for name, value in found if value), ("trunk", call.trunk))


@dataclass(slots=True)
class _Reading:
    """One event after the other; `_numbers` are those of a transfer that has no outcome yet."""

    asked: list[Asked] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    opening: Script | None = None
    ending: str = ""
    is_over: bool = False
    begun: int | None = None
    _lines: set[object] = field(default_factory=set)
    _transfers: int = 0
    _keys: str = ""
    _numbers: tuple[str, ...] = ()
    _answered_ms: float | None = None
    _is_referred: bool = False
    _is_failing: bool = False
    _has_rules: bool = False
    _is_recording: bool = False
    _caller_left: bool = False

    def read(self, event: TimelineEvent) -> None:  # noqa: C901 - one case for each kind
        data = event.data
        if event.kind in _BEGINNINGS:
            self._lines.add(data.get("line"))
        match event.kind:
            case "action-requested" if not self._is_failing:
                self.asked.append(Asked(str(data.get("url", ""))))
            case "action-answered":
                self._learn(data)
            case "action-failed" if self.asked:
                self._learn(data)
                self._failed(event)
            case "rule-decided":
                self._has_rules = True
            case "script":
                self._chosen(event.text)
            case "digit":
                self._keys += str(data.get("digit", ""))
            case "gather":
                self._keys = ""
            case "gathered":
                self.facts.append(Pressed(self._keys or str(data.get("digits", ""))))
            case "transfer" if not self._is_referred:
                self._transfers += not self._numbers
                self._numbers = tuple(dict.fromkeys((*self._numbers, str(data.get("number", "")))))
            case "referred":
                self._is_referred = True
            case "transfer-answered":
                self._answered_ms = event.at_ms
            case "transfer-failed":
                code = data.get("sip_code")
                self._reached(str(data.get("transfer_status", "")), code if isinstance(code, int) else None)
            case "recording":
                self._is_recording = True
            case "recorded" if self._is_recording:
                self._is_recording = False
                self.facts.append(MessageLeft(caller_stayed=not self._caller_left))
            case "hung-up":
                self._hung_up(event)
            case "directed" | "sound-failed" | "announcement":
                self.ending = f"{event.code}: {event.text}" if event.code else event.text
                self.is_over = True
            case _:
                pass

    def _failed(self, event: TimelineEvent) -> None:
        self._is_failing = True
        if self.asked[-1].script is not None:
            # It was answered and led on to a question that could not be asked.
            self.asked.append(Asked(""))
        if self.asked[-1].failure is None:
            self.asked[-1] = replace(self.asked[-1], failure=(event.code or "", event.text))

    def _chosen(self, text: str) -> None:
        script = parse(text).script
        self._is_failing = False
        self._lines.clear()
        self._transfers = 0
        if self.asked:
            self.asked[-1] = replace(self.asked[-1], script=script)
        elif self._has_rules:
            self.opening = script

    def _reached(self, status: str, sip_code: int | None) -> None:
        self.facts.append(Transferred(self._numbers, status, sip_code))
        self._numbers, self._is_referred = (), False

    def _hung_up(self, event: TimelineEvent) -> None:
        self.ending = event.text
        stayed = event.text.startswith(_CALLEE_LEFT)
        if self._answered_ms is not None:
            seconds = ceil((event.at_ms - self._answered_ms) / 1000)
            self.facts.append(Transferred(self._numbers, "answered", duration_s=max(1, seconds), caller_stayed=stayed))
            self._numbers, self._is_referred, self._answered_ms = (), False, None
        elif not stayed and not event.text.endswith(_SCRIPT_ENDED):
            self.begun = len(self._lines) + self._transfers
        if not stayed:
            self._caller_left = True

    def _learn(self, data: Mapping[str, object]) -> None:
        """Take from a request what only its parameters tell of the fact before it."""
        tries = data.get("tries")
        first = tries[0] if isinstance(tries, list) and tries else None
        url = first.get("url") if isinstance(first, dict) else None
        if not isinstance(url, str) or not self.facts:
            return
        told = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        match self.facts[-1]:
            case Transferred() as fact if told.get("duration", "").isdecimal():
                self.facts[-1] = replace(fact, duration_s=int(told["duration"]))
            case MessageLeft() as fact:
                self.facts[-1] = replace(fact, recording_url=told.get("recording_url", ""))
            case _:
                pass
