"""The scenes of the demo: each is one call, with what is said in it and who judges what was heard."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from offhook.cli.demo.action_server import MELODY_PATH
from offhook.cli.demo.ear import hear_melody, hear_speech
from offhook.cli.demo.melody import MELODY
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import to_linear16
from offhook.serve import studio

FRIEND = "81312345678"
MINUTE_COST = 1
TALK_S = 10
SENTENCE = "Hello! This call was answered by Offhook. It asked a web server what to do, and was told to say this."
GREETING = "Hello, this is the callee. You were put through to me, and I hear you now."
MENU = "For our opening hours, press one. For everything else, press two."
HOURS = "You pressed a key. We are here from nine to five, says the web server that heard of it."
REPLY = "And this is the caller. I dialled another number than yours, and yet we talk to each other."

Judge = Callable[[bytes], str]
"""Takes what was heard (linear, 8 kHz) and says in a sentence what it was, or raises DemoFailed."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One call: who calls, what the action server answers, who judges what the caller heard, what it costs.

    `speech` (PCMU, 8 kHz) is what the caller says, and `overhears` judges what the callee heard of it if there is one.
    A scene may go on: the caller presses `keys`, and `then` are the further answers by the event that they are about.
    """

    name: str
    caller: str
    answer: str
    hears: Judge
    cost: int = MINUTE_COST
    speech: bytes = b""
    overhears: Judge | None = None
    keys: str = ""
    then: Mapping[str, str] = field(default_factory=dict)


def scenes(action_url: str) -> tuple[Scene, ...]:
    """Return the scenes in their order."""
    # The platform's own voice, asked here once more: what comes over the wire must be like it.
    sentence, greeting, reply, hours = (
        asyncio.run(studio.speak("en", text)) for text in (SENTENCE, GREETING, REPLY, HOURS)
    )
    return (
        Scene("say", "819011110001", f'say en "{SENTENCE}"', _knows(sentence)),
        Scene("playback", "819011110002", f"playback {action_url}{MELODY_PATH}", partial(hear_melody, melody=MELODY)),
        # The key interrupts the menu, which is heard as far as it came.
        Scene(
            "gather",
            "819011110004",
            f'gather say en "{MENU}" digits=1',
            _knows(hours, is_all=False),
            keys="1",
            then={"gather": f'say en "{HOURS}"'},
        ),
        # Both legs cost their own minute, and both sides talk at once.
        Scene(
            "transfer",
            "819011110003",
            f"transfer {FRIEND} max={TALK_S}",
            _knows(greeting),
            2 * MINUTE_COST,
            reply,
            _knows(reply),
        ),
    )


def _knows(speech: bytes, *, is_all: bool = True) -> Judge:
    return partial(hear_speech, expected=to_linear16(speech, Codec.PCMU), is_all=is_all)
