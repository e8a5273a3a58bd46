"""What can be wrong with an answer, as values: a stable code, a place, a sentence and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from offhook.errors import Codes


class Code(Codes):
    """The stable codes of the text; action servers, tests and timelines may rely on them."""

    EMPTY_ANSWER = "empty-answer"
    LOOKS_LIKE_HTML = "looks-like-html"
    TOO_LONG = "too-long"
    TOO_MANY_LINES = "too-many-lines"
    NOT_UTF8 = "not-utf8"
    UNKNOWN_VERB = "unknown-verb"
    MISSING_ARGUMENT = "missing-argument"
    TOO_MANY_ARGUMENTS = "too-many-arguments"
    UNQUOTED_TEXT = "unquoted-text"
    UNCLOSED_QUOTE = "unclosed-quote"
    BAD_URL = "bad-url"
    BAD_NUMBER = "bad-number"
    UNKNOWN_LANGUAGE = "unknown-language"
    UNKNOWN_OPTION = "unknown-option"
    BAD_OPTION = "bad-option"
    NOT_FIRST = "not-first"
    NOT_AVAILABLE_YET = "not-available-yet"
    UNREACHABLE_LINE = "unreachable-line"
    TEXT_TOO_LONG = "text-too-long"
    SSML_NOT_ACCEPTED = "ssml-not-accepted"


class Severity(StrEnum):
    """An error leaves no script to run; a warning comes along with one."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line and column count from 1, column and length in characters."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it stands, a sentence that says what is wrong, and a hint what to do."""

    code: Code
    line: int
    column: int
    length: int
    sentence: str
    hint: str
    severity: Severity = Severity.ERROR


def problem_at(place: Place, code: Code, sentence: str, hint: str, severity: Severity = Severity.ERROR) -> Problem:
    """Tell a mistake at a place."""
    return Problem(code, place.line, place.column, place.length, sentence, hint, severity)
