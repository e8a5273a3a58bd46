import numpy as np
import pytest
from numpy.typing import NDArray

from offhook.cli.demo.ear import hear_melody, hear_speech, likeness, power_share
from offhook.cli.demo.melody import MELODY, MELODY_FILE, Tone
from offhook.cli.errors import DemoFailed
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import to_linear16
from offhook.serve import studio
from tones import RATE, tone

TONES = (Tone(440, 0.5), Tone(880, 0.5))


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * RATE), np.int16)


def linear(*parts: NDArray[np.int16]) -> bytes:
    return np.concatenate(parts).astype("<i2").tobytes()


def noise(seconds: float, seed: int) -> NDArray[np.int16]:
    """Make something that is as irregular as speech and never the same twice."""
    chance = np.random.default_rng(seed)
    loudness = np.repeat(chance.uniform(0, 1, round(seconds * 10)), RATE // 10)
    return (chance.normal(0, 4000, len(loudness)) * loudness).astype(np.int16)


def test_the_right_tones_are_heard_wherever_they_begin() -> None:
    heard = linear(silence(0.3), tone(440, 0.5), tone(880, 0.5), silence(0.7))
    assert hear_melody(heard, TONES) == "1.0 s of melody: 440 Hz, 880 Hz"


@pytest.mark.parametrize(
    "heard",
    [
        linear(silence(2)),
        b"",
        linear(tone(440, 1.0)),
        linear(tone(880, 0.5), tone(440, 0.5)),
        linear(tone(440, 0.5)),
        linear(tone(440, 0.5), tone(880, 1.5)),
        linear(noise(1.0, 1)),
    ],
    ids=["silence", "nothing", "one tone", "the wrong order", "too short", "too long", "noise"],
)
def test_anything_else_is_not_the_melody(heard: bytes) -> None:
    with pytest.raises(DemoFailed):
        hear_melody(heard, TONES)


def test_the_same_speech_is_known_also_when_it_comes_late_and_damaged() -> None:
    said = noise(3.0, 1)
    damaged = said.copy()
    damaged[8000:8320] = 0
    sentence = hear_speech(linear(silence(0.513), damaged + tone(1000, 3.0, level=0.005), silence(1)), linear(said))
    assert sentence.startswith("3.0 s of speech, which correlates with the text by 0.9")


@pytest.mark.parametrize(
    "heard",
    [linear(noise(3.0, 2)), linear(silence(3)), b"", linear(noise(3.0, 1)[:8000])],
    ids=["other words", "silence", "nothing", "the beginning only"],
)
def test_anything_else_is_not_the_speech(heard: bytes) -> None:
    with pytest.raises(DemoFailed):
        hear_speech(heard, linear(noise(3.0, 1)))


@pytest.mark.parametrize("lag", [-700, -160, 0, 1, 4321])
def test_two_sounds_are_laid_over_each_other_to_the_sample(lag: int) -> None:
    said = noise(2.0, 3)
    heard = said[-lag:] if lag < 0 else np.concatenate([silence(lag / RATE), said])
    assert likeness(heard.tolist(), said.tolist()) == pytest.approx(1.0)


def test_a_pure_tone_holds_all_power_and_silence_none() -> None:
    assert power_share(tone(1000, 0.5).tolist(), 1000) == pytest.approx(1.0, abs=0.01)
    assert power_share(tone(1000, 0.5).tolist(), 1200) < 0.01
    assert power_share([0] * 100, 1000) == 0.0


async def test_the_melody_of_the_package_holds_its_tones() -> None:
    pcmu = await studio.record(MELODY_FILE.read_bytes())
    assert hear_melody(to_linear16(pcmu, Codec.PCMU), MELODY).startswith("3.")
