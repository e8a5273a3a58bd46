"""Sounds and voices that could not be heard."""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.standing_in import afterwards
from offhook.domain.causes.story import Story, capital, ended, first_sentence, number_in, text_in, the_rest

_CURES = {
    "sound-not-found": "Put the file where the line says, or correct the URL; it must answer 200 to everybody.",
    "sound-not-audio": "Open the URL yourself: it must give the MP3, WAV, OGG or FLAC file, and no page around it.",
    "sound-too-long": "Give a file with an end: at most 20 MiB and 10 minutes. A radio station never ends.",
    "sound-timeout": "Keep the file on a faster host: its first second must be there within 5 s.",
    "text-too-long": "Say it in several lines.",
    "http-status": "Open the URL yourself: it must answer 200 with the file.",
}
_LOOK = "See the log of this node around the call."
_OTHER_SOUND = "which is not played"
_CONVERT = "Convert it: `ffmpeg -i FILE hello.mp3` makes an MP3."


def of_sound(story: Story, at: int) -> Cause | None:
    """Say why the sound failed that is told at a place; None if it was none of the script's."""
    event = story.events[at]
    sound, line = text_in(event.data, "sound"), number_in(event.data, "line")
    if not sound:
        return None
    code = event.code or "sound-failed"
    why, cure = first_sentence(event.text), the_rest(event.text) or _CURES.get(code, _LOOK)
    if _OTHER_SOUND in why:
        cure = _CONVERT
    if code == "language-not-installed":
        why, _, cure = why.partition("; ")
    _, _, url = sound.partition("playback ")
    named = f"Line {line}" if url and url in why else f"Line {line} ({sound})"
    return Cause(code, f"{named} could not be heard: {why}{afterwards(story, at)}.", ended(capital(cure)))
