"""`offhook conformance`: whether an action server does what ACTIONS says, with a cure for what it does not."""

from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json
from offhook.cli.output import legible, show
from offhook.cli.trying import CALLER, RECIPIENT, AllowPrivate, read_digits

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.serve.conformance import Report, Subject
    from offhook.testkit.findings import Finding
    from offhook.testkit.replies import Reply

MOST_REQUESTS, MOST_TOGETHER = 200, 50

_MARKS = {"ok": ("✓", "green"), "skipped": ("-", "dim"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


def conformance(
    url: Annotated[str, typer.Argument(metavar="URL", help="The action URL.")],
    secret: Annotated[
        str | None, typer.Option(metavar="S", help="Signs the requests; signatures are checked too.")
    ] = None,
    caller: Annotated[str, typer.Option(metavar="NUMBER", help="Who usually calls.")] = CALLER,
    recipient: Annotated[str, typer.Option(metavar="NUMBER", help="The number that is called.")] = RECIPIENT,
    requests: Annotated[
        int, typer.Option(min=2, max=MOST_REQUESTS, help="How many requests speed is judged by, one after the other.")
    ] = 20,
    together: Annotated[
        int, typer.Option(min=2, max=MOST_TOGETHER, help="How many requests are sent at the same time.")
    ] = 8,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for warnings too.")] = False,
    allow_private: AllowPrivate = False,
    as_json: Json = False,
) -> None:
    """Check all that an action server does, with cures.

    Looks at speed, encoding, grammar, every event and outcome, odd callers and signatures. The server is really
    asked, some ninety times, about calls that do not exist (their call_id begins with "conformance-"); nobody is
    called. Needs no database. The exit status is 1 if a check failed.
    """
    import asyncio

    from offhook.serve.conformance import Subject
    from offhook.service.urls import check_action_url
    from offhook.testkit.findings import Verdict, worst

    subject = Subject(
        url=check_action_url("url", url) or "",
        caller=read_digits("--caller", caller),
        recipient=read_digits("--recipient", recipient),
        requests=requests,
        together=together,
        secret=secret,
    )
    report = asyncio.run(_examine(subject, allow_private=allow_private))
    verdict = worst(report.findings)
    show(_document(subject.url, verdict, report), lambda: _drawn(report), as_json=as_json)
    if verdict is Verdict.FAILED or (strict and verdict is Verdict.WARNING):
        raise typer.Exit(1)


async def _examine(subject: "Subject", *, allow_private: bool) -> "Report":
    from offhook.cli.progress import whereabouts
    from offhook.config import Settings
    from offhook.serve.conformance import examine

    allowed = Settings.load().allow_addresses
    # A slow server may take a minute; whoever waits sees that something happens.
    with whereabouts() as tell:
        return await examine(subject, allowed, is_private_allowed=allow_private, tell=lambda what: tell(legible(what)))


def _document(url: str, verdict: str, report: "Report") -> dict[str, object]:
    return {
        "url": url,
        "worst": verdict,
        "checks": [
            {
                "code": found.code.value,
                "verdict": found.verdict.value,
                "sentence": found.sentence,
                "cure": found.cure,
                "details": list(found.details),
            }
            for found in report.findings
        ],
        "requests": [_request(reply) for reply in report.replies],
    }


def _request(reply: "Reply") -> dict[str, object]:
    hop = reply.hops[-1] if reply.hops else None
    return {
        "asked": reply.asked,
        "parameters": dict(reply.parameters),
        "status": reply.status,
        "elapsed_ms": reply.elapsed_ms,
        "first_byte_ms": hop.first_byte_ms if hop else None,
        "exchanges": len(reply.hops),
        "usable": reply.is_usable,
        "code": reply.code or None,
    }


def _drawn(report: "Report") -> "RenderableType":
    from rich.text import Text

    from offhook.testkit.findings import Verdict

    text = Text(no_wrap=True, overflow="ignore")
    for found in report.findings:
        mark, style = _MARKS[found.verdict]
        text.append(mark, style=f"bold {style}").append(f" {found.code:<20}", style=style)
        text.append(f"{legible(found.sentence)}\n")
        for line in _below(found):
            text.append(f"    {line}\n", style="dim")
    counts = [(verdict, sum(found.verdict is verdict for found in report.findings)) for verdict in Verdict]
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    text.append(f"{told}; {len(report.replies)} requests")
    return text


def _below(found: "Finding") -> list[str]:
    shown = [line for detail in found.details for line in legible(detail).split("\n")]
    return [*shown, found.cure] if found.cure else shown
