"""`offhook doctor`: what is the matter, and what to do about it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json
from offhook.cli.output import can_show, legible, show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from offhook.domain.diagnosis.findings import Finding
    from offhook.serve.diagnosis.doctor import Diagnosis

WARNED = 3
"""The exit status where there is no cross, but a warning; a cross is 1, and wrong usage 2."""

_SIGNS = {"good": "✓", "unknown": "?", "warning": "!", "bad": "✗"}
_PLAIN_SIGNS = {"good": "+", "unknown": "?", "warning": "!", "bad": "x"}
"""For a terminal whose letters have no tick and no cross."""
_STYLES = {"good": "green", "unknown": "dim", "warning": "yellow", "bad": "bold red"}


def doctor(
    number: Annotated[
        str | None, typer.Argument(metavar="NUMBER", help="A number of the pool, with its country code.")
    ] = None,
    allow_addresses: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR...", help="Other ones than the running node was started with."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is the matter with a number and with this machine, and what to do about it.

    The number's action server is asked as for a call, its sounds are fetched and its transfers judged; nobody is called
    and nothing is changed. Without a NUMBER the numbers with trouble are listed. The exit status is 1 if there is a
    cross, 3 if there are warnings only.
    """
    import asyncio
    from datetime import UTC, datetime
    from functools import partial

    from offhook.domain.diagnosis.findings import Verdict
    from offhook.serve import last_start
    from offhook.serve.diagnosis.doctor import examine

    digits = None if number is None else _digits(number)
    load = partial(last_start.load, allow_addresses=",".join(allow_addresses) if allow_addresses else None)
    found = asyncio.run(examine(digits, load=load, now=datetime.now(UTC)))
    show(_document(found), lambda: _drawn(found), as_json=as_json)
    if found.verdict is Verdict.BAD:
        raise typer.Exit(1)
    if found.verdict is Verdict.WARNING:
        raise typer.Exit(WARNED)


def _digits(given: str) -> str:
    from offhook.domain.numbers import LONGEST_DIN, is_digits, unadorned

    digits = unadorned(given).removeprefix("+")
    # No country code begins with a 0: it would be a national form, and nobody says of which country.
    if not is_digits(digits) or len(digits) > LONGEST_DIN or digits.startswith("0"):
        raise typer.BadParameter(
            "a number is its digits with the country code, as in +815012345678", param_hint="NUMBER"
        )
    return digits


def _document(found: "Diagnosis") -> dict[str, object]:
    number = None if found.number is None else _group(found.number.din, found.number.findings)
    return {
        "verdict": found.verdict.value,
        "number": number,
        "platform": [_one(finding) for finding in found.platform],
        "numbers": [_group(one.din, one.findings) for one in found.troubled],
    }


def _group(din: str, findings: "Iterable[Finding]") -> dict[str, object]:
    return {"number": din, "findings": [_one(finding) for finding in findings]}


def _one(finding: "Finding") -> dict[str, object]:
    return {
        "code": finding.code.value,
        "verdict": finding.verdict.value,
        "sentence": finding.sentence,
        "cure": finding.cure,
        "data": dict(finding.data),
    }


def _drawn(found: "Diagnosis") -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    everything = [*found.platform]
    parts: list[Text] = []
    if found.number is not None:
        everything += found.number.findings
        parts += _chapter(f"The number +{found.number.din}", found.number.findings)
    parts += _chapter("The platform", found.platform)
    for one in found.troubled:
        parts += _chapter(f"The number +{one.din}", one.findings)
    counts = {name: sum(finding.verdict.value == name for finding in everything) for name in _SIGNS}
    words = {"good": "right", "unknown": "not looked at", "warning": "to look at", "bad": "wrong"}
    total = ", ".join(f"{count} {words[name]}" for name, count in counts.items() if count)
    parts.append(Text(total, style=_STYLES[found.verdict.value]))
    return Group(*parts)


def _chapter(title: str, findings: "Iterable[Finding]") -> "list[Text]":
    from rich.text import Text

    parts = [Text(title, style="bold")]
    has_signs = can_show("".join((*_SIGNS.values(), "→")))
    signs, arrow = (_SIGNS, "→") if has_signs else (_PLAIN_SIGNS, "->")
    for finding in findings:
        sign, style = signs[finding.verdict.value], _STYLES[finding.verdict.value]
        first, *more = legible(finding.sentence.expandtabs(4)).split("\n")
        # What a terminal breaks by itself is still one line to whoever copies it.
        line = Text(no_wrap=True, overflow="ignore").append(f"  {sign} ", style=style)
        line.append(f"{finding.code:<22}", style="dim").append(first)
        parts.append(line)
        parts += [Text(f"      {text}", no_wrap=True, overflow="ignore") for text in more]
        if finding.cure:
            parts.append(Text(f"      {arrow} {legible(finding.cure)}", style="cyan"))
    parts.append(Text(""))
    return parts
