"""What telling of a call costs: the messages and lines of real calls, kept, masked and written once more by themselves.

All in this process, with the engine's own pieces. How the texts of lines are made is not in it.
"""

import json
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time, thread_time_ns

from bench.rig.ledger import FIRST_DIN, admit, open_ledger
from bench.rig.sip_calls import TRUNK
from bench.rig.sip_texts import HOST
from bench.rig.timing import ROUNDS, cpu_us

from offhook.domain.calls import TimelineEvent
from offhook.domain.sip_messages import SipMessage
from offhook.engine.net.dialogs import Dialogs
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.sip_trace import Traces
from offhook.engine.net.timeline import Timeline
from offhook.engine.sip.glances import call_id_in
from offhook.engine.sip.outputs import Invited, Output
from offhook.storage import Work
from offhook.storage.messages import unpack

TIMES = 1000
STORED_AT_ONCE = 64
"""As many as a busy node commits at once."""

_LATEST = """
SELECT call_events.events, call_events.messages FROM calls JOIN call_events USING (call_id)
WHERE calls.recipient = ? AND call_events.part = 0 ORDER BY calls.seq DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What is on record of one call; the sizes are those of the row, in bytes."""

    events: tuple[TimelineEvent, ...]
    messages: tuple[SipMessage, ...]
    events_bytes: int
    messages_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU microseconds a call: keeping what passes, noting lines, masking at the end, and writing the row."""

    keep_us: float
    note_us: float
    mask_us: float
    store_us: float

    @property
    def whole_us(self) -> float:
        return self.keep_us + self.note_us + self.mask_us + self.store_us


def latest(database: Path, recipient: str, most: int) -> list[Story]:
    """Read the latest calls of a number from a node's SQLite file."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = connection.execute(_LATEST, (recipient, most)).fetchall()
    finally:
        connection.close()
    return [
        Story(
            tuple(TimelineEvent(*line) for line in json.loads(events)),
            tuple(unpack(messages)),
            len(events.encode()),
            len(messages or b""),
        )
        for events, messages in rows
    ]


async def cost(story: Story) -> Cost:
    """Measure each piece by itself; a loop must run, as in a node."""
    return Cost(
        keep_us=cpu_us(partial(_keep, story), TIMES),
        note_us=cpu_us(partial(_note, story), TIMES),
        mask_us=_mask_us(story),
        store_us=await _store_us(story),
    )


def _keep(story: Story, _: int) -> None:
    traces = Traces()
    call_id = call_id_in(story.messages[0].data).decode()
    for place, message in enumerate(story.messages):
        traces.passes(message.at_ms, message.data, TRUNK, message.is_ours)
        if place == 0:
            traces.follow(call_id)
    traces.leave(call_id)


def _note(story: Story, _: int) -> None:
    timeline = Timeline(process_time)
    for event in story.events:
        timeline.note(event.kind, event.text, event.code, dict(event.data))


def _mask_us(story: Story) -> float:
    endpoint = Endpoint(
        host=HOST, port=0, name="bench", token=lambda: "bench", permits=lambda _data, _source: True, news=_unheard
    )
    try:
        invite = story.messages[0].data
        (invited,) = (
            output for output in endpoint.agent.receive(invite, TRUNK, HOST, 0.0) if isinstance(output, Invited)
        )
        for message in story.messages:
            endpoint.traces.passes(message.at_ms, message.data, TRUNK, message.is_ours)
        dialogs = Dialogs(endpoint)
        dialogs.follow(invited.leg)
        assert len(dialogs.messages(0.0, hides=False, withheld="")) == len(story.messages), "all of them are told"
        return cpu_us(lambda _: dialogs.messages(0.0, hides=False, withheld=""), TIMES)
    finally:
        endpoint.close()


async def _store_us(story: Story) -> float:
    rounds: list[float] = []
    async with open_ledger() as database:
        for _ in range(ROUNDS):
            calls = [await admit(database, str(FIRST_DIN)) for _ in range(STORED_AT_ONCE)]
            rounds.append(await database.write(partial(_stored_us, story=story, calls=calls)))
    return median(rounds)


def _stored_us(work: Work, story: Story, calls: list[str]) -> float:
    began = thread_time_ns()
    for call_id in calls:
        work.calls.close_timeline(call_id, story.events, story.messages)
    return (thread_time_ns() - began) / len(calls) / 1000


def _unheard(_output: Output) -> None:
    """Nobody listens."""
