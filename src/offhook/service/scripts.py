"""Scripts that the house itself keeps and runs: each is checked before it is kept."""

from collections.abc import Iterator

from offhook.errors import InputError
from offhook.language import SELF, Code, Gather, Script, Severity, Transfer, Voicemail, parse


def check_script(field: str, text: str) -> None:
    """Refuse a text that is no script, or asks an action URL where there is none; raises InputError (`field`)."""
    parsed = parse(text)
    for problem in parsed.problems:
        if problem.severity is Severity.ERROR:
            raise InputError(
                field, _placed(problem.code, problem.line, problem.column, problem.sentence), hint=problem.hint
            )
    assert parsed.script is not None, "what has no error is a script"
    for index, code, sentence in _asking(parsed.script):
        where = parsed.script.lines[index], parsed.script.columns[index]
        raise InputError(field, _placed(code, *where, sentence), hint="write next= with the URL to ask")


def _asking(script: Script) -> Iterator[tuple[int, Code, str]]:
    """Find the actions that ask the action URL itself, which rules stand in place of."""
    for index, action in enumerate(script.actions):
        match action:
            case Gather(next=None):
                yield index, Code.MISSING_ARGUMENT, "rules have no action URL that could be asked what the keys mean"
            case Gather(next="self") | Transfer(next="self") | Voicemail(next="self"):
                yield index, Code.BAD_OPTION, f"rules have no action URL, so next={SELF} is nobody"


def _placed(code: Code, line: int, column: int, sentence: str) -> str:
    return f"{code}, line {line}, column {column}: {sentence}"
