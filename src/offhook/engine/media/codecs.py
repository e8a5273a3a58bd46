"""What all codecs that are spoken have in common: a byte for each tick of an RTP clock of 8,000 Hz, and a silence."""

from collections.abc import Iterable

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


def are_near(one: Codec, other: Codec) -> bool:
    """Whether one is the other, or is turned into it by a table: no decoder is needed."""
    return one is other or are_laws(one, other)


def preferred(own: Codec, spoken: Iterable[Codec], *, may_transcode: bool) -> list[Codec]:
    """Return what to offer to whom is to talk with somebody whose codec is `own`: that first, then what is near.

    What takes a decoder comes last, or not at all where no more may be transcoded: fewer fit then, and no call suffers.
    """
    by_preference = sorted(spoken, key=lambda codec: (codec is not own, not are_near(codec, own)))
    return [codec for codec in by_preference if may_transcode or are_near(codec, own)]
