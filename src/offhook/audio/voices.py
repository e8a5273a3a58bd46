"""Who can speak what: the voices that Offhook knows, which of them are installed, and whom a `say` gets.

Nothing heavy is imported here; the main process asks too. The order of `VOICES` is the order of
preference. Measured on one core of the 2-core reference machine: heart makes 40 to 100 s of speech a
second (first sentence after 20 ms), pico 200 s, mei 17 s.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec

from offhook.audio.errors import LanguageNotInstalled


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice: the languages it speaks, the modules it needs, and where they come from.

    `packages` are those of an extra of `pyproject.toml`: a checkout that runs is nothing that pip knows by its name.
    """

    name: str
    languages: tuple[str, ...]
    modules: tuple[str, ...]
    distribution: str
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice with the language it is to speak."""

    voice: Voice
    language: str


EN = ("hibari-tts>=0.2,<0.3", "onnxruntime==1.27.0")
JA = ("pyopenjtalk-plus>=0.4.1",)
HEART = Voice("heart", ("en", "en-us"), ("hibari", "onnxruntime"), "hibari-tts", EN)
PICO = Voice("pico", ("en", "en-us", "en-gb", "de", "es", "fr", "it"), ("py_nanotts",), "py-nanotts")
MEI = Voice("mei", ("ja",), ("pyopenjtalk",), "pyopenjtalk-plus", JA)
VOICES = (HEART, PICO, MEI)


def installed() -> tuple[Voice, ...]:
    """Return the voices whose packages are there, best first."""
    return tuple(voice for voice in VOICES if all(find_spec(module) for module in voice.modules))


@cache
def edition(voice: Voice) -> str:
    """Return the version of a voice's package: another version speaks differently. Asked for every `say`."""
    return version(voice.distribution)


def languages(voices: Iterable[Voice]) -> tuple[str, ...]:
    """Return the languages that these voices speak, in alphabetical order."""
    return tuple(sorted({language for voice in voices for language in voice.languages}))


def choose(language: str, name: str | None, voices: tuple[Voice, ...]) -> Speaker:
    """Return who speaks a language tag such as `en`, `en-GB` or `de-at`; by name, if one is given.

    A region that nobody speaks falls back to the language (RFC 4647 section 3.4, lookup). Raises
    LanguageNotInstalled.
    """
    wished = language.strip().lower().replace("_", "-")
    for tag in _lookup(wished):
        for voice in voices:
            if tag in voice.languages and name in (None, voice.name):
                return Speaker(voice, tag)
    raise LanguageNotInstalled(_absence(wished, name, voices))


def _lookup(tag: str) -> list[str]:
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _absence(language: str, name: str | None, voices: tuple[Voice, ...]) -> str:
    said = f"the language {language!r} is not installed"
    if name is not None:
        said = f"no voice {name!r} for the language {language!r} is installed"
    absent = [
        voice
        for voice in VOICES
        if voice not in voices and name in (None, voice.name) and set(_lookup(language)) & set(voice.languages)
    ]
    cure = f"pip install {_quoted(absent[0].packages)} adds it" if absent else "no package of Offhook adds it"
    return f"{said}; installed are {', '.join(languages(voices)) or 'none'}; {cure}"


def _quoted(packages: Iterable[str]) -> str:
    return " ".join(f"'{package}'" for package in packages)
