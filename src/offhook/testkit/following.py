"""A flow followed as a call would go through it, for as long as what happened in an old call answers it.

Read `Flow.told` first. The facts of the old call are used in their order, and none twice: which keys were pressed at
a gather, how the transfer to a number came out, whether a message was left. Where there is none, nobody knows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, assert_never

from offhook.domain.questions import Event
from offhook.language import (
    Action,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    Say,
    Script,
    Transfer,
    Voicemail,
)
from offhook.testkit.history import Asked, Fact, History, MessageLeft, Parameters, Pressed, Transferred

Done = Say | Playback | Pause | Gather | Transfer | Voicemail | Reject | Hangup
"""All lines but a redirect, which nobody hears."""
ANYTHING = "the fallback URL, the default action or our announcement is next"
F = TypeVar("F", Pressed, Transferred, MessageLeft)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask `url`, None is the action URL, about an event."""

    url: str | None
    event: Event = Event.INCOMING
    result: Parameters = ()

    @property
    def words(self) -> str:
        """The question as a report names it."""
        return ", ".join(f"{name}={value}" for name, value in (("event", self.event.value), *self.result))


@dataclass(frozen=True, slots=True)
class Over:
    """The flow ends here; without `is_known` only because the old call does not say how it would go on.

    With `is_cut` the call was over while the script went on: whatever else it said, nobody heard it.
    """

    words: str
    is_known: bool = True
    is_cut: bool = False


@dataclass(slots=True)
class Passage:
    """What one question and its redirects came to: the lines that were reached, and how they ended.

    `failure` is the code and the sentence of an answer that could not be used; `over` is None if another passage
    follows.
    """

    about: Ask | None
    lines: list[Action]
    failure: tuple[str, str] | None = None
    over: Over | None = None

    @property
    def key(self) -> tuple[Event, Parameters] | None:
        """What the question was about; None for the script of hosted rules."""
        return (self.about.event, self.about.result) if self.about else None


