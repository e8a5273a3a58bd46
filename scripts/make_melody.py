"""Makes the melody that `offhook demo` plays: three tones as MP3. Run it after changing `MELODY`.

    .venv/bin/python scripts/make_melody.py

The tones and their lengths come from the demo, which checks that a caller hears them.
"""

from array import array
from math import pi, sin

import lameenc

from offhook.cli.demo.melody import MELODY, MELODY_FILE, Tone

RATE = 44_100
LOUDNESS = 0.4
FADE_S = 0.02
KBIT_S = 48


def samples_of(tone: Tone) -> "array[int]":
    """Return a sine wave that begins and ends softly: a hard edge would click, and clicks are every frequency."""
    count = round(tone.seconds * RATE)
    fade = round(FADE_S * RATE)

    def level(place: int) -> float:
        return LOUDNESS * min(1.0, place / fade, (count - 1 - place) / fade)

    return array("h", (round(32767 * level(place) * sin(2 * pi * tone.hz * place / RATE)) for place in range(count)))


def main() -> None:
    """Write the file."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(KBIT_S)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.silence()
    pcm = b"".join(samples_of(tone).tobytes() for tone in MELODY)
    MELODY_FILE.write_bytes(bytes(encoder.encode(pcm) + encoder.flush()))
    print(f"{MELODY_FILE}: {MELODY_FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
