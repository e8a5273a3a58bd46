"""docs/timelines.md explains every kind of line that a timeline can have, and no others."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from offhook.domain.explanations import ADDED
from offhook.engine.media.audibility import Code

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "timelines.md"
SOURCES = ROOT / "src" / "offhook"

KIND = re.compile(r"[a-z]+(-[a-z]+)*")
WRITERS = {"note": 0, "_note": 0, "_fail": 0, "TimelineEvent": 1, "UseText": 1}
"""Functions that write a line, and before which of their arguments the kind does not stand."""
BY_A_VARIABLE = {"default-action", "stranger-in-dialog", "refer-refused", *ADDED, *Code}
"""Kinds that a constant or a default names; each is written somewhere in the sources."""
OF_PHONES = {"phone.py", "received_call.py", "happenings.py"}
"""Test phones tell their own story, in sentences."""


def written() -> Iterator[str]:
    """Find the kinds in the calls of everything that writes a timeline."""
    for path in SOURCES.rglob("*.py"):
        if path.name in OF_PHONES:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (kind := kind_of(node)):
                yield from kinds_in(kind)


def kind_of(call: ast.Call) -> ast.expr | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in WRITERS:
        return None
    # `now` stands before the kind in the pure rooms.
    texts = [one for one in call.args[WRITERS[name] :] if isinstance(one, ast.Constant | ast.JoinedStr)]
    return texts[0] if texts and texts[0] in call.args[:2] else None


def kinds_in(kind: ast.expr) -> Iterator[str]:
    if isinstance(kind, ast.Constant) and isinstance(kind.value, str) and KIND.fullmatch(kind.value):
        yield kind.value
    elif isinstance(kind, ast.JoinedStr) and isinstance(end := kind.values[-1], ast.Constant):
        # What a party tells: the callee's has a prefix.
        name = ast.literal_eval(end)
        yield from (name, f"callee-{name}")


def explained() -> set[str]:
    """Return the kinds of the page's table; what is told of callees in a sentence counts too."""
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z]+(?:-[a-z]+)*)`", row.split("|")[1])}
    callees = {name for row in rows for name in re.findall(r"`(callee-[a-z-]+)`", row)}
    return named | callees | {f"callee-{code}" for code in Code}


def test_every_kind_is_explained_and_no_other() -> None:
    of_callees = {f"callee-{kind}" for kind in ("stranger-in-dialog", "refer-refused", *Code)}
    assert explained() == set(written()) | BY_A_VARIABLE | of_callees


def test_kinds_that_a_variable_names_are_in_the_sources() -> None:
    sources = "\n".join(path.read_text() for path in SOURCES.rglob("*.py"))
    assert [kind for kind in BY_A_VARIABLE if f'"{kind}"' not in sources] == []
