"""The ways in which a sound or a voice fails; the codes are those of ACTIONS.md.

The worker process tells a failure by its code alone; `by_code` makes the leaf of it again.
"""

from offhook.errors import SoundError


class SoundNotFound(SoundError):
    """The file host answered, but not with the file."""

    code = "sound-not-found"


class SoundNotAudio(SoundError):
    """The bytes are no sound that we play, or the voice could make none of the text."""

    code = "sound-not-audio"


class SoundTooLong(SoundError):
    """More bytes or more seconds than a sound may have."""

    code = "sound-too-long"


class SoundTimeout(SoundError):
    """The first second was not playable in time."""

    code = "sound-timeout"


class LanguageNotInstalled(SoundError):
    """No installed voice speaks the language, or none of the wished name does."""

    code = "language-not-installed"


class TextTooLong(SoundError):
    """More characters than `say` reads."""

    code = "text-too-long"


class WorkerDied(SoundError):
    """The audio worker died or had to be killed while it made this sound."""

    code = "worker-died"


class SoundNotKept(SoundError):
    """The cache folder could not be written: the operator's disk, not the customer's sound."""

    code = "sound-not-kept"


_LEAVES: dict[str, type[SoundError]] = {
    leaf.code: leaf
    for leaf in (
        SoundNotFound,
        SoundNotAudio,
        SoundTooLong,
        SoundTimeout,
        LanguageNotInstalled,
        TextTooLong,
        WorkerDied,
        SoundNotKept,
    )
}


def by_code(code: str, sentence: str) -> SoundError:
    """Return the leaf that has this code; a code that nobody knows is a worker out of its mind."""
    return _LEAVES.get(code, WorkerDied)(sentence)
