"""How a command fails: one place for words, colours, JSON and the exit status."""

import json

import typer

from offhook.cli.errors import Misuse
from offhook.errors import OffhookError

FAILED = 1


def tell(error: OffhookError | typer.TyperException, *, as_json: bool) -> int:
    """Write an error to standard error, for people or as JSON, and return the exit status."""
    if isinstance(error, OffhookError):
        status, code, sentence, hint = FAILED, error.code, error.sentence, error.hint
    else:
        status, code, sentence, hint = error.exit_code, Misuse.USAGE, error.format_message(), _usage_hint(error)
    details = tuple(getattr(error, "details", ()))
    if as_json:
        document: dict[str, object] = {"code": code, "sentence": sentence, "hint": hint}
        if details:
            document["details"] = list(details)
        typer.echo(json.dumps({"error": document}, ensure_ascii=False), err=True)
        return status
    for detail in details:
        typer.echo(f"  {detail}", err=True)
    typer.echo(typer.style("error:", fg="red", bold=True) + f" {sentence}", err=True)
    if hint:
        typer.echo(f"  {hint}", err=True)
    if code != Misuse.USAGE:
        typer.echo(typer.style(f"  code: {code} (offhook explain {code})", dim=True), err=True)
    return status


def _usage_hint(error: typer.TyperException) -> str:
    # Only errors of parsing know the command that they happened in.
    path = getattr(getattr(error, "ctx", None), "command_path", "")
    return f"see: {path} --help" if path else ""
