import pytest

from offhook.errors import SoundError
from offhook.serve import studio
from tones import RATE, mp3_of, tone

pytestmark = pytest.mark.peers


async def test_a_file_becomes_pcmu_of_its_length() -> None:
    pcmu = await studio.record(mp3_of(tone(440, 1.0)))
    assert len(pcmu) / RATE == pytest.approx(1.0, abs=0.2)


async def test_what_is_no_sound_is_refused() -> None:
    with pytest.raises(SoundError):
        await studio.record(b"<html>not found</html>")


async def test_a_text_is_read_the_same_way_twice() -> None:
    once, twice = await studio.speak("en", "Hello."), await studio.speak("en", "Hello.")
    assert once == twice
    assert len(once) > RATE / 4


async def test_a_language_that_is_not_installed_is_refused() -> None:
    with pytest.raises(SoundError):
        await studio.speak("tlh", "nuqneH")
