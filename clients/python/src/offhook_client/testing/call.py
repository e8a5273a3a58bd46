"""A call that a test makes: its verbs are the caller's and the callee's, and each returns the call.

    call.hears("Welcome").presses("1").hears("One moment").rings("+81 3 1234 5678").callee("busy").hears("Sorry")

A verb that does not fit where the call stands fails the test, as does an answer that cannot be done.
"""

import math
import re
from typing import Self, TypeVar

from offhook_client.errors import BadValue
from offhook_client.prompts import Say
from offhook_client.testing.actions import Gather, Transfer, Voicemail
from offhook_client.testing.course import Course
from offhook_client.testing.flow import Flow, Standing, content_of
from offhook_client.testing.outcomes import Outcome, outcome_of
from offhook_client.testing.settings import digits_of
from offhook_client.words import KEYS

__tracebackhide__ = True

SHORTEST_MESSAGE_S = 1.0
RECORDING_URL = "https://recordings.invalid/1.wav"

Wanted = TypeVar("Wanted", Gather, Transfer, Voicemail)


class Call(Course):
    """One call, as far as it came. It stands where somebody has to do something, or it is over."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._listened = 0

    def hears(self, what: str | re.Pattern[str], *, lang: str | None = None) -> Self:
        """Expect a text, or the URL of a sound, that holds this, behind what was heard before."""
        for index, sound in enumerate(self._flow.heard[self._listened :], self._listened):
            is_found = what in content_of(sound) if isinstance(what, str) else what.search(content_of(sound))
            is_spoken = lang is None or (isinstance(sound, Say) and sound.lang == lang.lower())
            if is_found and is_spoken:
                self._listened = index + 1
                return self
        wanted = repr(what if isinstance(what, str) else what.pattern) + (f" in {lang}" if lang else "")
        rest = [content_of(sound) for sound in self._flow.heard[self._listened :]]
        heard = f"but {', '.join(map(repr, rest))}" if rest else "and nothing else"
        raise self._flow.failed(f"The caller does not hear {wanted}, {heard}.")

    def hears_nothing_more(self) -> Self:
        """Expect that all that was heard was named."""
        rest = [content_of(sound) for sound in self._flow.heard[self._listened :]]
        if rest:
            raise self._flow.failed(f"The caller hears more: {', '.join(map(repr, rest))}.")
        return self

    def presses(self, keys: str) -> Self:
        """Press keys when the call waits for them. Fewer than it takes are told after its time-out."""
        if not _are_keys(keys):
            raise BadValue(f"A caller presses some of {KEYS}, not {keys!r}. See presses_nothing().")
        wish = self._at(Standing.KEYS, Gather, f"The caller cannot press {keys}")
        digits, end, _ = keys[: wish.digits].partition(wish.finish)
        taken = len(digits) + len(end)
        late = f", of which {keys[taken:]!r} is too late" if keys[taken:] else ""
        self._flow.transcript.add("caller", f"presses {keys}{late}")
        self._flow.follow(wish.next, "gather", [("digits", digits)])
        return self

    def presses_nothing(self) -> Self:
        """Let the time for keys go by."""
        wish = self._at(Standing.KEYS, Gather, "The caller cannot be waited for")
        self._flow.transcript.add("caller", f"presses nothing for {wish.timeout} s")
        self._flow.follow(wish.next, "gather", [("digits", "")])
        return self

    def leaves_message(self, seconds: float = 5.0, *, url: str = RECORDING_URL) -> Self:
        """Speak after the beep. What is shorter than a second is no message; `url` is where it would be."""
        wish = self._at(Standing.MESSAGE, Voicemail, "The caller cannot leave a message")
        _check_duration(seconds)
        self._flow.transcript.add("caller", f"speaks for {seconds:g} s")
        self._kept(wish, [("recording_url", url)] if seconds >= SHORTEST_MESSAGE_S else [])
        return self

    def leaves_no_message(self) -> Self:
        """Say nothing after the beep."""
        wish = self._at(Standing.MESSAGE, Voicemail, "The caller cannot keep silent")
        self._flow.transcript.add("caller", "says nothing")
        self._kept(wish, [])
        return self

    def hangs_up(self) -> Self:
        """Hang up. Nobody is asked any more."""
        if self.is_over:
            raise self._flow.failed("The caller cannot hang up: the call is over.")
        self._flow.end("caller hung up", "")
        return self

    def rings(self, *numbers: str) -> Self:
        """Expect that these numbers ring, and no others; how they are written does not matter."""
        wish = self._at(Standing.CALLEE, Transfer, f"{', '.join(numbers)} cannot ring")
        if [digits_of(number) for number in numbers] != list(wish.numbers):
            raise self._flow.failed(f"Not {', '.join(numbers) or 'nobody'} but {', '.join(self.ringing)} rings.")
        return self

    def callee(self, how: Outcome | int, number: str | None = None) -> Self:
        """Have the transfer come out so, or with a SIP code: 486 is busy, 480 nobody there, 603 declined.

        Who answers takes the call, and pressed the key for it if `confirm=1`. Of several who ring it is the first,
        unless `number` says who.
        """
        wish = self._at(Standing.CALLEE, Transfer, f"A callee cannot be {how!r}")
        if how != "answered":
            word, sip_code = outcome_of(how)
            self._flow.transcript.add("callee", word if sip_code is None else f"{word} ({sip_code})")
            self._flow.unreached(wish, word, sip_code)
            return self
        digits = wish.numbers[0] if number is None else digits_of(number)
        if digits not in wish.numbers:
            raise self._flow.failed(f"{number} cannot answer: it does not ring.")
        self._flow.connect(digits)
        return self

    def callee_hangs_up(self, after_s: float = 60.0) -> Self:
        """Have the callee hang up after it talked so long, or as long as the transfer may last."""
        wish = self._at(Standing.TALK, Transfer, "The callee cannot hang up")
        _check_duration(after_s)
        duration = math.ceil(after_s if wish.max is None else min(after_s, wish.max))
        self._flow.transcript.add("callee", f"hangs up after {duration} s")
        if wish.next is None:
            self._flow.end("callee hung up", "")
        else:
            self._flow.follow(wish.next, "transfer", [("transfer_status", "answered"), ("duration", str(duration))])
        return self

    def _kept(self, wish: Voicemail, result: list[tuple[str, str]]) -> None:
        if wish.next is None:
            self._flow.step()
        else:
            self._flow.follow(wish.next, "voicemail", result)

    def _at(self, standing: Standing, kind: type[Wanted], what: str) -> Wanted:
        line = self._flow.line
        if self._flow.standing is standing and isinstance(line, kind):
            return line
        raise self._flow.failed(f"{what}: {self._flow.standing.value}.")


def _are_keys(given: object) -> bool:
    # A digit is easily given as a number.
    return isinstance(given, str) and bool(given) and not set(given) - set(KEYS)


def _check_duration(seconds: float) -> None:
    if not 0 <= seconds < math.inf:
        raise BadValue(f"Nobody talks for {seconds} s.")
