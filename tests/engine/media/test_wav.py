"""The header of a WAV file, as Python's own reader understands it."""

import io
import wave

import pytest

from offhook.engine.media.wav import HEADER_SIZE, header


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 1), (8000, 2), (16000, 2)])
def test_a_reader_finds_rate_channels_and_samples(rate: int, channels: int) -> None:
    made = header(rate, channels, 400)
    assert len(made) == HEADER_SIZE
    with wave.open(io.BytesIO(made + bytes(400))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate, channels, 2)
        assert file.getnframes() == 200 // channels
