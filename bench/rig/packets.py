"""Ready-made RTP packets: 20 ms of G.711 each, sequence numbers in a row."""

from struct import pack

FRAME_BYTES = 160
FRAME_S = 0.02
SSRC = 0x0FF00C


def ready_made(seconds: float) -> list[bytes]:
    """Return the packets of so many seconds of a tone-less sound."""
    payload = bytes(range(FRAME_BYTES))
    count = int(seconds / FRAME_S)
    return [pack("!BBHII", 0x80, 0, n & 0xFFFF, n * FRAME_BYTES & 0xFFFFFFFF, SSRC) + payload for n in range(count)]
