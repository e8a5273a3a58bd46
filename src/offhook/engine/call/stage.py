"""What the caller hears: one script at a time, line by line.

It asks for sounds ahead, plays what is ready and waits for what is not. How a line or a script
came out is returned as a value; what follows from it is the call's business.
"""

from dataclasses import asdict, dataclass
from enum import Enum, auto
from typing import assert_never

from offhook.domain.sounds import Beep, Making
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import Play, Prepare, RecordMessage, StopPlaying, StopRecording
from offhook.engine.call.gathering import Gathering
from offhook.engine.call.inputs import MessageKept
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.program import Program, Sound, described
from offhook.language import (
    Action,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    Say,
    Script,
    Transfer,
    Voicemail,
)

NOTHING = Script(())
FINISH = "#"
"""The key that ends a message."""


@dataclass(frozen=True, slots=True)
class Over:
    """The last line is done, and its last word was heard."""


@dataclass(frozen=True, slots=True)
class SoundFailed:
    """The present line's sound cannot be played."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Calls:
    """The present line calls somebody; `step` when that came to nothing."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class Gathered:
    """The present line has its keys; whoever is asked next is told of them. `url` None is the action URL."""

    url: str | None
    digits: str


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """The present line leaves it to another URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Left:
    """A message was left, or nothing was said; whoever is asked next is told where it is."""

    url: str
    recording_url: str


Outcome = Over | SoundFailed | Calls | Gathered | LeadsTo | Left


class Phase(Enum):
    """How far it came with a message."""

    GREETING = auto()
    BEEP = auto()
    RECORDING = auto()
    KEEPING = auto()


class Stage:
    """Runs one script; `set_up` puts another in its place."""

    __slots__ = ("_clocks", "_gathering", "_is_over", "_journal", "_limits", "_phase", "_program")

    def __init__(self, limits: Limits, clocks: Clocks, journal: Journal) -> None:
        self._limits = limits
        self._clocks = clocks
        self._journal = journal
        self._program = Program(NOTHING, 0, is_last=False)
        # The last line is done; only the silence after it is left.
        self._is_over = False
        # The keys of the present line, if it gathers any.
        self._gathering: Gathering | None = None
        # How far it came with the message that the present line takes, if it takes one.
        self._phase: Phase | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the present line has all that it needs to begin."""
        return self._program.is_ready

    @property
    def failure(self) -> SoundFailed | None:
        """Why the present line cannot begin, if that is known already."""
        return SoundFailed(*self._program.failure) if self._program.failure else None

    @property
    def action(self) -> Action | None:
        """The present line, None after the last."""
        return self._program.action

    @property
    def place(self) -> dict[str, object]:
        """Where the present line stands and what it wants to be heard, for the timeline."""
        sound = self._program.sound
        return {"line": self._program.line, "sound": described(sound)} if sound is not None else {}

    @property
    def has_more(self) -> bool:
        """Whether a line comes after the present one."""
        return self._program.has_more

    @property
    def is_closing(self) -> bool:
        """Whether nothing comes after what is heard now, so that no other words need to be put in its place."""
        return self._program.is_last or self._is_over

    def set_up(self, script: Script, now: float, *, is_last: bool) -> None:
        """Take a new script and ask for its first sounds; what was played goes on until `run`."""
        self._program = Program(script, self._program.serial + 1, is_last=is_last)
        self._is_over = False
        self._stop_listening()
        self._clocks.clear(Alarm.STEP)
        self.wait(now)

    def wait(self, now: float) -> None:
        """Wait for what the present line needs to begin; it has only so much time."""
        self._clocks.set(Alarm.SOUND, now + self._limits.sound_s)
        self._ask_ahead()

    def skip(self) -> None:
        """Go to the next line without doing it yet."""
        self._program.advance()

    def strike(self) -> None:
        """Take the script away: sounds that were asked for it count no more."""
        self._program = Program(NOTHING, self._program.serial, is_last=False)
        self._stop_listening()
        for alarm in (Alarm.SOUND, Alarm.STEP):
            self._clocks.clear(alarm)

    def run(self, now: float) -> Outcome | None:
        """Do the present line, or wait for its sound."""
        program = self._program
        action = program.action
        self._ask_ahead()
        if self.failure is not None:
            return self.failure
        if not program.is_ready:
            self._clocks.set(Alarm.SOUND, now + self._limits.sound_s)
            return None
        match action:
            case Voicemail() if self._phase is Phase.BEEP:
                self._play(Beep(), now)
            case Say() | Playback():
                self._play(action, now)
            case Gather():
                self._gather(action, now)
            case Voicemail(greeting):
                self._phase = Phase.GREETING if greeting else Phase.BEEP
                self._play(greeting or Beep(), now)
            case Redirect(url):
                self._clocks.clear(Alarm.SOUND)
                return LeadsTo(url)
            case Pause(seconds):
                self._journal.note(now, "pause", f"silence for {seconds} s", data={"line": program.line})
                self._clocks.set(Alarm.STEP, now + seconds)
            case Transfer():
                self._clocks.clear(Alarm.SOUND)
                return Calls(action)
            # The verbs behind `Hangup` never come here: `choice` and the grammar let none of them through.
            case None | Hangup() | Reject():
                self._is_over = True
                self._clocks.set(Alarm.STEP, now + self._limits.goodbye_s)
            case _:
                assert_never(action)
        return None

    def step(self, now: float) -> Outcome | None:
        """The present line is done: go on to the next, or end after the last silence."""
        if self._is_over:
            return Over()
        self._program.advance()
        return self.run(now)

    def played(self, key: str, now: float) -> Outcome | None:
        """The last packet of a sound was sent; only the present line's counts."""
        if self._phase is not None:
            return self._played_for_message(key, now)
        if key != self._program.key:
            return None
        if self._gathering is None:
            return self.step(now)
        self._await_key(now)
        return None

    def pressed(self, key: str, now: float) -> Outcome | None:
        """The caller pressed a key; the first one that a line gathers interrupts its prompt."""
        if self._phase is Phase.RECORDING and key == FINISH:
            self.stop_message(now)
        gathering = self._gathering
        if gathering is None:
            return None
        if Alarm.KEYS not in self._clocks:
            self._journal.do(StopPlaying())
        gathering.press(key)
        if gathering.is_complete:
            return self.gathered()
        self._await_key(now)
        return None

    def gathered(self) -> Outcome | None:
        """No more keys are waited for."""
        gathering, action = self._gathering, self._program.action
        if gathering is None or not isinstance(action, Gather):
            return None
        self._gathering = None
        self._clocks.clear(Alarm.KEYS)
        return Gathered(action.next, gathering.digits)

    def stop_message(self, now: float) -> None:
        """Have the recording ended, and wait for what has become of it."""
        if self._phase is Phase.RECORDING:
            self._phase = Phase.KEEPING
            self._journal.do(StopRecording())
            self._clocks.set(Alarm.MESSAGE, now + self._limits.sound_s)

    def message_kept(self, kept: MessageKept, now: float) -> Outcome | None:
        """The message is over: whoever is asked next is told, or the next line is done."""
        action = self._program.action
        if self._phase not in (Phase.RECORDING, Phase.KEEPING) or not isinstance(action, Voicemail):
            return None
        self._stop_listening()
        if action.next is not None:
            return Left(action.next, kept.url)
        return self.step(now)

    def message_is_late(self, now: float) -> Outcome | None:
        """Nobody has said what became of the recording."""
        if self._phase is Phase.RECORDING:
            self.stop_message(now)
            return None
        return self.message_kept(MessageKept(0.0, "", ""), now)

    def prepared(self, key: str, making: Making, now: float) -> bool:
        """A sound can be played; True if the present line waited for it."""
        if not self._program.ready(key):
            return False
        line = self._program.line_of(key)
        known = {name: value for name, value in asdict(making).items() if value is not None}
        self._journal.note(
            now, "sound-ready", f"the sound of line {line} is ready: {making}", data={"line": line, **known}
        )
        return key == (self._program.beep_key if self._phase is Phase.BEEP else self._program.key)

    def not_prepared(self, key: str, code: str, text: str) -> SoundFailed | None:
        """A sound cannot be played; one of a later line fails when its line is reached."""
        is_news = self._program.failed(key, code, text)
        is_present = key in (self._program.key, self._program.beep_key)
        return SoundFailed(code, text) if is_news and is_present else None

    def _play(self, sound: Sound, now: float) -> None:
        self._clocks.clear(Alarm.SOUND)
        self._journal.note(now, "playing", described(sound), data={"line": self._program.line})
        if isinstance(sound, Beep):
            self._journal.do(Play(self._program.beep_key, 1))
        else:
            self._journal.do(Play(self._program.key, sound.loop))

    def _played_for_message(self, key: str, now: float) -> Outcome | None:
        program, action = self._program, self._program.action
        assert isinstance(action, Voicemail), "a message is taken by the line that wants it"
        if self._phase is Phase.GREETING and key == program.key:
            self._phase = Phase.BEEP
            if program.failure is not None:
                return self.failure
            if program.has_beep:
                self._play(Beep(), now)
            else:
                self._clocks.set(Alarm.SOUND, now + self._limits.sound_s)
        elif self._phase is Phase.BEEP and key == program.beep_key:
            self._phase = Phase.RECORDING
            longest_s = min(action.max_s or self._limits.message_s, self._limits.message_s)
            ends = f"{FINISH} or {self._limits.silence_s:g} s of silence end it"
            text = f"recording the caller for at most {longest_s:g} s; {ends}"
            self._journal.note(now, "recording", text, data={"line": program.line})
            self._journal.do(RecordMessage(longest_s, self._limits.silence_s))
            self._clocks.set(Alarm.MESSAGE, now + longest_s + self._limits.sound_s)
        return None

    def _stop_listening(self) -> None:
        """Neither keys nor a message are waited for."""
        if self._phase is Phase.RECORDING:
            self._journal.do(StopRecording())
        self._gathering = self._phase = None
        self._clocks.clear(Alarm.KEYS)
        self._clocks.clear(Alarm.MESSAGE)

    def _gather(self, wish: Gather, now: float) -> None:
        self._clocks.clear(Alarm.SOUND)
        self._journal.note(now, "gather", _gathers(wish), data={"line": self._program.line})
        self._gathering = Gathering(wish)
        if wish.prompt is None:
            self._await_key(now)
        else:
            self._play(wish.prompt, now)

    def _await_key(self, now: float) -> None:
        action = self._program.action
        assert isinstance(action, Gather), "keys are waited for by the line that gathers them"
        self._clocks.set(Alarm.KEYS, now + action.timeout_s)

    def _ask_ahead(self) -> None:
        for key, sound in self._program.wanted():
            self._journal.do(Prepare(key, sound))


def _gathers(wish: Gather) -> str:
    keys = "one key" if wish.digits == 1 else f"up to {wish.digits} keys"
    return f"waiting for {keys}, {wish.finish} ends them, {wish.timeout_s} s for each"
