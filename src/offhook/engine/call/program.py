"""A script while it runs: where it stands and which of its sounds are ready."""

from collections.abc import Mapping

from offhook.domain.sounds import Beep
from offhook.language import Action, Gather, Playback, Say, Script, Voicemail

Sound = Say | Playback | Beep


class Program:
    """One script of one call; a new script makes a new program with a new serial."""

    __slots__ = ("_asked", "_failed", "_ready", "index", "is_last", "script", "serial")

    def __init__(self, script: Script, serial: int, *, is_last: bool) -> None:
        self.script = script
        self.serial = serial
        self.index = 0
        # Our own words: when they fail or end, nothing comes after them.
        self.is_last = is_last
        self._asked: set[str] = set()
        self._ready: set[str] = set()
        self._failed: dict[str, tuple[str, str]] = {}

    @property
    def key(self) -> str:
        """The name of the sound that the present action plays."""
        return f"{self.serial}:{self.index}"

    @property
    def action(self) -> Action | None:
        """The present action, None after the last one."""
        actions = self.script.actions
        return actions[self.index] if self.index < len(actions) else None

    @property
    def has_more(self) -> bool:
        """Whether an action comes after the present one."""
        return self.index + 1 < len(self.script.actions)

    @property
    def line(self) -> int:
        """The line of the answer on which the present action stood."""
        return self._line(self.index)

    @property
    def beep_key(self) -> str:
        """The name of the beep of the present action: its only sound, or the one behind the greeting."""
        has_greeting = isinstance(self.action, Voicemail) and self.action.greeting is not None
        return f"{self.key}:beep" if has_greeting else self.key

    def line_of(self, key: str) -> int:
        """The line on which the action stood whose sound `key` names."""
        return self._line(int(key.split(":")[1]))

    @property
    def sound(self) -> Sound | None:
        """What the present action lets the caller hear first."""
        return sound_of(self.action)

    @property
    def has_beep(self) -> bool:
        """Whether the beep of the present action is ready."""
        return self.beep_key in self._ready

    @property
    def is_ready(self) -> bool:
        """Whether the present action has all it needs to begin."""
        return self.sound is None or self.key in self._ready

    @property
    def failure(self) -> tuple[str, str] | None:
        """Code and text of why the present action's sound cannot be played."""
        return self._failed.get(self.key) or self._failed.get(self.beep_key)

    def advance(self) -> None:
        """Go to the next action."""
        self.index += 1

    def wanted(self) -> list[tuple[str, Sound]]:
        """Return the sounds to ask for now: the present one and the next, each once.

        The next is made ready while the present one plays, so that callers hear no gap.
        """
        found: list[tuple[str, Sound]] = []
        for index in range(self.index, len(self.script.actions)):
            sound = sound_of(self.script.actions[index])
            if sound is not None:
                key = f"{self.serial}:{index}"
                if key not in self._asked:
                    self._asked.add(key)
                    found.append((key, sound))
                if index > self.index:
                    break
            if index == self.index and isinstance(self.action, Voicemail) and self.beep_key not in self._asked:
                self._asked.add(self.beep_key)
                found.append((self.beep_key, Beep()))
        return found

    def ready(self, key: str) -> bool:
        """A sound can be played; False if nobody waits for it."""
        is_awaited = self._awaits(key)
        if is_awaited:
            self._ready.add(key)
        return is_awaited

    def failed(self, key: str, code: str, text: str) -> bool:
        """A sound cannot be played; False if nobody waits for it."""
        is_awaited = self._awaits(key)
        if is_awaited:
            self._failed[key] = (code, text)
        return is_awaited

    def _awaits(self, key: str) -> bool:
        """Tell whether this program asked for a sound and has not heard of it: the first word about it counts."""
        return key in self._asked and key not in self._ready and key not in self._failed

    def _line(self, index: int) -> int:
        return self.script.lines[index] if index < len(self.script.lines) else 1


def sound_of(action: Action | None) -> Sound | None:
    """Return the first sound of an action: its own, the prompt of a `gather`, the greeting of a `voicemail`."""
    match action:
        case Say() | Playback():
            return action
        case Gather(prompt):
            return prompt
        case Voicemail(greeting):
            return greeting or Beep()
        case _:
            return None


def own_words(texts: Mapping[str, str], language: str) -> Script:
    """Return what we ourselves say, in this language or else in English."""
    spoken = language if language in texts else "en"
    return Script((Say(spoken, texts[spoken]),), (1,))


def described(sound: Sound) -> str:
    """Return a sound in the timeline's words."""
    if isinstance(sound, Beep):
        return "a beep"
    return f"say {sound.language}: {sound.text}" if isinstance(sound, Say) else f"playback {sound.url}"
