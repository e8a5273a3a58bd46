"""What the main process and an audio worker say to each other over their socketpair.

A frame is two big-endian 32-bit lengths, a JSON header and a body. The main process asks, the worker
answers; only `STEP` has an answer, so at most one answer is ever under way and a worker that
dies is known to have died of the job it was stepping.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import StrEnum

LENGTHS = struct.Struct(">II")
MAX_HEADER_BYTES = 4096


class Verb(StrEnum):
    """What the main process asks: take a sound to make, more of its bytes, or a WAV file to write as MP3; do the next
    piece of a job; forget it.
    """

    OPEN = "open"
    FEED = "feed"
    PRESS = "press"
    STEP = "step"
    CLOSE = "close"


class State(StrEnum):
    """How a job stands after a step."""

    MORE = "more"
    HUNGRY = "hungry"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """A wish. `OPEN` without a voice is a file to decode (body: its bytes), with one a text to speak (UTF-8).

    `is_partial` says that more bytes of the file follow by `FEED`.
    `PRESS` has a WAV file of ours as its body.
    """

    verb: Verb
    job: int
    voice: str = ""
    language: str = ""
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of one step; its body is the sound three times, equally long: as PCMU, as PCMA, as G722.

    Of a `PRESS` it is the next piece of the MP3.
    """

    state: State
    cpu_s: float = 0.0
    code: str = ""
    sentence: str = ""


def head(message: Request | Reply, body_bytes: int) -> bytes:
    """Return the beginning of a frame; its body follows."""
    header = json.dumps(asdict(message)).encode()
    return LENGTHS.pack(len(header), body_bytes) + header


def read_request(header: bytes) -> Request:
    """Read what the main process asks."""
    fields = json.loads(header)
    return Request(
        Verb(fields["verb"]),
        int(fields["job"]),
        str(fields["voice"]),
        str(fields["language"]),
        is_partial=bool(fields["is_partial"]),
    )


def read_reply(header: bytes) -> Reply:
    """Read a worker's answer; ValueError, KeyError or TypeError if a hostile sound made it talk nonsense."""
    fields = json.loads(header)
    return Reply(State(fields["state"]), float(fields["cpu_s"]), str(fields["code"]), str(fields["sentence"]))
