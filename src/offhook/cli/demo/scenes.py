"""The scenes of the demo: each is one call, with what is said in it and who judges what was heard."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from offhook.cli.demo.action_server import MELODY_PATH
from offhook.cli.demo.ear import hear_melody, hear_speech
from offhook.cli.demo.melody import MELODY
from offhook.domain.sounds import BYTES_A_SECOND, Codec
from offhook.engine.media.g711 import SILENCE, to_linear16
from offhook.serve import studio

FRIEND = "81312345678"
MINUTE_COST = 1
TALK_S = 10
LONGEST_CALL_S = 20.0
BEEP_S = 1.5
"""From the end of a greeting until the caller speaks: the beep, and what it takes until it is heard."""
HANGS_UP_AFTER_S = 0.5
SENTENCE = "Hello! This call was answered by Offhook. It asked a web server what to do, and was told to say this."
GREETING = "Hello, this is the callee. You were put through to me, and I hear you now."
MENU = "For our opening hours, press one. For everything else, press two."
# No commas: how long the voice pauses at one varies with what it said before.
HOURS = "You pressed a key. The web server heard of it."
BOX = "Nobody is here. Please leave a message after the beep."
MESSAGE = "This is a message. It was recorded by the platform, and fetched from it."
REPLY = "And this is the caller. I dialled another number than yours, and yet we talk to each other."

Judge = Callable[[bytes], str]
"""Takes what was heard (linear, 8 kHz) and says in a sentence what it was, or raises DemoFailed."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One call: who calls, what the action server answers, who judges what the caller heard, what it costs.

    `speech` (PCMU, 8 kHz) is what the caller says, and `overhears` judges what the callee heard of it if there is one.
    It hangs up after `seconds`. `leaves` judges the message that it left, if it leaves one.
    A scene may go on: the caller presses `keys`, and `then` are the further answers by the event that they are about.
    """

    name: str
    caller: str
    answer: str
    hears: Judge
    cost: int = MINUTE_COST
    speech: bytes = b""
    overhears: Judge | None = None
    seconds: float = LONGEST_CALL_S
    leaves: Judge | None = None
    keys: str = ""
    then: Mapping[str, str] = field(default_factory=dict)


def scenes(action_url: str) -> tuple[Scene, ...]:
    """Return the scenes in their order."""
    # The platform's own voice, asked here once more: what comes over the wire must be like it.
    texts = (SENTENCE, GREETING, REPLY, HOURS, BOX, MESSAGE)
    sentence, greeting, reply, hours, box, message = (asyncio.run(studio.speak("en", text)) for text in texts)
    until_beep = SILENCE[Codec.PCMU] * (len(box) + round(BEEP_S * BYTES_A_SECOND))
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
        # The caller says nothing until the beep, and leaves by hanging up.
        Scene(
            "voicemail",
            "819011110005",
            f'voicemail say en "{BOX}"',
            _knows(box, is_all=False),
            speech=until_beep + message,
            seconds=(len(until_beep) + len(message)) / BYTES_A_SECOND + HANGS_UP_AFTER_S,
            leaves=_knows(message),
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
