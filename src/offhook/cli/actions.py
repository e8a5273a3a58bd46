"""`offhook actions`: what an action server may answer."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.errors import FileUnusable, NoAnswer
from offhook.cli.options import Json, new_noun
from offhook.cli.output import show
from offhook.cli.trying import AllowPrivate, try_
from offhook.cli.verifying import verify_signature

if TYPE_CHECKING:
    from rich.text import Text

    from offhook.language import Problem

LARGEST_ANSWER = 1024 * 1024
"""More than the language takes, so that it is the language that says what is too long."""

_URL = re.compile(r"(?i:https?)://\S+")

app = new_noun("The language of action servers.")
app.command("try")(try_)
app.command("verify-signature")(verify_signature)


@app.command()
def lint(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT|FILE|URL|-", help="The answer itself, a file, a URL to ask, or - for stdin."),
    ],
    allow_private: AllowPrivate = False,
    as_json: Json = False,
) -> None:
    """Check what an action server would answer.

    Says what is wrong and where, or prints it as Offhook understands it. A URL is asked once, as for a call that
    comes in.
    """
    from offhook.language import Severity, draw, parse, write

    source = _asked(text, allow_private=allow_private) if _URL.fullmatch(text) else _source(text)
    parsed = parse(source)
    problems = parsed.problems
    canonical = None if parsed.script is None else write(parsed.script)
    is_ok = all(problem.severity is not Severity.ERROR for problem in problems)
    document = {
        "ok": is_ok,
        "script": canonical,
        "problems": [_document(problem, draw(problem, source)) for problem in problems],
    }
    drawings = [(problem, draw(problem, source)) for problem in problems]
    show(document, lambda: _drawn(drawings, canonical if is_ok else None), as_json=as_json)
    if not is_ok:
        raise typer.Exit(1)


def _asked(url: str, *, allow_private: bool) -> bytes:
    """Return what an action server answers to a call that comes in; raises NoAnswer."""
    import asyncio

    from offhook.cli.trying import ask_once
    from offhook.domain.questions import Failure

    answer = asyncio.run(ask_once(url, allow_private=allow_private))
    if isinstance(answer, Failure):
        hint = f"offhook explain {answer.code}; a server of your own is asked with --allow-private"
        raise NoAnswer(f"{answer.code}: {answer.text}", hint=hint)
    return answer.body


def _source(text: str) -> bytes:
    """Return the bytes to check: what an action server sends is bytes, and may be no text at all."""
    from offhook.cli.files import read_bytes

    path = Path(text)
    if text == "-" or _is_file(path):
        return read_bytes(path, at_most=LARGEST_ANSWER)
    # One word with a slash or a dot is no action: somebody means a file that is not there.
    if not any(character.isspace() for character in text) and ("/" in text or path.suffix):
        raise FileUnusable("file", f"there is no file {text!r}", hint="an action text is quoted as one argument")
    return text.encode("utf-8", "surrogateescape")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # Too long for a name, or with characters that no name has: a text.
        return False


def _document(problem: "Problem", drawn: str) -> dict[str, object]:
    return {
        "code": problem.code.value,
        "severity": problem.severity.value,
        "line": problem.line,
        "column": problem.column,
        "length": problem.length,
        "sentence": problem.sentence,
        "hint": problem.hint,
        "drawn": drawn,
    }


def _drawn(problems: "list[tuple[Problem, str]]", canonical: str | None) -> "Text":
    from rich.text import Text

    from offhook.language import Severity

    # A line that the terminal breaks by itself is still one line to whoever copies it.
    whole = Text(no_wrap=True, overflow="ignore")
    for problem, drawn in problems:
        sentence, line, carets = drawn.split("\n")
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        whole.append(f"{problem.severity}: ", style=f"bold {style}").append(f"{sentence}\n{line}\n")
        whole.append(f"{carets}\n", style=style)
    if canonical is not None:
        whole.append(canonical)
    whole.rstrip()
    return whole
