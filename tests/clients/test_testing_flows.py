"""The test kit follows a call as the platform's own machine does: the same questions, sounds and endings.

Both are given the same caller, callees and answers. The machine runs by `offhook.serve.rehearsal`, on a clock that is
made up and with sounds that are not; the kit has no clock at all.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from hypothesis import example, given
from hypothesis import strategies as st

from offhook.domain.calls import Caller, Ending
from offhook.domain.questions import Answer, Failure, Question
from offhook.language import Playback, Say
from offhook.serve.rehearsal import MESSAGE_URL, TALKS_S, Fate, Stagehands, Wish
from offhook_client.testing import Call, CallFailed, Phone
from offhook_client.testing.flow import MOST_REQUESTS

URL, FALLBACK_URL = "https://action.example/", "https://action.example/fallback"
NUMBER = "81312345678"
CALLER, RECIPIENT = "819012345678", "815012345678"

Asked = list[tuple[str, tuple[tuple[str, str], ...]]]


@dataclass(slots=True)
class Answers:
    """What an action server answers, one after the other and then from the beginning; None is a 404."""

    texts: Sequence[str | None]
    asked: Asked

    def next(self, url: str, parameters: Iterable[tuple[str, str]]) -> str | None:
        own = {"call_id", "trunk"}
        self.asked.append((url, tuple((name, value) for name, value in parameters if name not in own)))
        return self.texts[(len(self.asked) - 1) % len(self.texts)]


class Hands(Stagehands):
    """What is real in other rehearsals."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def ask(self, question: Question) -> Answer | Failure:
        text = self._answers.next(question.url, question.parameters)
        return Failure("http-status", "no", ()) if text is None else Answer(text.encode(), ())

    async def make(self, sound: Say | Playback) -> tuple[float, int]:
        return 0.0, 500


def application(answers: Answers) -> Callable[..., list[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        url = f"https://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        text = answers.next(url, parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        start_response("404 Not Found" if text is None else "200 OK", [])
        return [(text or "").encode()]

    return app


@dataclass(frozen=True, slots=True)
class World:
    """All that is given; each of `presses` is for one `gather`, and the last of `fates` stays."""

    texts: tuple[str | None, ...]
    presses: tuple[str, ...] = ()
    fates: tuple[Fate, ...] = (Fate.ANSWERED,)
    has_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `heard` and `answered` are None if the action server gave nothing to do in the end."""

    asked: Asked
    heard: list[str] | None
    answered: bool | None


async def on_the_machine(world: World) -> Outcome:
    answers = Answers(world.texts, [])
    wish = Wish(
        URL,
        Caller(CALLER, CALLER),
        RECIPIENT,
        fallback_url=FALLBACK_URL if world.has_fallback else None,
        presses=world.presses,
        fates=world.fates,
    )
    done = await Hands(answers).rehearse(wish)
    if any(step.kind in ("announcement", "chain-exhausted") for step in done.steps):
        return Outcome(answers.asked, None, None)
    heard = [step.text for step in done.steps if step.kind == "playing" and "beep" not in step.text]
    return Outcome(answers.asked, heard, was_answered(done.ending))


def was_answered(ending: Ending) -> bool:
    return ending.answered_at is not None


def in_the_kit(world: World) -> Outcome:
    answers = Answers(world.texts, [])
    with Phone() as phone:
        try:
            call = phone(
                application(answers),
                caller=CALLER,
                recipient=RECIPIENT,
                fallback_url="/fallback" if world.has_fallback else None,
            )
            live(call, list(world.presses), list(world.fates))
        except CallFailed:
            return Outcome(answers.asked, None, None)
    return Outcome(answers.asked, list(call.heard), call.is_answered)


def live(call: Call, presses: list[str], fates: list[Fate]) -> None:
    """Do what caller and callees do in a rehearsal."""
    while not call.is_over:
        match call.waits_for:
            case "keys":
                keys = presses.pop(0) if presses else ""
                call.presses(keys) if keys else call.presses_nothing()
            case "message":
                call.leaves_message(url=MESSAGE_URL)
            case "callee":
                call.callee((fates.pop(0) if len(fates) > 1 else fates[0]).value)
            case "talk":
                call.callee_hangs_up(TALKS_S)


PROMPTS = st.sampled_from(["", ' say en "Press"', " playback https://sounds.example/a.mp3"])
NEXT = st.sampled_from(["", " next=self", " next=https://action.example/b"])
LINES = st.one_of(
    st.sampled_from(
        [
            'say en "Hello"',
            "playback https://sounds.example/b.mp3 loop=2",
            "pause 1",
            "redirect https://action.example/c",
            "hangup",
            "reject declined",
            "playbak",
            "",
        ]
    ),
    st.builds("gather{}{}{}".format, PROMPTS, st.sampled_from(["", " digits=1", " digits=3 finish=*"]), NEXT),
    st.builds("voicemail{}{}{}".format, PROMPTS, st.sampled_from(["", " max=3"]), NEXT),
    st.builds("transfer {}{}{}".format, st.just(NUMBER), st.sampled_from(["", " max=4", " confirm=1"]), NEXT),
)
TEXTS = st.none() | st.lists(LINES, min_size=1, max_size=4).map("\n".join)
WORLDS = st.builds(
    World,
    st.lists(TEXTS, min_size=1, max_size=6).map(tuple),
    st.lists(st.text("0123456789*#", max_size=4), max_size=3).map(tuple),
    st.lists(st.sampled_from(Fate), min_size=1, max_size=3).map(tuple),
    st.booleans(),
)


@given(WORLDS)
@example(World(("redirect https://action.example/",)))
@example(World(("gather",), ("1#", "12", "")))
@example(World((None, "hangup"), has_fallback=True))
@example(World((None, None), has_fallback=True))
@example(World(("gather", None, "transfer 81312345678 next=self", None), has_fallback=True))
@example(World((f"transfer {NUMBER}",), fates=(Fate.BUSY,)))
@example(World((f"transfer {NUMBER}\nhangup",), fates=(Fate.REFUSED,)))
@example(World((f"pause 1\ntransfer {NUMBER} next=self", "reject"), fates=(Fate.ANSWERED,)))
def test_a_call_goes_as_it_does_on_the_platform(world: World) -> None:
    machine, kit = asyncio.run(on_the_machine(world)), in_the_kit(world)
    assert kit.asked == machine.asked
    assert kit.answered == machine.answered
    assert len(kit.heard or ()) == len(machine.heard or ())
    assert all(ours in theirs for ours, theirs in zip(kit.heard or (), machine.heard or (), strict=True))


def test_a_call_asks_fifty_times_and_no_more() -> None:
    world = World(("redirect https://action.example/",))
    assert len(in_the_kit(world).asked) == len(asyncio.run(on_the_machine(world)).asked) == MOST_REQUESTS
