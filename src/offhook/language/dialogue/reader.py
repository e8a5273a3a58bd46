"""Text to script: every line is read, each tells its first mistake, and only a text without one is a script."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from offhook.language.dialogue.grammar import LONGEST_SCRIPT, MOST_STEPS, OTHER_WORDS, SHAPES, Side
from offhook.language.dialogue.meanings import meaning_of
from offhook.language.dialogue.statements import Call, HangUp, NeverAnswer, Refuse, Script, Step
from offhook.language.dialogue.words import Words
from offhook.language.display import quoted
from offhook.language.errors import WrongText
from offhook.language.problems import Code, Place, Problem
from offhook.language.tokens import Line, cut, is_action_line

_BREAK = re.compile(r"\r\n|\r|\n")
_LAST = {HangUp: "hang up", NeverAnswer: "never answer", Refuse: "a refusal"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text means and what is wrong with it; there is a script unless there are problems."""

    script: Script | None
    problems: tuple[Problem, ...]


def parse(text: str, side: Side) -> Parsed:
    """Understand the script of a phone on one side of a call; whatever it holds, no exception leaves."""
    reading = _Reading(side)
    try:
        reading.read(text)
    except WrongText as wrong:
        reading.problems.append(wrong.problem)
    if reading.problems:
        return Parsed(None, tuple(reading.problems))
    return Parsed(Script(tuple(reading.steps)), ())


class _Reading:
    """The lines of one text on their way to a script."""

    def __init__(self, side: Side) -> None:
        self.steps: list[Step] = []
        self.problems: list[Problem] = []
        self._side = side
        self._count = 0
        self._last = ""

    def read(self, text: str) -> None:
        if len(text) > LONGEST_SCRIPT:
            sentence = f"the script has {len(text):,} characters; at most {LONGEST_SCRIPT:,} are read"
            raise WrongText(Code.TOO_LONG, Place(1, 1), sentence, "split it into several calls")
        for number, written in enumerate(_BREAK.split(text), 1):
            if not is_action_line(written):
                continue
            try:
                self._line(number, written)
            except WrongText as wrong:
                self.problems.append(wrong.problem)
        if not self._count:
            raise WrongText(
                Code.MISSING_ARGUMENT, Place(1, 1), "the script says nothing", "write a line such as: expect answer"
            )

    def _line(self, number: int, written: str) -> None:
        self._count += 1
        line = cut(number, written)
        if self._count == MOST_STEPS + 1:
            sentence = f"the script has more than {MOST_STEPS} lines that do something"
            raise WrongText(Code.TOO_MANY_LINES, line.verb.place, sentence, "split it into several calls")
        name = self._name(line)
        for option in line.options:
            sentence = f"{quoted(name)} has no options: {quoted(option.key)} and = are no words of it"
            raise WrongText(Code.UNKNOWN_OPTION, option.place, sentence, "what holds a = stands in quotes")
        words = Words(line, name, line.words[name.count(" ") :])
        statement = meaning_of(name, words)
        words.close()
        if isinstance(statement, Call) and self._count > 1:
            raise WrongText(Code.NOT_FIRST, line.verb.place, '"call" stands first or not at all', "move it to the top")
        if self._last:
            sentence = f"this is never reached: the call is over with {self._last}"
            # Once is enough, however many lines follow.
            self._last = ""
            raise WrongText(Code.UNREACHABLE_LINE, line.verb.place, sentence, "leave it out, or move it up")
        self._last = _LAST.get(type(statement), "")
        self.steps.append(Step(number, written.strip(" \t"), statement))

    def _name(self, line: Line) -> str:
        """Return which statement a line is, or raise `WrongText`."""
        said = [] if line.verb.in_quotes else [line.verb.text]
        following = [] if not said else [word.text for word in line.words[:2] if not word.in_quotes]
        starts = [" ".join(said + following[:count]) for count in (2, 1, 0)]
        name = next((start for start in starts if start in SHAPES), None)
        if name is None:
            raise self._unknown(line, starts)
        if self._side not in SHAPES[name].sides:
            who = "a phone that calls" if self._side is Side.CALLED else "a phone that is called"
            sentence = f"{quoted(name)} is for {who}, and this one is {self._whose()}"
            raise WrongText(Code.UNKNOWN_VERB, line.verb.place, sentence, f"there is {self._all()}")
        return name

    def _unknown(self, line: Line, starts: list[str]) -> WrongText:
        first = starts[-1]
        ours = [name for name, shape in SHAPES.items() if self._side in shape.sides]
        if continued := [name for name in ours if name.startswith(f"{first} ")]:
            # The first word is known, so the mistake is the second one.
            words = Words(line, continued[0], line.words)
            seconds = [name.removeprefix(f"{first} ") for name in continued]
            second = words.take(f"a second word: {' or '.join(seconds)}")
            near = seconds if len(seconds) == 1 else get_close_matches(second.text[:20], seconds, n=1)
            hint = f'did you mean "{first} {near[0]}"?' if near else f"there is {', '.join(continued)}"
            return WrongText(Code.UNKNOWN_VERB, second.place, f"there is no statement {quoted(starts[1])}", hint)
        meant = OTHER_WORDS.get(first.lower(), "")
        # Of two words that are known together the first may be the wrong one.
        near = [meant] if meant in ours else []
        for start in (starts[1], first):
            near = near or get_close_matches(start.lower()[:40], ours, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there is {self._all()}"
        return WrongText(Code.UNKNOWN_VERB, line.verb.place, f"there is no statement {quoted(line.verb.text)}", hint)

    def _whose(self) -> str:
        return "called" if self._side is Side.CALLED else "calling"

    def _all(self) -> str:
        return ", ".join(name for name, shape in SHAPES.items() if self._side in shape.sides)
