"""How our answering phone takes a call, as one value."""

from collections.abc import Sequence
from dataclasses import dataclass

from offhook.domain.sounds import Codec
from offhook.engine.media.sdp import SPOKEN

BUSY = 486
RING_S = 0.5


@dataclass(frozen=True, slots=True)
class Manners:
    """What the phone does by itself; whatever it does not, its owner may do with the verbs of `ReceivedCall`.

    `answers_after_s` None: it only rings. `refusal`: the status (400 or more) that every call gets at once.
    `is_early`: it speaks while it rings, by 183 with a description. `speech` is PCMU, 8 kHz, mono. A phone that
    does not speak sends no RTP at all; one that `sends_from_elsewhere` sends it from a port that it does not name.
    """

    answers_after_s: float | None = RING_S
    refusal: int | None = None
    is_early: bool = False
    speech: bytes = b""
    speaks: bool = True
    codecs: Sequence[Codec] = SPOKEN
    sends_from_elsewhere: bool = False
