"""What can go wrong at the command line itself."""

from collections.abc import Sequence

from offhook.errors import Codes, InputError, NotFoundError, OffhookError, SetupError


class Misuse(Codes):
    """What typer finds wrong with the words of a command line."""

    USAGE = "usage"


class FileUnusable(InputError):
    code = "file-unusable"


class NoCallYet(NotFoundError):
    """The latest call was wanted, and none has come."""

    code = "call-not-found"

    def __init__(self) -> None:
        super().__init__(
            "no call has come yet", hint="`offhook dial` is a caller; see `offhook doctor` if yours is lost"
        )


class LinesWrong(InputError):
    """Lines of a file keep all of it out; `details` names each."""

    code = "lines-wrong"

    def __init__(self, details: Sequence[str]) -> None:
        count = "1 line is wrong" if len(details) == 1 else f"{len(details)} lines are wrong"
        super().__init__("file", f"{count}; nothing was imported")
        self.details = tuple(details)


class ScriptWrong(InputError):
    """A phone's script cannot be understood; `details` draws each mistake under its line."""

    code = "script-wrong"

    def __init__(self, name: str, drawn: Sequence[str]) -> None:
        count = "1 line is wrong" if len(drawn) == 1 else f"{len(drawn)} lines are wrong"
        super().__init__("script", f"{name} is no script: {count}; nobody was called", hint="see docs/dialling.md")
        self.details = tuple(drawn)


class SoundUnknowable(InputError):
    """A sound that a script expects has nothing by which it could be recognised."""

    code = "sound-unknowable"


class SoundDeviceMissing(SetupError):
    """There is no microphone and loudspeaker that could be used."""

    code = "no-sound-device"


class RequestUnreadable(InputError):
    """What was given as a request is none."""

    code = "request-unreadable"

    def __init__(self, sentence: str, *, hint: str) -> None:
        super().__init__("request", sentence, hint=hint)


class NoAnswer(OffhookError):
    """An action server gave no answer that could be read."""

    code = "no-answer"


class CallAmbiguous(NotFoundError):
    code = "call-ambiguous"


class RecordingAmbiguous(NotFoundError):
    code = "recording-ambiguous"


class CodeUnknown(NotFoundError):
    """The catalogue has no such page; `meant` are codes that look like it."""

    code = "code-unknown"

    def __init__(self, written: str, meant: Sequence[str]) -> None:
        hint = f"did you mean {' or '.join(meant)}?" if meant else "`offhook explain` lists all codes"
        super().__init__(f"there is no code {written[:80]!r}", hint=hint)


class DemoFailed(OffhookError):
    code = "demo-failed"
