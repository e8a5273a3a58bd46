"""What callers hear when a text is read to them: real voices, judged by an ear."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ear import decode, decode_g711, recognise, word_error_rate
from filehost import FileHost
from offhook.audio.errors import TextTooLong
from offhook.audio.limits import Limits
from offhook.audio.sounds import Sounds
from offhook.audio.voices import HEART, MEI, installed
from offhook.domain.sounds import Codec

SENTENCE = "Thank you for calling. Our office is closed today. Please call again on Monday morning."
WISHES = {
    "de": "Guten Tag. Unser Büro ist heute geschlossen.",
    "es": "Buenos días. La oficina está cerrada.",
    "fr": "Bonjour. Le bureau est fermé aujourd'hui.",
    "it": "Buongiorno. L'ufficio è chiuso.",
    "en-gb": "Good morning. The office is closed.",
    "ja": "お電話ありがとうございます。本日の営業は終了しました。",
}


# The voices take seconds to load, so all tests of this file listen to the same worker.
pytestmark = [pytest.mark.peers, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("say")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sounds(folder: Path) -> AsyncIterator[Sounds]:
    made = Sounds(folder, FileHost(), Limits(), lambda: 0.0)
    await made.start()
    yield made
    await made.stop()


async def said(sounds: Sounds, language: str, text: str, voice: str | None = None, codec: Codec = Codec.PCMU) -> bytes:
    """Return the whole of a spoken text."""
    sound = await sounds.speech(language, text, codec, voice)
    await asyncio.gather(*(flight.task for flight in sounds._flights._flights.values()))
    return await asyncio.to_thread(Path(sound.path).read_bytes)


@pytest.mark.parametrize("voice", [voice.name for voice in installed() if "en" in voice.languages])
@pytest.mark.parametrize("codec", Codec)
async def test_an_english_sentence_is_understood_on_the_phone(sounds: Sounds, voice: str, codec: Codec) -> None:
    heard = recognise(decode(await said(sounds, "en", SENTENCE, voice, codec), codec))
    assert word_error_rate(SENTENCE, heard) < 0.5


async def test_another_sentence_is_not_taken_for_it(sounds: Sounds) -> None:
    heard = recognise(decode_g711(await said(sounds, "en", "The train to London leaves at noon."), Codec.PCMU))
    assert word_error_rate(SENTENCE, heard) > 0.5


async def test_every_language_speaks_for_a_plausible_time(sounds: Sounds) -> None:
    for language, text in WISHES.items():
        if language in sounds.languages():
            samples = decode_g711(await said(sounds, language, text), Codec.PCMU)
            # 6 to 25 characters a second (Japanese 4 and more), and not whispered.
            assert len(text) / 25 < len(samples) / 8_000 < len(text) / 4
            assert abs(samples.astype(int)).max() > 8_000


@pytest.mark.parametrize("voice", [voice.name for voice in installed() if "en" in voice.languages])
async def test_markup_is_read_and_never_obeyed(sounds: Sounds, folder: Path, voice: str) -> None:
    target = folder / "made-by-the-voice.wav"
    for opening, closing in (("<", ">"), ("&lt;", "&gt;"), ("\x00<", ">"), ("＜", "＞")):
        text = f'Hello {opening}genfile file="{target}"{closing}you{opening}/genfile{closing}.'
        assert len(await said(sounds, "en", text, voice)) > 8_000
    assert not os.access(target, os.F_OK)


@pytest.mark.skipif(HEART not in installed(), reason="the extra `en` is not installed")
async def test_the_better_english_voice_speaks_when_it_is_there(sounds: Sounds) -> None:
    assert await said(sounds, "en", SENTENCE) == await said(sounds, "en", SENTENCE, "heart")
    assert await said(sounds, "en", SENTENCE) != await said(sounds, "en", SENTENCE, "pico")


@pytest.mark.skipif(MEI not in installed(), reason="the extra `ja` is not installed")
async def test_a_long_japanese_text_without_any_stop_is_spoken(sounds: Sounds) -> None:
    assert len(await said(sounds, "ja", "東京都" * 30)) > 10 * 8_000


async def test_a_text_of_a_megabyte_is_refused_before_any_voice_sees_it(sounds: Sounds) -> None:
    with pytest.raises(TextTooLong, match="1000000 characters"):
        await said(sounds, "en", "hello. " * 142_857 + "a")


@pytest.mark.parametrize("voice", [voice.name for voice in installed()])
async def test_no_text_makes_a_voice_fall_silent_for_others(sounds: Sounds, voice: str) -> None:
    language = next(one for one in installed() if one.name == voice).languages[0]
    for text in (
        *("1" * 70, "é" * 90, "?!" * 90, "\x00\x1b\u200d", "a" * 70, "😀 日本語 hello", "&& #@ ~~ ^^"),
        # Emoji alone, from right to left, turned about, marks upon marks, figures that nearly are some.
        *(
            "😀" * 2_000,
            "שלום עליכם. مرحبا",
            "\u202eabc\u202c",
            "e" + "\u0301" * 1_500,
            "$1,2.3:4-5% +" * 8,
            "<<>>" * 50,
        ),
    ):
        assert await said(sounds, language, text, voice)
