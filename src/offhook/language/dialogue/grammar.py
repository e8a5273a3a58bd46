"""The grammar of a phone's script as tables: what a line can start with, on which side it stands, and every limit.

A line is `statement argument...`, separated by blanks; an argument with blanks is quoted. `for S` and `within S` stand
at the end, in any order.
"""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SCRIPT = 64 * 1024
"""In characters."""
MOST_STEPS = 200
LONGEST_S = 3_600.0
LOWEST_HZ, HIGHEST_HZ = 100, 3_800
"""What a line of 8 kHz carries."""
LONGEST_KNOWN_S = 60.0
MOST_KEYS = 64
KEYS = "0123456789*#ABCD"
LONGEST_CALLER = 64

DEFAULT_WITHIN_S = 10.0
RING_WITHIN_S = 120.0
"""How long an answer, or a refusal, is waited for unless the script says it."""
SILENT_WITHIN_S = 1.0
"""Silence is expected now, and not after whatever is said."""
DEFAULT_TONE_S = 0.2

BUSY, DECLINED = 486, 603
LEAST_REFUSAL, MOST_REFUSAL = 300, 699


class Side(StrEnum):
    """Who does what a script says: the phone that calls, or one that is called."""

    CALLER = "caller"
    CALLED = "called"


BOTH = frozenset(Side)
CALLER = frozenset({Side.CALLER})
CALLED = frozenset({Side.CALLED})


@dataclass(frozen=True, slots=True)
class Shape:
    """Which side may say it, how it is written, and a line that is right."""

    sides: frozenset[Side]
    usage: str
    example: str


SHAPES: dict[str, Shape] = {
    "call": Shape(CALLER, "call from NUMBER | call anonymous", "call from 819012345678"),
    "answer": Shape(CALLED, "answer [after S]", "answer after 2"),
    "be busy": Shape(CALLED, "be busy", "be busy"),
    "decline": Shape(CALLED, "decline", "decline"),
    "refuse": Shape(CALLED, "refuse STATUS", "refuse 480"),
    "never answer": Shape(CALLED, "never answer", "never answer"),
    "expect ringing": Shape(CALLER, "expect ringing [within S]", "expect ringing within 2"),
    "expect answer": Shape(CALLER, "expect answer [within S]", "expect answer within 10"),
    "expect busy": Shape(CALLER, "expect busy [within S]", "expect busy within 10"),
    "expect refused": Shape(CALLER, "expect refused [STATUS] [within S]", "expect refused 404"),
    "expect sound": Shape(BOTH, "expect sound [FILE | URL] [for S] [within S]", "expect sound hello.mp3 within 5"),
    "expect speech": Shape(BOTH, 'expect speech LANGUAGE "TEXT" [for S] [within S]', 'expect speech en "Hello"'),
    "expect tone": Shape(BOTH, "expect tone HZ [for S] [within S]", "expect tone 440 within 3"),
    "expect silence": Shape(BOTH, "expect silence for S [within S]", "expect silence for 1"),
    "expect keys": Shape(BOTH, "expect keys KEY... [within S]", "expect keys 1 within 5"),
    "expect hang up": Shape(BOTH, "expect hang up [within S]", "expect hang up within 5"),
    "press": Shape(BOTH, "press KEY... [by rfc4733 | info | inband]", "press 1 2 #"),
    "say": Shape(BOTH, 'say LANGUAGE "TEXT"', 'say en "Hello"'),
    "play": Shape(BOTH, "play FILE | URL", "play hello.wav"),
    "wait": Shape(BOTH, "wait S", "wait 2"),
    "silent": Shape(BOTH, "silent [S]", "silent 3"),
    "lose": Shape(BOTH, "lose P %", "lose 10 %"),
    "hold": Shape(BOTH, "hold [inactive]", "hold"),
    "resume": Shape(BOTH, "resume", "resume"),
    "hang up": Shape(BOTH, "hang up", "hang up"),
}
"""What a line can start with; a statement of two words is named by both, and `expect` has all that start so."""

OTHER_WORDS: dict[str, str] = {
    "busy": "be busy",
    "bye": "hang up",
    "dial": "call",
    "dtmf": "press",
    "gather": "expect keys",
    "hangup": "hang up",
    "hear": "expect sound",
    "listen": "expect sound",
    "loss": "lose",
    "pause": "wait",
    "pickup": "answer",
    "playback": "play",
    "reject": "decline",
    "ring": "never answer",
    "send": "press",
    "sleep": "wait",
    "speak": "say",
    "unhold": "resume",
}
"""What people write who come from elsewhere, and what they mean here."""
