"""What all codecs that are spoken have in common: a byte for each tick of an RTP clock of 8,000 Hz, and a silence."""

from offhook.domain.sounds import Codec
from offhook.engine.media import g711

SILENCE = {
    **g711.SILENCE,
    # G.722 has no code for nothing. This one, for ever, is the smallest step up and at once the smallest step down:
    # below -58 dB of full scale, whatever sounded before.
    Codec.G722: b"\xff",
}
"""The byte that is silence when it is repeated."""


def are_laws(one: Codec, other: Codec) -> bool:
    """Whether both are laws of G.711: a table turns one into the other, byte by byte."""
    return not (one.is_wideband or other.is_wideband)
