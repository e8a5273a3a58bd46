"""Action text that is written right, whatever it is made of: what an action server answers, or a default action.

    Script().say("en", "One moment.").transfer("+81-3-5550-0123", ring=20).voicemail().text

What the language cannot say is refused when it is added. Names are those of the action language.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

from offhook_client.prompts import Playback, Say
from offhook_client.script_errors import BadScript
from offhook_client.urls import url
from offhook_client.words import choice, key, number_list, option, url_or_self, whole

MOST_LINES = 10
LONGEST_TEXT_BYTES = 8 * 1024

LOOP, PAUSE_S, RING_S, MAX_S, DIGITS, TIMEOUT_S = (1, 100), (1, 60), (5, 120), (1, 14_400), (1, 20), (1, 60)


@dataclass(frozen=True, slots=True)
class Script:
    """Lines of actions. It never changes: each method returns a new script with one line more."""

    lines: tuple[str, ...] = ()
    _end: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """What to answer, as `text/plain` in UTF-8."""
        if not self.lines:
            raise BadScript("The script has no action. Add one, such as hangup().")
        return "\n".join(self.lines)

    def say(self, lang: str, text: str, *, loop: int | None = None, voice: str | None = None) -> Self:
        """Read a text aloud."""
        return self._with(Say(lang, text, loop, voice).line)

    def playback(self, url: str, *, loop: int | None = None) -> Self:
        """Play a sound."""
        return self._with(Playback(url, loop).line)

    def transfer(
        self,
        *numbers: str,
        ring: int | None = None,
        max: int | None = None,
        from_: Literal["caller", "recipient"] | None = None,
        confirm: bool = False,
        next: str | None = None,
    ) -> Self:
        """Call numbers, all at once, and join the first that answers. Later lines run if nobody does."""
        line = (
            f"transfer {number_list(numbers)}"
            + option("ring", whole("ring", ring, RING_S))
            + option("max", whole("max", max, MAX_S))
            + option("from", choice("from", from_, ("caller", "recipient")))
            + option("confirm", "1" if confirm else None)
            + option("next", url_or_self(next))
        )
        return self._with(line, end="transfer with next=" if next is not None else "")

    def voicemail(
        self, greeting: Say | Playback | None = None, *, max: int | None = None, next: str | None = None
    ) -> Self:
        """Greet, beep and record."""
        line = (
            "voicemail"
            + _prompt(greeting)
            + option("max", whole("max", max, MAX_S))
            + option("next", url_or_self(next))
        )
        return self._with(line, end="voicemail with next=" if next is not None else "")

    def gather(
        self,
        prompt: Say | Playback | None = None,
        *,
        digits: int | None = None,
        timeout: int | None = None,
        finish: str | None = None,
        next: str | None = None,
    ) -> Self:
        """Collect keys, then ask `next`, or the action URL, with them."""
        line = (
            "gather"
            + _prompt(prompt)
            + option("digits", whole("digits", digits, DIGITS))
            + option("timeout", whole("timeout", timeout, TIMEOUT_S))
            + option("finish", key("finish", finish))
            + option("next", url_or_self(next))
        )
        return self._with(line, end="gather")

    def pause(self, seconds: int) -> Self:
        """Be silent."""
        return self._with(f"pause {whole('pause', seconds, PAUSE_S)}")

    def redirect(self, target: str) -> Self:
        """Ask another URL what to do."""
        return self._with(f"redirect {url(target)}", end="redirect")

    def reject(self, reason: Literal["busy", "declined", "unavailable"] | None = None) -> Self:
        """Refuse the call, free of charge; the first line or none."""
        if self.lines:
            raise BadScript("reject refuses a call before it is answered: it is the first line. Use hangup() here.")
        said = choice("reject", reason, ("busy", "declined", "unavailable"))
        return self._with(f"reject {said}" if said else "reject", end="reject")

    def hangup(self) -> Self:
        """End the call."""
        return self._with("hangup", end="hangup")

    def _with(self, line: str, *, end: str = "") -> Self:
        if self._end:
            raise BadScript(f"No call gets to a line after {self._end}. Leave it out, or put it before.")
        lines = (*self.lines, line)
        if len(lines) > MOST_LINES:
            raise BadScript(f"More than {MOST_LINES} lines do not run. Go on at another URL with redirect().")
        size = len("\n".join(lines).encode())
        if size > LONGEST_TEXT_BYTES:
            raise BadScript(
                f"The script has {size:,} bytes; at most {LONGEST_TEXT_BYTES:,} are read. Shorten its texts."
            )
        return replace(self, lines=lines, _end=end)


def _prompt(prompt: Say | Playback | None) -> str:
    return "" if prompt is None else f" {prompt.line}"
