"""Action text to actions, with the platform's verdicts: the same codes at the same places, in words of its own.

Each line tells its first mistake, and only a text without errors runs. `read` never raises.
"""

from dataclasses import dataclass
from difflib import get_close_matches

from offhook_client.script import MOST_LINES
from offhook_client.testing.actions import Action, Gather, Hangup, Redirect, Reject, Transfer, Voicemail
from offhook_client.testing.cutting import Option, Word, cut
from offhook_client.testing.lines import VERBS, Line
from offhook_client.testing.problems import Problem, Wrong
from offhook_client.testing.sources import lines_of, lines_to_draw

RESERVED = "stream"
_ASKING = ("gather", "redirect")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer means. `actions` is empty if it cannot run; `lines` says on which line each one stands."""

    answer: bytes
    actions: tuple[Action, ...]
    lines: tuple[int, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Why it cannot run."""
        return tuple(problem for problem in self.problems if not problem.is_warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd, though it runs."""
        return tuple(problem for problem in self.problems if problem.is_warning)

    def drawn(self) -> str:
        """Draw all problems below their lines."""
        lines = lines_to_draw(self.answer)
        return "\n\n".join(problem.drawn(lines) for problem in self.problems)


def read(answer: bytes | str, *, may_ask: bool = True) -> Reading:
    """Read the text of an answer. A default action may not ask a server again: `may_ask=False`."""
    # A lone surrogate is let through here and told of as what it is: no UTF-8.
    content = answer.encode("utf-8", "surrogatepass") if isinstance(answer, str) else answer
    reader = _Reader(may_ask)
    try:
        reader.read(lines_of(content))
    except Wrong as wrong:
        reader.problems.append(wrong.on(1))
    if any(not problem.is_warning for problem in reader.problems):
        return Reading(content, (), (), tuple(reader.problems))
    reader.warn_of_what_is_never_reached()
    return Reading(content, tuple(reader.actions), tuple(line for line, _ in reader.verbs), tuple(reader.problems))


class _Reader:
    def __init__(self, may_ask: bool) -> None:
        self.actions: list[Action] = []
        self.verbs: list[tuple[int, Word]] = []
        self.problems: list[Problem] = []
        self._may_ask = may_ask

    def read(self, lines: list[str]) -> None:
        numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t")[:1] not in ("", "#")]
        if not numbered:
            raise Wrong("empty-answer", 1, 1, 'the answer has no action; answer with a line such as: say en "Hello"')
        for index, (number, line) in enumerate(numbered):
            if index == MOST_LINES:
                content = line.strip(" \t")
                what = f"the answer has {len(numbered):,} action lines; at most {MOST_LINES} run"
                raise Wrong("too-many-lines", line.index(content) + 1, len(content), what, line=number)
            try:
                self._line(number, line, is_first=index == 0)
            except Wrong as wrong:
                self.problems.append(wrong.on(number))
                if wrong.code == "unclosed-quote":
                    # What follows may be the rest of the text.
                    return

    def _line(self, number: int, text: str, *, is_first: bool) -> None:
        verb, words, options = cut(text)
        name = verb.text.lower()
        if name == RESERVED:
            raise verb.wrong("not-available-yet", f"{RESERVED} is reserved for a later version")
        if verb.is_quoted or name not in VERBS:
            near = get_close_matches(name[:20], VERBS, n=1)
            instead = f"did you mean {near[0]}?" if near else f"there is {', '.join(VERBS)}"
            if verb.is_quoted:
                instead = "answer with the bare line, out of quotes; is it sent as JSON?"
            raise verb.wrong("unknown-verb", f"there is no action {verb.text[:60]!r}; {instead}")
        if name != verb.text:
            self._warn(number, verb, "unknown-verb", f"actions are written in lower case: {name}")
        if name == "reject" and not is_first:
            raise verb.wrong("not-first", "reject refuses a call before it is answered: it is the first line")
        if not self._may_ask:
            _refuse_asking(name, verb, options)
        line = Line(name, text, words, options)
        action = line.action()
        for word in line.in_capitals:
            code = "unknown-verb" if word in words else "unknown-option"
            self._warn(number, word, code, f"written in lower case: {word.text.lower()}")
        self.actions.append(action)
        self.verbs.append((number, Word(name, verb.column, len(name))))

    def warn_of_what_is_never_reached(self) -> None:
        for action, (number, verb) in zip(self.actions, self.verbs[1:], strict=False):
            if _ends(action):
                self._warn(number, verb, "unreachable-line", "no call gets here: leave the line out, or move it up")
                return

    def _warn(self, number: int, word: Word, code: str, sentence: str) -> None:
        self.problems.append(Problem(code, number, word.column, word.length, sentence, is_warning=True))


def _ends(action: Action) -> bool:
    match action:
        case Hangup() | Reject() | Redirect() | Gather():
            return True
        case Voicemail() | Transfer():
            return action.next is not None
        case _:
            return False


def _refuse_asking(name: str, verb: Word, options: list[Option]) -> None:
    if name in _ASKING:
        raise verb.wrong("unknown-verb", f"{name} asks an action server, but this runs when none answers")
    for option in options:
        if option.key.text.lower() == "next":
            what = "next= asks an action server, but this runs when none answers"
            raise option.whole.wrong("unknown-option", what)