class Flow:
    """One flow on its way; `passages` is what it came to so far."""

    def __init__(self, facts: Sequence[Fact], ending: str) -> None:
        self._facts = facts
        self._place = 0
        self._ending = _bracketed(ending)
        self._ran: Passage | None = None
        self._start = 0
        self.passages: list[Passage] = []

    def begin(self) -> Ask:
        """Return the first question."""
        return self._open(Ask(None))

    def begin_with(self, opening: Script) -> Ask | None:
        """Begin with the script of hosted rules, and return the first question, if it leads to one."""
        self.passages.append(Passage(None, []))
        return self._run(opening, Ask(None))

    def told(self, script: Script) -> Ask | None:
        """Take the answer to the last question; return the next one, None if the flow is over."""
        about = self._passage.about
        assert about is not None, "an answer belongs to a question"
        return self._run(script, about)

    def failed(self, code: str, text: str, instead: str = ANYTHING) -> None:
        """The last question got no answer that can be used: what comes instead is not said by an answer."""
        self._passage.failure = (code, text)
        self._passage.over = Over(instead, is_known=False)

    def rescued(self, code: str, text: str, script: Script) -> Ask | None:
        """The last question got no usable answer, but the call goes on with this script."""
        self._passage.failure = (code, text)
        return self.told(script)

    def cut_short(self, begun: int, words: str) -> None:
        """The call was over when only so many lines of the last script had begun."""
        if self._ran is not self._passage:
            # What it led to was not answered any more.
            return
        lines = self._passage.lines
        reached = self._start + begun
        if reached < len(lines) or not isinstance(lines[-1] if lines else None, Gather | Transfer | Voicemail):
            del lines[reached:]
            self._passage.over = Over(words, is_cut=True)

    def unanswered(self, words: str) -> None:
        """The last question has no answer, and nobody knows more."""
        self._passage.over = Over(words, is_known=False)

    @property
    def _passage(self) -> Passage:
        return self.passages[-1]

    def _open(self, ask: Ask) -> Ask:
        self.passages.append(Passage(ask, []))
        return ask

    def _run(self, script: Script, about: Ask) -> Ask | None:
        self._ran, self._start = self._passage, len(self._passage.lines)
        for action in script.actions:
            if isinstance(action, Redirect):
                return self._redirected(action.url, about)
            self._passage.lines.append(action)
            came = self._do(action)
            if isinstance(came, Over):
                self._passage.over = came
                return None
            if came is not None:
                return self._open(came)
        self._passage.over = Over("the script is over")
        return None

    def _redirected(self, url: str, about: Ask) -> Ask:
        ask = Ask(url, about.event, about.result)
        if self._passage.about is None:
            return self._open(ask)
        # What the caller hears comes from the last of them, in the same passage.
        return ask

    def _do(self, action: Done) -> Ask | Over | None:
        """Return what follows from a line, None for the next line."""
        match action:
            case Say() | Playback() | Pause():
                return None
            case Gather():
                return self._gathered(action)
            case Transfer():
                return self._transferred(action)
            case Voicemail():
                return self._recorded(action)
            case Reject():
                return Over("the call is refused")
            case Hangup():
                return Over("the call ends")
            case _:
                assert_never(action)

    def _gathered(self, wish: Gather) -> Ask | Over:
        fact = self._next(Pressed)
        if fact is None:
            return Over(f"the old call has no keys for this{self._ending}", is_known=False)
        return Ask(wish.next, Event.GATHER, (("digits", collected(fact.keys, wish)),))

    def _transferred(self, wish: Transfer) -> Ask | Over | None:
        fact = self._next(Transferred, lambda known: set(known.numbers) == set(wish.numbers))
        if fact is None:
            called = ", ".join(f"+{number}" for number in wish.numbers)
            return Over(f"the old call does not say how a transfer to {called} fares{self._ending}", is_known=False)
        if fact.status == "answered":
            if wish.next is None or not fact.caller_stayed:
                who = "the callee" if fact.caller_stayed else "the caller"
                return Over(f"the caller talks to the callee until {who} hangs up or is hung up on")
            return Ask(wish.next, Event.TRANSFER, (("transfer_status", "answered"), ("duration", str(fact.duration_s))))
        if wish.next is None:
            return None
        code = () if fact.sip_code is None else (("sip_code", str(fact.sip_code)),)
        return Ask(wish.next, Event.TRANSFER, (("transfer_status", fact.status), *code))

    def _recorded(self, wish: Voicemail) -> Ask | Over | None:
        fact = self._next(MessageLeft)
        if fact is None:
            return Over(f"the old call has no message{self._ending}", is_known=False)
        if not fact.caller_stayed:
            return Over("the caller hung up after the message")
        if wish.next is None:
            return None
        told = (("recording_url", fact.recording_url),) if fact.recording_url else ()
        return Ask(wish.next, Event.VOICEMAIL, told)

    def _next(self, kind: type[F], fits: Callable[[F], bool] = lambda _: True) -> F | None:
        """Return the next fact of a kind; those that are passed over are in the past then."""
        for place in range(self._place, len(self._facts)):
            fact = self._facts[place]
            if isinstance(fact, kind) and fits(fact):
                self._place = place + 1
                return fact
        return None


def collected(keys: str, wish: Gather) -> str:
    """Return the digits that a gather takes of these keys."""
    return keys.partition(wish.finish)[0][: wish.digits]


def old_flow(history: History) -> list[Passage]:
    """Follow the old call itself, with the answers that it got."""
    flow = Flow(history.facts, history.ending)
    ask = flow.begin() if history.opening is None else flow.begin_with(history.opening)
    for asked in history.asked:
        if ask is None:
            break
        ask = _answered(flow, asked)
    if ask is not None:
        flow.unanswered(f"the old call ended before this was asked{_bracketed(history.ending)}")
    if history.begun is not None:
        flow.cut_short(history.begun, history.ending)
    return flow.passages


def _answered(flow: Flow, asked: Asked) -> Ask | None:
    """Take what came of one question; return the next one, None if there is none."""
    match asked:
        case Asked(failure=(code, text), script=Script() as script):
            return flow.rescued(code, text, script)
        case Asked(failure=(code, text)):
            flow.failed(code, text)
        case Asked(script=Script() as script):
            return flow.told(script)
        case _:
            flow.unanswered("the call ended before the answer came")
    return None


def _bracketed(ending: str) -> str:
    return f" ({ending})" if ending else ""
