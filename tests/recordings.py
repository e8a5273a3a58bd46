"""What callers said, fetched by its link as a customer does."""

import io
import wave
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray

from tones import RATE

FETCHED_WITHIN_S = 10


def samples(url: str) -> NDArray[np.int16]:
    """Fetch a recording and return its samples: 8 kHz, mono."""
    with urlopen(url, timeout=FETCHED_WITHIN_S) as response:
        body = response.read()
    with wave.open(io.BytesIO(body)) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")
