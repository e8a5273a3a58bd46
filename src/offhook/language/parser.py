"""Text to script: every line is read, each tells its first mistake, and only a text without errors is a script."""

from dataclasses import dataclass

from offhook.language.actions import action_of
from offhook.language.errors import WrongText
from offhook.language.flow import unreachable
from offhook.language.grammar import MOST_ACTION_LINES, SHAPES, Verb
from offhook.language.problems import Code, Place, Problem, Severity
from offhook.language.script import Action, Script
from offhook.language.source import read
from offhook.language.statement import Statement
from offhook.language.tokens import Line, cut, is_action_line
from offhook.language.verbs import capitals, verb_in

_ASKING = frozenset({Verb.GATHER, Verb.REDIRECT})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text means and what is wrong with it; there is a script unless one of the problems is an error."""

    script: Script | None
    problems: tuple[Problem, ...]


def parse(source: str | bytes, *, platform_only: bool = False) -> Parsed:
    """Understand the text of an answer; whatever it holds, no exception leaves.

    `platform_only` is for a text that runs because no action server answers, such as a default
    action: nothing in it may ask one (`redirect`, `gather`, `next=`). The cost is linear in the
    length of the text, and there are at most a few problems a line.
    """
    reading = _Reading(platform_only)
    try:
        reading.read(read(source))
    except WrongText as wrong:
        reading.problems.append(wrong.problem)
    if any(problem.severity is Severity.ERROR for problem in reading.problems):
        return Parsed(None, tuple(reading.problems))
    script = Script(tuple(reading.actions), tuple(reading.lines), tuple(reading.columns))
    return Parsed(script, (*reading.problems, *unreachable(script)))


class _Reading:
    """The lines of one answer on their way to a script."""

    def __init__(self, platform_only: bool) -> None:
        self.actions: list[Action] = []
        self.lines: list[int] = []
        self.columns: list[int] = []
        self.problems: list[Problem] = []
        self._platform_only = platform_only

    def read(self, texts: list[str]) -> None:
        numbered = [(number, text) for number, text in enumerate(texts, 1) if is_action_line(text)]
        if not numbered:
            raise WrongText(
                Code.EMPTY_ANSWER,
                Place(1, 1),
                "the answer has no action",
                'answer with a line such as: say en "Hello"',
            )
        for index, (number, text) in enumerate(numbered):
            if index == MOST_ACTION_LINES:
                raise _too_many_lines(number, text, len(numbered))
            try:
                self._line(cut(number, text), is_first=index == 0)
            except WrongText as wrong:
                self.problems.append(wrong.problem)
                if wrong.problem.code is Code.UNCLOSED_QUOTE:
                    # What follows may be the rest of the text; to call it wrong would only confuse.
                    return

    def _line(self, line: Line, *, is_first: bool) -> None:
        verb = verb_in(line.verb)
        self.problems += capitals(line.verb, verb)
        if verb is Verb.REJECT and not is_first:
            raise WrongText(
                Code.NOT_FIRST,
                line.verb.place,
                '"reject" refuses a call that was not answered yet, so it stands first or not at all',
                "here the call ends with hangup",
            )
        if self._platform_only:
            _refuse_asking(line, verb)
        statement = Statement(line, verb, SHAPES[verb].options)
        action = action_of(statement)
        self.problems += statement.warnings
        self.actions.append(action)
        self.lines.append(line.number)
        self.columns.append(line.verb.place.column)


def _too_many_lines(number: int, text: str, count: int) -> WrongText:
    content = text.strip(" \t")
    place = Place(number, text.index(content) + 1, len(content))
    sentence = f"the answer has {count:,} action lines; at most {MOST_ACTION_LINES} run"
    return WrongText(Code.TOO_MANY_LINES, place, sentence, "use redirect to go on with another answer")


def _refuse_asking(line: Line, verb: Verb) -> None:
    if verb in _ASKING:
        sentence = f'"{verb}" asks an action server, but this text runs when none answers'
        raise WrongText(Code.UNKNOWN_VERB, line.verb.place, sentence, "say or play something, or transfer the call")
    for option in line.options:
        if option.key.lower() == "next":
            sentence = "next= asks an action server, but this text runs when none answers"
            raise WrongText(Code.UNKNOWN_OPTION, option.place, sentence, "leave it out")
