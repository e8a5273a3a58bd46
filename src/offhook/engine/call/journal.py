"""What a call wants done and what will be on record of it, kept in the order in which it came about."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from offhook.domain.calls import Arrival, Ending, LegUse, Status, TimelineEvent
from offhook.domain.dialling import forms_of
from offhook.engine.call.effects import Admit, AnswerCall, Effect, Note, NoteAnswer, Record


class Journal:
    """The effects of one call; its timeline's lines are among them. Monotonic seconds become dates here alone."""

    __slots__ = ("_answered", "_arrival", "_arrived", "_effects")

    def __init__(self) -> None:
        self._arrival: Arrival | None = None
        self._arrived = 0.0
        self._answered: float | None = None
        self._effects: list[Effect] = []

    @property
    def is_begun(self) -> bool:
        """Whether the call has arrived."""
        return self._arrival is not None

    @property
    def arrival(self) -> Arrival:
        """How the call came."""
        assert self._arrival is not None, "a call begins with its arrival"
        return self._arrival

    @property
    def arrived(self) -> float:
        """The monotonic moment of the call's arrival."""
        return self._arrived

    def begin(self, arrival: Arrival, now: float) -> None:
        """The call is here: the desk is asked, and the timeline counts from now."""
        self._arrival, self._arrived = arrival, now
        self.note(now, "arrived", _told(arrival), data=_data_of(arrival))
        self.do(Admit(arrival))

    def answer(self, now: float) -> None:
        """The call is answered: its seconds count from now."""
        self._answered = now
        self.do(AnswerCall())
        self.do(NoteAnswer())
        self.note(now, "answered", "the call is answered")

    def close(self, status: Status, reason: str | None, now: float, legs: tuple[LegUse, ...] = ()) -> None:
        """The call is over: all of it is to be recorded; `legs` are the callees that answered."""
        answered = self._answered
        ending = Ending(
            call_id=self.arrival.call_id,
            status=status,
            reason=reason,
            ended_at=self.date(now),
            answered_at=None if answered is None else self.date(answered),
            # To the millisecond: a rounding error of the clock must not begin another minute.
            seconds=0.0 if answered is None else round(now - answered, 3),
            legs=legs,
        )
        self.do(Record(ending))

    def do(self, effect: Effect) -> None:
        """Want something done after all that was wanted before."""
        self._effects.append(effect)

    def note(
        self, now: float, kind: str, text: str, code: str | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        """Write a line into the timeline."""
        at_ms = round((now - self._arrived) * 1000, 1)
        self.do(Note(TimelineEvent(at_ms, kind, text, code, data or {})))

    def take(self) -> list[Effect]:
        """Return what was gathered, and begin anew."""
        effects, self._effects = self._effects, []
        return effects

    def date(self, moment: float) -> datetime:
        """Return the time of day of a monotonic moment."""
        return self.arrival.at + timedelta(seconds=moment - self._arrived)


def _told(arrival: Arrival) -> str:
    told = f"a call from {arrival.caller.raw or 'an anonymous caller'} through trunk {arrival.trunk}"
    if not arrival.passed_over:
        return told
    return f"{told}; its {arrival.passed_over} names no number, so {arrival.dialled_in} was read"


def _data_of(arrival: Arrival) -> dict[str, object]:
    """Return where the numbers of a call came from, and of what else it told only what is there."""
    known = {
        "passed_over": arrival.passed_over,
        "forwarded_from": arrival.forwarded_from,
        "verstat": arrival.verstat,
        "identity": list(arrival.signatures),
        "misfit": arrival.misfit.misfit.value if arrival.misfit else "",
        "unfit": arrival.misfit.text if arrival.misfit else "",
    }
    return {
        "source": arrival.source,
        "dialled": list(arrival.dialled),
        "dialled_in": arrival.dialled_in,
        "forms": list(forms_of(arrival.dialled, arrival.rules)),
        "caller_in": arrival.caller_in,
        **{name: value for name, value in known.items() if value},
    }
