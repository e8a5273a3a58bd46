"""What becomes of a message that a caller leaves."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from call_machine import ARRIVAL
from offhook.engine.call.effects import RecordMessage
from offhook.engine.call.inputs import MessageKept
from offhook.engine.net.clerk import Clerk
from offhook.engine.net.media_pool import MediaLeg
from offhook.engine.net.message_tape import SHORTEST_S, MessageTape
from offhook.engine.net.orders import RecordingEnded
from offhook.engine.net.ports import Blank
from offhook.engine.net.ports import Desk as AnyDesk
from offhook.engine.net.timeline import Timeline
from offhook.errors import OffhookError

WISH = RecordMessage(20.0, 6.0)


class Desk:
    """Notes what is done with recordings; away as long as `away` is above zero: each wish takes one off."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.done: list[str] = []

    def _do(self, what: str) -> None:
        if self.away:
            self.away -= 1
            raise OffhookError("the database is away")
        self.done.append(what)

    async def begin_recording(self, call_id: str) -> Blank:
        self._do(f"begin {call_id}")
        return Blank("m-1", "/recordings/m-1.wav")

    async def keep_recording(self, uid: str, seconds: float, size: int, code: str) -> str:
        self._do(f"keep {uid} {seconds} {size} {code}")
        return f"https://offhook.example/{uid}"

    async def drop_recording(self, uid: str, code: str) -> None:
        self._do(f"drop {uid} {code}")


@dataclass
class Media:
    """A leg that records; `seconds` is what is on the tape, None if nobody can tell."""

    seconds: float | None = 4.0
    records: list[tuple[str, float, float]] = field(default_factory=list)

    def record(self, path: str, *, longest_s: float, silence_s: float) -> None:
        self.records.append((path, longest_s, silence_s))

    async def stop_recording(self) -> RecordingEnded | None:
        await asyncio.sleep(0)
        return None if self.seconds is None else ended(self.seconds)


def ended(seconds: float, code: str = "stopped") -> RecordingEnded:
    return RecordingEnded("leg", "/recordings/m-1.wav", code, seconds, 1000)


class Room:
    """A tape, its desk and its media."""

    def __init__(self, seconds: float | None = 4.0, away: int = 0) -> None:
        self.desk = Desk(away)
        self.timeline = Timeline(lambda: 0.0)
        self.media = Media(seconds)
        self.tape = MessageTape(Clerk(cast(AnyDesk, self.desk), ARRIVAL, self.timeline))

    async def record(self) -> None:
        await self.tape.prepare()
        self.tape.begin(cast(MediaLeg, self.media), WISH)


async def test_a_message_has_its_place_before_it_is_recorded_and_is_kept_when_it_is_stopped() -> None:
    room = Room()
    await room.record()
    assert room.media.records == [("/recordings/m-1.wav", 20.0, 6.0)]
    assert await room.tape.stop() == MessageKept(4.0, "stopped", "https://offhook.example/m-1")
    assert room.desk.done == ["begin c-1", "keep m-1 4.0 1000 stopped"]
    assert await room.tape.stop() is None
    assert await room.tape.close() is None


async def test_one_that_ends_by_itself_is_kept_once() -> None:
    room = Room()
    await room.record()
    assert await room.tape.ended(ended(6.5, "silent")) == MessageKept(6.5, "silent", "https://offhook.example/m-1")
    assert await room.tape.ended(ended(6.5, "silent")) is None
    assert await room.tape.stop() is None


async def test_nothing_said_is_nothing_kept() -> None:
    room = Room(SHORTEST_S - 0.1)
    await room.record()
    kept = await room.tape.stop()
    assert kept is not None
    assert (kept.url, room.desk.done) == ("", ["begin c-1", "drop m-1 recording-empty"])


async def test_what_was_on_the_tape_of_a_recorder_that_died_is_in_its_file() -> None:
    room = Room(None)
    await room.record()
    assert await room.tape.stop() == MessageKept(0.0, "recorder-died", "")
    assert room.desk.done == ["begin c-1"], "it stays on record as begun, until somebody looks at its file"


async def test_a_call_that_ends_while_it_is_recorded_keeps_it() -> None:
    room = Room()
    await room.record()
    assert (await room.tape.close()) == MessageKept(4.0, "stopped", "https://offhook.example/m-1")


async def test_a_place_that_nobody_needed_is_given_back() -> None:
    room = Room()
    await room.tape.prepare()
    await room.tape.prepare()
    assert await room.tape.close() is None
    assert room.desk.done == ["begin c-1", "drop m-1 recording-empty"]


async def test_a_desk_that_is_away_has_no_place() -> None:
    with pytest.raises(OffhookError):
        await Room(away=1).tape.prepare()


async def test_a_desk_that_is_away_at_the_end_is_told_of_and_gives_no_url() -> None:
    room = Room()
    await room.record()
    room.desk.away = 1
    assert await room.tape.stop() == MessageKept(4.0, "stopped", "")
    assert [event.kind for event in room.timeline.events] == ["not-recorded"]
