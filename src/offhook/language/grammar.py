"""The grammar as tables: the verbs, what may follow each, and every limit of the language.

A line is `verb argument... key=value...`, separated by blanks; an argument with blanks is quoted.
How words are cut is in `tokens`, what each argument must look like in `values`.
"""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_ANSWER_BYTES = 8 * 1024
MOST_ACTION_LINES = 10
LONGEST_TEXT = 2_000
LONGEST_URL = 2_000
LONGEST_VOICE = 64
MOST_NUMBERS = 10
SHORTEST_NUMBER = 7
LONGEST_NUMBER = 15
MOST_DIGITS = 20
KEYS = "0123456789*#"

DEFAULT_LOOP = 1
DEFAULT_RING_S = 30
DEFAULT_TIMEOUT_S = 5
DEFAULT_FINISH = "#"


class Verb(StrEnum):
    """What an action line can start with."""

    PLAYBACK = "playback"
    SAY = "say"
    TRANSFER = "transfer"
    VOICEMAIL = "voicemail"
    GATHER = "gather"
    PAUSE = "pause"
    REDIRECT = "redirect"
    REJECT = "reject"
    HANGUP = "hangup"


RESERVED = "stream"
"""A verb that will mean something one day, and must not be mistaken for a typing error until then."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole numbers that a value may be, both ends included."""

    least: int
    most: int

    def __contains__(self, number: int) -> bool:
        return self.least <= number <= self.most


LOOP = Whole(1, 100)
PAUSE_S = Whole(1, 60)
RING_S = Whole(5, 120)
DIGITS = Whole(1, MOST_DIGITS)
TIMEOUT_S = Whole(1, 60)
MAX_S = Whole(1, 4 * 60 * 60)


@dataclass(frozen=True, slots=True)
class Shape:
    """What may follow a verb: its options, how it is written, and a line that is right."""

    options: tuple[str, ...]
    usage: str
    example: str


SHAPES: dict[Verb, Shape] = {
    Verb.PLAYBACK: Shape(("loop",), "playback <url>", "playback https://example.com/hello.mp3"),
    Verb.SAY: Shape(("loop", "voice"), 'say <language> "<text>"', 'say en "Hello"'),
    Verb.TRANSFER: Shape(
        ("ring", "max", "from", "confirm", "next"), "transfer <number>[,<number>...]", "transfer +81-3-5550-0123"
    ),
    Verb.VOICEMAIL: Shape(
        ("max", "next"), "voicemail [say ... | playback ...]", 'voicemail say en "Please leave a message"'
    ),
    Verb.GATHER: Shape(
        ("digits", "timeout", "finish", "next"),
        "gather [say ... | playback ...]",
        'gather say en "Press one or two" digits=1',
    ),
    Verb.PAUSE: Shape((), "pause <seconds>", "pause 2"),
    Verb.REDIRECT: Shape((), "redirect <url>", "redirect https://example.com/next"),
    Verb.REJECT: Shape((), "reject [busy | declined | unavailable]", "reject busy"),
    Verb.HANGUP: Shape((), "hangup", "hangup"),
}

OTHER_WORDS: dict[str, Verb] = {
    "answer": Verb.SAY,
    "bye": Verb.HANGUP,
    "call": Verb.TRANSFER,
    "connect": Verb.TRANSFER,
    "decline": Verb.REJECT,
    "dial": Verb.TRANSFER,
    "disconnect": Verb.HANGUP,
    "dtmf": Verb.GATHER,
    "end": Verb.HANGUP,
    "forward": Verb.TRANSFER,
    "goto": Verb.REDIRECT,
    "hang": Verb.HANGUP,
    "input": Verb.GATHER,
    "message": Verb.SAY,
    "play": Verb.PLAYBACK,
    "read": Verb.SAY,
    "record": Verb.VOICEMAIL,
    "silence": Verb.PAUSE,
    "sleep": Verb.PAUSE,
    "speak": Verb.SAY,
    "talk": Verb.SAY,
    "tts": Verb.SAY,
    "wait": Verb.PAUSE,
}
"""What people write who come from elsewhere, and what they mean here."""
