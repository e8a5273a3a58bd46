"""What a call does by itself: it asks, and runs lines until the caller or a callee has to do something.

Read `Flow.step` first. Nothing takes time here: a silence, a sound and a ringing are over at once.
"""

from enum import Enum
from typing import assert_never

from offhook_client.prompts import Playback, Say
from offhook_client.testing.actions import (
    SELF,
    Action,
    Gather,
    Hangup,
    Pause,
    Redirect,
    Reject,
    Transfer,
    Voicemail,
)
from offhook_client.testing.asking import Asking
from offhook_client.testing.failures import CallFailed, Failure
from offhook_client.testing.outcomes import Refusal, Unreached, told_as
from offhook_client.testing.reader import Reading, read
from offhook_client.testing.requests import Pairs
from offhook_client.testing.settings import Setting
from offhook_client.testing.sources import lines_to_draw
from offhook_client.testing.transcript import Transcript

# What fails is told at the test's own line.
__tracebackhide__ = True

MOST_REQUESTS = 50


class Standing(Enum):
    """What a call waits for."""

    KEYS = "it waits for keys"
    CALLEE = "it rings at the callee's"
    TALK = "caller and callee talk"
    MESSAGE = "it records a message"
    OVER = "it is over"
    BUSY = "it goes on by itself"


class Flow:
    """One call: where it stands, and all that happened."""

    def __init__(self, setting: Setting, asking: Asking, transcript: Transcript) -> None:
        self.setting = setting
        self.asking = asking
        self.transcript = transcript
        self.readings: list[Reading] = []
        self.failures: list[Failure] = []
        self.heard: list[Say | Playback] = []
        self.standing = Standing.BUSY
        self.line: Action | None = None
        self.is_answered = False
        self.transferred_to: str | None = None
        self.refused_as: Refusal | None = None
        self.ending = ""
        self._left: list[tuple[int, str, Action]] = []
        self._asked = 0
        self._question: tuple[str, Pairs] = ("incoming", ())

    def follow(self, url: str | None, event: str, result: Pairs = ()) -> None:
        """Ask with what came of an action; without a URL the action URL."""
        self._question = (event, result)
        self.standing = Standing.BUSY
        self._go(self.setting.url if url is None or url == SELF else url)

    def step(self) -> None:
        """Run the lines that are left, up to one that waits for somebody."""
        self.standing = Standing.BUSY
        while self._left:
            number, text, action = self._left.pop(0)
            self.line = action
            self.transcript.add(f"line {number}", text)
            match action:
                case Say() | Playback():
                    self._hears(action)
                case Pause():
                    self.is_answered = True
                case Gather(prompt):
                    self._hears(prompt)
                    return self._waits(Standing.KEYS)
                case Voicemail(greeting):
                    self._hears(greeting)
                    return self._waits(Standing.MESSAGE)
                case Transfer():
                    return self._waits(Standing.CALLEE)
                case Redirect(url):
                    return self._go(url)
                case Reject(reason) if not self.is_answered:
                    return self.refuse(reason)
                case Hangup() if not self.is_answered:
                    return self.refuse("unavailable")
                case Reject() | Hangup():
                    self._left.clear()
                case _:
                    assert_never(action)
        self.end("hung up", "the last line is done")
        return None

    def unreached(self, wish: Transfer, word: Unreached, sip_code: int | None) -> None:
        """Nobody answered: whoever is to be asked then is, or the lines that are left are for that case."""
        if wish.next is not None:
            code = [("sip_code", str(sip_code))] if sip_code is not None else []
            self.follow(wish.next, "transfer", [("transfer_status", word), *code])
        elif self._left or self.is_answered:
            self.step()
        else:
            self.refuse(told_as(word, sip_code))

    def connect(self, number: str) -> None:
        """A callee answered, and with it the caller is."""
        self.transferred_to = f"+{number}"
        self.transcript.add("callee", f"{self.transferred_to} answers")
        self.is_answered = True
        self.standing = Standing.TALK
        self._left.clear()

    def refuse(self, how: Refusal) -> None:
        """End the call unanswered."""
        self.refused_as = how
        self.end(f"refused: {how}", "the caller was never answered")

    def end(self, ending: str, why: str) -> None:
        """End the call."""
        self.ending = ending
        self.standing = Standing.OVER
        self.line = None
        self.transcript.add("over", f"{ending} ({why})" if why else ending)

    def failed(self, sentence: str) -> CallFailed:
        """Return what a test is told: the sentence, and the call so far."""
        return CallFailed(f"{sentence}\n\n{self.drawn()}")

    def drawn(self) -> str:
        """Return all that happened, and what is waited for."""
        so_far = self.transcript.drawn()
        is_waiting = self.standing not in (Standing.OVER, Standing.BUSY)
        return f"{so_far}\n  now      {self.standing.value}" if is_waiting else so_far

    def _hears(self, sound: Say | Playback | None) -> None:
        self.is_answered = True
        if sound is not None:
            self.heard.append(sound)

    def _waits(self, standing: Standing) -> None:
        self.standing = standing

    def _go(self, url: str) -> None:
        """Ask a URL what was asked last, or those who are there for when it fails, and do what comes back."""
        reading = self._obtain(url)
        self.readings.append(reading)
        lines = lines_to_draw(reading.answer)
        self._left = [
            (number, lines[number - 1].strip(), action)
            for number, action in zip(reading.lines, reading.actions, strict=True)
        ]
        for warning in reading.warnings:
            self.transcript.add("warning", warning.drawn(lines).removeprefix("warning "))
        self.step()

    def _obtain(self, url: str) -> Reading:
        if self._asked >= MOST_REQUESTS:
            raise self.failed(f"too-many-requests: the call has asked {MOST_REQUESTS} times, and may not ask again")
        came = self._ask(url, *self._question)
        fallback_url = self.setting.fallback_url
        if isinstance(came, Failure) and fallback_url is not None and self._asked < MOST_REQUESTS:
            came = self._ask(fallback_url, "fallback", [("reason", came.code)])
        if isinstance(came, Failure) and self.setting.default_action is not None:
            self.transcript.add("default", "the default action is done")
            return self.setting.default_action
        if isinstance(came, Failure):
            raise self.failed(f"The answer to event={self._question[0]} cannot be done.")
        return came

    def _ask(self, url: str, event: str, result: Pairs) -> Reading | Failure:
        self._asked += 1
        told = " ".join(f"{name}={value}" for name, value in [("event", event), *result])
        self.transcript.add("asks", f"{url} {told}")
        try:
            came = self.asking.ask(url, event, result)
        except CallFailed as failed:
            raise self.failed(str(failed)) from None
        except Exception as error:
            error.add_note(self.transcript.drawn())
            raise
        if isinstance(came, bytes):
            reading = read(came)
            if not reading.errors:
                return reading
            came = Failure(reading.errors[0].code, reading.drawn())
            self.transcript.add("failed", came.text)
        else:
            self.transcript.add("failed", f"{came.code}: {came.text}")
        self.failures.append(came)
        return came


def content_of(sound: Say | Playback) -> str:
    """Return what a caller hears: the text, or the URL of the sound."""
    return sound.text if isinstance(sound, Say) else sound.url
