"""Floats of a voice to 16 bit. Runs in the audio worker, and only for voices that bring numpy with them."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def pcm16(samples: Samples, full_scale: float) -> bytes:
    """Return PCM (signed 16 bit, native order); too loud is clipped, what is not a number is silence."""
    scaled: npt.NDArray[np.float64] = np.nan_to_num(np.asarray(samples, np.float64)) * (32768.0 / full_scale)
    return np.clip(scaled, -32768.0, 32767.0).astype(np.int16).tobytes()
