"""Whatever happens to a call, in whatever order: it ends once, is recorded once and never trips."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from call_machine import ARRIVAL, FREE, ROUTES, Machine, refusal
from offhook.domain.calls import Admission, Reason
from offhook.domain.questions import Answer, Failure
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.rules import TrunkRules
from offhook.engine.call import Limits, State
from offhook.engine.call.effects import (
    Admit,
    AnswerCall,
    Ask,
    AskToConfirm,
    Dial,
    ExtendHold,
    FindRoutes,
    HangUp,
    HangUpCallee,
    Join,
    Note,
    NoteAnswer,
    NoteCalleeAnswer,
    OpenMedia,
    Play,
    Prepare,
    Record,
    RecordMessage,
    Refuse,
    Ring,
    StopRecording,
)
from offhook.engine.call.inputs import (
    Arrived,
    Broken,
    CalleeAnswered,
    CalleeDeclined,
    CalleeLeft,
    CalleeLost,
    CalleePressed,
    CalleeProgressed,
    CalleeRedirected,
    CalleeRefers,
    CallerLeft,
    Completed,
    Decided,
    Directed,
    Extended,
    Input,
    MediaOpened,
    MessageKept,
    NotPrepared,
    Played,
    Prepared,
    Pressed,
    Recorded,
    Routed,
    Told,
)

FOLLOWING = replace(ROUTES, ways=(replace(ROUTES.ways[0], rules=TrunkRules(follows_redirects=True)),))
OVER = (State.ENDING, State.ENDED)

TEXTS = st.sampled_from(
    [
        b'say en "Hello"',
        b'say en "One" loop=2\npause 1\nplayback https://a.example/x.mp3\nsay en "Two"',
        b'pause 60\nsay en "Late"',
        b'say en "Bye"\nhangup\nsay en "Never"',
        b"reject declined",
        b"hangup",
        b"transfer 81312345678",
        b'transfer 81312345678 ring=5 from=caller max=60\nsay en "Sorry"',
        b'say en "Please wait"\ntransfer 81312345678 ring=120\ntransfer 81312345679 ring=5\nhangup',
        b"transfer 81312345678\npause 1",
        b"transfer 81312345678 max=60 next=self",
        b"transfer 81312345678 next=https://c.example/",
        b"transfer 81312345678,81312345679 ring=5",
        b"transfer 81312345678,81312345679,81312345670 confirm=1 max=60 next=self",
        b'transfer 81312345678 confirm=1\nsay en "Nobody"',
        b"redirect https://c.example/",
        b'say en "One"\nredirect https://c.example/',
        b"gather digits=2 timeout=1",
        b"voicemail",
        b'voicemail say en "Leave a message" max=5 next=self',
        b'say en "One"\nvoicemail playback https://a.example/x.mp3\nsay en "Two"',
        b'gather say en "Press" finish=* next=https://c.example/',
        b'transfer 81312345678\ngather say en "Nobody"',
        b"playbak",
        b"",
        b"\xff\x00",
    ]
)
KEYS = st.one_of(
    st.builds("{}:{}{}".format, st.integers(0, 4), st.integers(0, 3), st.sampled_from(["", ":beep"])),
    st.sampled_from(["", ":", "1", "one:two"]),
)
ENDS: list[Input] = [
    *(Decided(refusal(reason)) for reason in Reason),
    *(CallerLeft("the caller is gone", reason) for reason in (None, Reason.NOT_CONFIRMED)),
    *(Broken(reason, "it broke") for reason in Reason),
]
UNLIKELY = st.integers(0, 7).map(lambda chance: chance == 7)
"""Calls that all end at once have no life to look at."""

ADMISSIONS = st.builds(
    lambda url, fallback, default, cost, minutes: replace(
        FREE, action_url=url, fallback_url=fallback, default_action=default, minute_cost=cost, held_minutes=minutes
    ),
    st.sampled_from([None, "https://a.example/"]),
    st.sampled_from([None, "https://b.example/"]),
    st.sampled_from([None, 'say en "Later"', "reject", "playbak"]),
    st.sampled_from([0, 30_000]),
    st.integers(1, 3),
)


class AnyLife(RuleBasedStateMachine):
    """Tells a call everything that can be told, late, early, twice and out of turn."""

    @initialize(
        admission=ADMISSIONS,
        limits=st.sampled_from([Limits(), Limits(call_s=90.0), Limits(chain_s=3.0, goodbye_s=0.0, requests=3)]),
        begun=st.sampled_from([0, 1, 2, 3, 4, 5, 5, 6, 6, 7, 7]),
    )
    def arrive(self, admission: Admission, limits: Limits, begun: int) -> None:
        self.life = Machine(admission, limits)
        self.limits = limits
        self.has_media = False
        if begun > 0:
            self.life.tell(Arrived(ARRIVAL))
        if begun > 1:
            self.decide()
        if begun > 2 and self.life.is_in(State.ASKING):
            call_somebody = b'transfer 81312345678\ntransfer 81312345679 from=caller max=60\nsay en "Two"'
            self.life.say(b'say en "One"\nsay en "Two"' if begun < 6 else call_somebody)
        if begun > 3:
            self.open_media()
        if begun == 5 and self.life.sounds:
            self.life.make_ready(0)
        if begun > 5 and self.life.all(FindRoutes):
            self.life.tell(Routed(2, replace(ROUTES, minute_cost=30_000)))
        if begun > 6 and self.life.all(Dial):
            self.life.tell(CalleeAnswered(1))

    @rule()
    def arrive_again(self) -> None:
        self.life.tell(Arrived(ARRIVAL))

    @rule()
    def decide(self) -> None:
        self.life.tell(Decided(self.life.admission))

    @rule(serial=st.integers(0, 4), text=TEXTS)
    def answer(self, serial: int, text: bytes) -> None:
        self.life.tell(Told(serial, Answer(text, ())))

    @precondition(lambda self: self.life.is_in(State.ASKING) or self.life.is_in(State.CONSULTING))
    @rule(text=TEXTS)
    def answer_the_last_question(self, text: bytes) -> None:
        self.life.say(text)

    @rule(serial=st.integers(0, 4))
    def fail(self, serial: int) -> None:
        self.life.tell(Told(serial, Failure("connect-failed", "nobody listens")))

    @rule(text=TEXTS)
    def direct(self, text: bytes) -> None:
        self.life.tell(Directed(text.decode("latin-1"), "boss"))

    @rule(is_meant=UNLIKELY)
    def complete(self, is_meant: bool) -> None:
        if is_meant:
            self.life.tell(Completed("boss"))

    @rule()
    def open_media(self) -> None:
        self.has_media = True
        self.life.tell(MediaOpened())

    @rule(key=KEYS)
    def make_ready(self, key: str) -> None:
        self.life.tell(Prepared(key, 1000))

    @rule(key=KEYS)
    def fail_sound(self, key: str) -> None:
        self.life.tell(NotPrepared(key, "sound-not-found", "it is gone"))

    @precondition(lambda self: self.life.sounds)
    @rule(ready=st.sampled_from([True, True, False]), data=st.data())
    def hear_of_a_sound(self, ready: bool, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.life.sounds[::-1]))
        self.life.tell(Prepared(key, None) if ready else NotPrepared(key, "sound-timeout", "late"))

    @rule(key=KEYS)
    def play_out(self, key: str) -> None:
        self.life.tell(Played(key))

    @precondition(lambda self: self.life.all(Play))
    @rule()
    def play_out_the_last(self) -> None:
        self.life.finish()

    @rule(url=st.sampled_from(["", "https://a.example/m.wav"]))
    def keep_message(self, url: str) -> None:
        self.life.tell(MessageKept(3.0, "silent", url))

    @rule(digit=st.sampled_from("0*#A"))
    def press(self, digit: str) -> None:
        self.life.tell(Pressed(digit))

    @rule(leg=st.integers(1, 4), granted=st.booleans())
    def extend(self, leg: int, granted: bool) -> None:
        self.life.tell(Extended(leg, granted))

    @precondition(lambda self: self.life.all(FindRoutes))
    @rule(
        way=st.sampled_from(
            [replace(ROUTES, minute_cost=30_000), ROUTES, FOLLOWING, Unroutable(Reason.NO_ROUTE, "none")]
        ),
        leg=st.integers(0, 2),
    )
    def find_routes(self, way: Routes | Unroutable, leg: int) -> None:
        self.life.tell(Routed(max(2, self.life.all(FindRoutes)[-1].leg - leg), way))

    @precondition(lambda self: self.life.all(Dial))
    @rule(
        what=st.sampled_from(
            [
                lambda dial: CalleeProgressed(dial, 100, has_media=False),
                lambda dial: CalleeProgressed(dial, 180, has_media=False),
                lambda dial: CalleeProgressed(dial, 183, has_media=True),
                CalleeAnswered,
                CalleeAnswered,
                lambda dial: CalleePressed(dial, "1"),
                lambda dial: CalleePressed(dial, "2"),
                lambda dial: CalleeDeclined(dial, 486, "Busy Here"),
                lambda dial: CalleeDeclined(dial, 503, "Service Unavailable"),
                lambda dial: CalleeRedirected(dial, 302, "Moved Temporarily", ("+81399999999", "+81388888888")),
                lambda dial: CalleeLost(dial, Reason.WORKER_DIED, "it died"),
                lambda dial: CalleeRefers(dial, "+81399999999"),
                lambda dial: CalleeLeft(dial, "the callee hung up"),
            ]
        ),
        back=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def hear_of_the_callee(self, what: Callable[[int], Input], back: int) -> None:
        self.life.tell(what(self.life.all(Dial)[-1].dial - back))

    @rule(end=st.sampled_from(ENDS), is_meant=UNLIKELY)
    def end(self, end: Input, is_meant: bool) -> None:
        if is_meant:
            self.life.tell(end)

    @rule()
    def record(self) -> None:
        self.life.tell(Recorded())

    @rule(seconds=st.sampled_from([0.0, 0.2, 1.0, 4.9, 5.0, 18.0, 55.0]))
    def wait(self, seconds: float) -> None:
        self.life.wait(seconds)

    @rule(seconds=st.sampled_from([0.0, 5.0, 18.0, 60.0, 90.0, 20_000.0]), is_meant=UNLIKELY)
    def oversleep(self, seconds: float, is_meant: bool) -> None:
        if is_meant:
            self.life.oversleep(seconds)

    @invariant()
    def it_is_recorded_once_and_only_when_it_is_over(self) -> None:
        assert len(self.life.all(Record)) == (self.life.state in OVER)

    @invariant()
    def nothing_is_wanted_after_its_record(self) -> None:
        if records := self.life.all(Record):
            assert self.life.wanted[-1] is records[0]
            assert self.life.call.deadline() is None

    @invariant()
    def a_caller_is_answered_or_refused_and_hung_up_on_only_when_answered(self) -> None:
        kinds = [type(effect) for effect in self.life.wanted]
        for once in (Admit, AnswerCall, NoteAnswer, Refuse, HangUp, OpenMedia):
            assert kinds.count(once) <= 1
        assert not (Refuse in kinds and AnswerCall in kinds)
        for later in (HangUp, Play, ExtendHold):
            if later in kinds:
                assert kinds.index(AnswerCall) < kinds.index(later)
        if AnswerCall in kinds:
            assert Ring not in kinds[kinds.index(AnswerCall) :]
            assert self.has_media

    @invariant()
    def every_callee_is_hung_up_on_once_and_whoever_talks_talks_alone(self) -> None:
        up: set[int] = set()
        for effect in self.life.wanted:
            match effect:
                case Dial(dial):
                    assert dial not in up
                    up.add(dial)
                case HangUpCallee(dial):
                    assert dial in up
                    up.remove(dial)
                case Join(dial):
                    assert up == {dial}
                case NoteCalleeAnswer(_, dial) | AskToConfirm(dial):
                    assert dial in up
                case Record(ending):
                    assert not up
                    answered = sorted(note.leg for note in self.life.all(NoteCalleeAnswer))
                    assert [use.leg for use in ending.legs] == answered
                    assert len(set(answered)) == len(answered)
                case _:
                    pass

    @invariant()
    def only_sounds_that_were_asked_for_are_played(self) -> None:
        assert {play.key for play in self.life.all(Play)} <= {effect.key for effect in self.life.all(Prepare)}
        assert len(self.life.sounds) == len(set(self.life.sounds))

    @invariant()
    def one_message_is_recorded_at_a_time_and_only_of_an_answered_caller(self) -> None:
        is_recording = False
        for effect in self.life.wanted:
            match effect:
                case RecordMessage():
                    assert not is_recording
                    assert self.life.all(AnswerCall)
                    is_recording = True
                case StopRecording():
                    assert is_recording
                    is_recording = False
                case Note(event) if event.kind == "recorded":
                    is_recording = False
                case _:
                    pass

    @invariant()
    def no_call_asks_more_often_than_it_may(self) -> None:
        serials = [ask.serial for ask in self.life.all(Ask)]
        assert serials == list(range(1, len(serials) + 1))
        assert len(serials) <= self.limits.requests

    @invariant()
    def its_seconds_are_those_between_answer_and_end(self) -> None:
        if self.life.state in OVER:
            ending = self.life.ending
            if ending.answered_at is None:
                assert ending.seconds == 0.0
            else:
                assert abs((ending.ended_at - ending.answered_at).total_seconds() - ending.seconds) < 0.002
            assert ending.ended_at >= ARRIVAL.at

    def teardown(self) -> None:
        """Whatever was told: in the end the caller leaves, and the call is over."""
        if hasattr(self, "life"):
            self.life.tell(Arrived(ARRIVAL))
            self.life.tell(CallerLeft("the caller hung up"))
            self.life.tell(Recorded())
            assert self.life.is_in(State.ENDED)
            assert len(self.life.all(Record)) == 1


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
