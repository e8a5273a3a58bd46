"""G.711 (ITU-T, 11/88) as tables: between its two laws and 16-bit samples, 8 kHz, mono.

All tables are drawn from the segments of the Recommendation when the module is loaded; frames are then
turned by `bytes.translate`, which is C. Samples in bytes are signed 16-bit, little endian.
"""

from collections.abc import Callable
from struct import unpack

from offhook.domain.sounds import Codec

SILENCE = {Codec.PCMU: b"\xff", Codec.PCMA: b"\xd5"}
"""The code of silence: the smallest positive value of each law."""


def _decode_ulaw(code: int) -> int:
    # Table 2: all bits are inverted; a bias of 33 (here of 16 bits: 132) makes the segments powers of two.
    inverted = ~code & 0xFF
    segment, step = inverted >> 4 & 7, inverted & 15
    magnitude = ((step << 3) + 132 << segment) - 132
    return -magnitude if inverted & 0x80 else magnitude


def _decode_alaw(code: int) -> int:
    # Table 1: the even bits are inverted; segments 0 and 1 have the same step.
    toggled = code ^ 0x55
    segment, step = toggled >> 4 & 7, toggled & 15
    magnitude = (step << 4) + 8 if segment == 0 else (step << 4) + 264 << segment - 1
    return magnitude if toggled & 0x80 else -magnitude


def _draw_ulaw() -> bytes:
    """Return the code of each sample from 0 to 32,767."""
    codes = b"".join(bytes([0xFF ^ segment << 4 ^ step]) * (8 << segment) for segment in range(8) for step in range(16))
    # The bias takes half of the first step; what lies beyond the last decision value is clipped to it.
    return codes[4:] + codes[-1:] * 132


def _draw_alaw() -> bytes:
    """Return the code of each sample from 0 to 32,767."""
    widths = (16, *(16 << segment for segment in range(7)))
    return b"".join(
        bytes([(0x80 | segment << 4 | step) ^ 0x55]) * width
        for segment, width in enumerate(widths)
        for step in range(16)
    )


def _with_negatives(positive: bytes) -> bytes:
    # Indexed by the sample's 16 bits: -1 has the magnitude of 0, as in the ITU's own tools (G.191).
    return positive + bytes(code & 0x7F for code in reversed(positive))


DECODE_ULAW = tuple(map(_decode_ulaw, range(256)))
DECODE_ALAW = tuple(map(_decode_alaw, range(256)))

_ENCODE_ULAW = _with_negatives(_draw_ulaw())
_ENCODE_ALAW = _with_negatives(_draw_alaw())


def encode_ulaw(sample: int) -> int:
    """Return the PCMU code of a sample from -32,768 to 32,767."""
    return _ENCODE_ULAW[sample & 0xFFFF]


def encode_alaw(sample: int) -> int:
    """Return the PCMA code of a sample from -32,768 to 32,767."""
    return _ENCODE_ALAW[sample & 0xFFFF]


ULAW_TO_ALAW = bytes(map(encode_alaw, DECODE_ULAW))
"""For `bytes.translate`: by way of the sample, so within one step of G.711's table 3."""

ALAW_TO_ULAW = bytes(map(encode_ulaw, DECODE_ALAW))
"""For `bytes.translate`: by way of the sample, so within one step of G.711's table 4."""

TRANSCODE = {Codec.PCMU: ULAW_TO_ALAW, Codec.PCMA: ALAW_TO_ULAW}
"""From one law to the other, by the law that is given."""

_DECODE = {Codec.PCMU: DECODE_ULAW, Codec.PCMA: DECODE_ALAW}
_ENCODE: dict[Codec, Callable[[int], int]] = {
    Codec.PCMU: _ENCODE_ULAW.__getitem__,
    Codec.PCMA: _ENCODE_ALAW.__getitem__,
}
# The low and the high byte of each code's sample.
_BYTES = {
    codec: (bytes(sample & 0xFF for sample in samples), bytes(sample >> 8 & 0xFF for sample in samples))
    for codec, samples in _DECODE.items()
}


def transcode(payload: bytes, source: Codec, target: Codec) -> bytes:
    """Return the payload in the other law, or as it is."""
    return payload if source is target else payload.translate(TRANSCODE[source])


def to_linear16(payload: bytes, codec: Codec) -> bytes:
    """Return the samples of a payload: two bytes for each of its codes."""
    low, high = _BYTES[codec]
    samples = bytearray(2 * len(payload))
    samples[::2] = payload.translate(low)
    samples[1::2] = payload.translate(high)
    return bytes(samples)


def from_linear16(samples: bytes, codec: Codec) -> bytes:
    """Return the codes of samples; an odd last byte is no sample and is left out."""
    count = len(samples) // 2
    return bytes(map(_ENCODE[codec], unpack(f"<{count}H", samples[: 2 * count])))
