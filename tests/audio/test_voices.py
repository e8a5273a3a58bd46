"""Who speaks what."""

import tomllib
from pathlib import Path

import pytest

from offhook.audio.errors import LanguageNotInstalled
from offhook.audio.voices import EN, HEART, JA, MEI, PICO, VOICES, Speaker, choose, edition, installed, languages
from offhook.cli.talk.portaudio import PACKAGE
from offhook.storage.errors import DRIVER


def test_the_best_voice_of_a_language_speaks_unless_another_is_named() -> None:
    assert choose("en", None, VOICES) == Speaker(HEART, "en")
    assert choose("en", "pico", VOICES) == Speaker(PICO, "en")
    assert choose("en", None, (PICO,)) == Speaker(PICO, "en")


@pytest.mark.parametrize(
    ("tag", "speaker"),
    [
        ("en-GB", Speaker(PICO, "en-gb")),
        ("en_us", Speaker(HEART, "en-us")),
        ("en-AU", Speaker(HEART, "en")),
        (" DE ", Speaker(PICO, "de")),
        ("de-at-1996", Speaker(PICO, "de")),
        ("ja-JP", Speaker(MEI, "ja")),
    ],
)
def test_a_region_that_nobody_speaks_falls_back_to_its_language(tag: str, speaker: Speaker) -> None:
    assert choose(tag, None, VOICES) == speaker


def test_a_missing_language_names_what_is_there_and_what_to_install() -> None:
    with pytest.raises(LanguageNotInstalled) as raised:
        choose("ja", None, (PICO,))
    assert raised.value.code == "language-not-installed"
    assert raised.value.sentence == (
        "the language 'ja' is not installed; installed are de, en, en-gb, en-us, es, fr, it; "
        "pip install 'pyopenjtalk-plus>=0.4.1' adds it"
    )


def test_a_language_that_no_voice_has_is_said_to_be_so() -> None:
    with pytest.raises(LanguageNotInstalled, match="no package of Offhook adds it"):
        choose("tlh", None, VOICES)


def test_a_missing_voice_is_named() -> None:
    with pytest.raises(
        LanguageNotInstalled, match=r"no voice 'heart' for the language 'en' .* 'onnxruntime==1.27.0' adds it"
    ):
        choose("en", "heart", (PICO,))


def test_without_any_voice_nothing_is_spoken() -> None:
    with pytest.raises(LanguageNotInstalled, match="installed are none"):
        choose("en", None, ())


def test_the_default_installation_speaks_five_languages() -> None:
    assert PICO in installed()
    assert {"en", "de", "es", "fr", "it"} <= set(languages(installed()))


def test_each_installed_voice_knows_its_edition() -> None:
    assert all(edition(voice) for voice in installed())


def test_what_is_to_be_installed_is_what_the_extras_name() -> None:
    """A checkout that runs is no distribution of this name, so pip is asked for the packages themselves."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]
    said = {"en": list(EN), "ja": list(JA), "postgres": [DRIVER], "talk": [PACKAGE]}
    assert said == {name: extras[name] for name in said}
