"""A script from its file, with all sounds that it names made before anybody is called."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from offhook.cli.dialogue.ears import loud_part
from offhook.cli.errors import ScriptWrong, SoundUnknowable
from offhook.cli.files import STANDARD_INPUT, read_bytes, read_text
from offhook.cli.sound_files import LARGEST_SOUND
from offhook.engine.media.g711 import DECODE_ULAW
from offhook.errors import OffhookError
from offhook.language import draw
from offhook.language.dialogue import ExpectSound, FileSound, Script, Side, Sound, Speech, WebSound, parse
from offhook.language.dialogue.grammar import LONGEST_KNOWN_S
from offhook.serve.studio import Studio, open_studio

LARGEST_SCRIPT = 256 * 1024
"""In bytes: more than the language reads, so that it is the language that says so."""
RATE = 8_000


@dataclass(frozen=True, slots=True)
class Play:
    """A script that can be performed, with its sounds in PCMU, 8 kHz, mono."""

    script: Script
    sounds: Mapping[Sound, bytes]

    def known(self, wish: ExpectSound) -> "array[int]":
        """Return the samples by which a sound is recognised, without silence around them."""
        assert wish.sound is not None, "any sound is recognised by none"
        seconds = LONGEST_KNOWN_S if wish.for_s is None else wish.for_s
        return loud_part(_linear(self.sounds[wish.sound]))[: round(seconds * RATE)]


def read_script(path: Path, side: Side) -> Script:
    """Read a file, or standard input. Raises FileUnusable and ScriptWrong."""
    text = read_text(path, at_most=LARGEST_SCRIPT)
    parsed = parse(text, side)
    if parsed.script is None:
        raise ScriptWrong(_name(path), [draw(problem, text) for problem in parsed.problems])
    return parsed.script


async def make_ready(script: Script, path: Path) -> Play:
    """Read, fetch and speak all sounds; files are found beside the script.

    Raises FileUnusable, SoundError, ActionServerError, SoundUnknowable.
    """
    folder = Path() if path == STANDARD_INPUT else path.parent
    async with open_studio() as studio:
        sounds = {sound: await _make(studio, sound, folder) for sound in script.sounds}
    play = Play(script, sounds)
    for step in script.steps:
        match step.statement:
            case ExpectSound(sound=sound) as wish if sound is not None and not play.known(wish):
                sentence = f"line {step.line}: {step.text}: this sound is silent, so it cannot be recognised"
                raise SoundUnknowable("script", sentence, hint="expect silence for S, or another sound")
            case _:
                continue
    return play


async def _make(studio: Studio, sound: Sound, folder: Path) -> bytes:
    try:
        match sound:
            case FileSound(path):
                return await studio.record(read_bytes(folder / path, at_most=LARGEST_SOUND))
            case WebSound(url):
                return await studio.fetch(url)
            case Speech(language, text):
                return await studio.speak(language, text)
            case _:
                assert_never(sound)
    except OffhookError as error:
        # Which of a script's sounds it is nobody below knows.
        error.sentence = f"{_described(sound)}: {error.sentence}"
        raise


def _described(sound: Sound) -> str:
    match sound:
        case FileSound(path):
            return path
        case WebSound(url):
            return url
        case Speech(language, text):
            return f'{language} "{text}"'
        case _:
            assert_never(sound)


def _linear(pcmu: bytes) -> "array[int]":
    return array("h", map(DECODE_ULAW.__getitem__, pcmu))


def _name(path: Path) -> str:
    return "standard input" if path == STANDARD_INPUT else str(path)
