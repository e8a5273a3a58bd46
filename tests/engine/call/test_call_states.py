"""Every input in every state: what moves a call, and what comes too early or too late to count."""

import pytest

from call_machine import ARRIVAL, FREE, HELLO, ROUTES, WAYS, Machine, deeds, refusal
from offhook.domain.calls import Reason
from offhook.domain.questions import Answer, Failure
from offhook.domain.routes import Unroutable
from offhook.engine.call import State
from offhook.engine.call.effects import (
    Admit,
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

LEFT = CallerLeft("the caller hung up")

INPUTS: dict[str, Input] = {
    "arrived": Arrived(ARRIVAL),
    "admitted": Decided(FREE),
    "refused": Decided(refusal(Reason.NO_CREDIT)),
    "told": Told(1, Answer(HELLO, ())),
    "rejected": Told(1, Answer(b"reject", ())),
    "failed": Told(1, Failure("timeout", "late")),
    "told late": Told(0, Answer(HELLO, ())),
    "media": MediaOpened(),
    "ready": Prepared("1:0", 1000),
    "not ready": NotPrepared("1:0", "sound-not-found", "it is gone"),
    "stale sound": Prepared("0:0", 1000),
    "stale failure": NotPrepared("0:0", "sound-not-found", "it is gone"),
    "played": Played("1:0"),
    "stale played": Played("0:0"),
    "message kept": MessageKept(3.0, "silent", "https://a.example/m.wav"),
    "pressed": Pressed("1"),
    "routed": Routed(2, ROUTES),
    "not routed": Routed(2, Unroutable(Reason.NO_ROUTE, "no trunk can send")),
    "callee rings": CalleeProgressed(1, 180, has_media=False),
    "callee sings": CalleeProgressed(1, 183, has_media=True),
    "callee answers": CalleeAnswered(1),
    "callee presses": CalleePressed(1, "1"),
    "callee declines": CalleeDeclined(1, 486, "Busy Here"),
    "callee moved": CalleeRedirected(1, 302, "Moved Temporarily", ()),
    "callee lost": CalleeLost(1, Reason.WORKER_DIED, "no media"),
    "callee refers": CalleeRefers(1, "+81399999999"),
    "callee left": CalleeLeft(1, "the callee hung up"),
    "stale callee": CalleeAnswered(7),
    "extended": Extended(1, True),
    "callee extended": Extended(2, True),
    "not extended": Extended(1, False),
    "left": LEFT,
    "lost": CallerLeft("no ACK came", Reason.NOT_CONFIRMED),
    "broken": Broken(Reason.WORKER_DIED, "it died"),
    "directed": Directed(HELLO.decode(), "boss"),
    "directed away": Directed("hangup", "boss"),
    "misdirected": Directed("playbak", "boss"),
    "completed": Completed("boss"),
    "recorded": Recorded(),
}

MOVED: dict[State, dict[str, State]] = {
    State.ARRIVED: {
        "admitted": State.ASKING,
        "refused": State.ENDING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.ASKING: {
        "directed": State.PREPARING,
        "directed away": State.ENDING,
        "completed": State.ENDING,
        "told": State.PREPARING,
        "rejected": State.ENDING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.PREPARING: {
        "directed away": State.ENDING,
        "completed": State.ENDING,
        "not ready": State.ASKING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.ACTING: {
        "completed": State.ENDING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.CONSULTING: {
        "directed": State.ACTING,
        "directed away": State.ACTING,
        "completed": State.ENDING,
        "not extended": State.ACTING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.CALLING: {
        "directed": State.PREPARING,
        "directed away": State.ENDING,
        "completed": State.ENDING,
        "callee answers": State.JOINED,
        "callee declines": State.ENDING,
        "callee moved": State.ENDING,
        "callee lost": State.ENDING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.JOINED: {
        "callee refers": State.ACTING,
        "directed": State.ACTING,
        "directed away": State.ACTING,
        "completed": State.ENDING,
        "callee left": State.ENDING,
        "not extended": State.ACTING,
        "left": State.ENDING,
        "lost": State.ENDING,
        "broken": State.ENDING,
    },
    State.ENDING: {"recorded": State.ENDED},
    State.ENDED: {},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", INPUTS)
def test_every_input_in_every_state(state: State, name: str) -> None:
    call = WAYS[state]()
    assert call.state is state
    effects = call.tell(INPUTS[name])
    assert call.state is MOVED[state].get(name, state)
    if call.state is not state and call.state is not State.ENDED:
        assert effects, "a move is always told"
    if state in (State.ENDING, State.ENDED):
        assert effects == []


@pytest.mark.parametrize("name", [name for name in INPUTS if name != "arrived"])
def test_nothing_counts_before_the_arrival(name: str) -> None:
    call = Machine()
    assert call.tell(INPUTS[name]) == []
    assert call.is_in(State.ARRIVED)
    assert deeds(call.tell(Arrived(ARRIVAL))) == [Admit(ARRIVAL)]


STALE = [
    "arrived",
    "admitted",
    "refused",
    "told late",
    "stale sound",
    "stale failure",
    "stale played",
    "stale callee",
    "not routed",
    "recorded",
]


@pytest.mark.parametrize("state", [State.ASKING, State.PREPARING, State.CALLING, State.ACTING, State.JOINED])
@pytest.mark.parametrize("name", STALE)
def test_stale_inputs_change_nothing(state: State, name: str) -> None:
    call = WAYS[state]()
    deadline = call.call.deadline()
    assert call.tell(INPUTS[name]) == []
    assert (call.state, call.call.deadline()) == (state, deadline)
