"""`offhook actions verify-signature`: whether a request's signature is good, or what is wrong with it."""

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.errors import RequestUnreadable
from offhook.cli.options import Json
from offhook.cli.output import show

if TYPE_CHECKING:
    from offhook.actionserver.verdicts import Verdict

LARGEST_REQUEST = 64 * 1024

_REQUEST_LINE = re.compile(r"[A-Z]+ (?P<target>\S+)(?: HTTP/[0-9.]+)?")
_HEADER = re.compile(r"offhook-signature\s*:\s*(?P<value>.*)", re.IGNORECASE)


def verify_signature(
    request: Annotated[
        str, typer.Argument(metavar="URL|LINE|-", help="The request's URL or its first line; - reads all of it.")
    ] = "-",
    header: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The header Offhook-Signature, with or without its name.")
    ] = None,
    secret: Annotated[list[str] | None, typer.Option(metavar="S", help="A secret of the account; repeat it.")] = None,
    at: Annotated[
        float | None, typer.Option(metavar="T", help="When the request came, in Unix seconds; now if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the signature of an action request, and say which part of it is wrong: time, names, value or secret.

    Reads a URL or a request line with --header, or from standard input a whole request: its first line (or the URL)
    and its headers. The exit status is 1 if the signature is not valid.
    """
    from time import time
    from urllib.parse import parse_qsl

    from offhook.actionserver.verdicts import verdicts

    if not secret:
        raise typer.BadParameter("at least one is needed", param_hint="--secret")
    target, found = _read(_stdin() if request == "-" else request)
    signature = _value(header) if header is not None else found
    if signature is None:
        raise RequestUnreadable("there is no Offhook-Signature", hint="pass it as --header, or the headers on stdin")
    # What a server calls a parameter and its value: UTF-8, + for a blank.
    query = target.partition("#")[0].partition("?")[2]
    parameters = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    wrong = verdicts(signature, parameters, secret, time() if at is None else at)
    document = {
        "valid": not wrong,
        "problems": [{"part": one.part.value, "sentence": one.sentence} for one in wrong],
    }
    show(document, lambda: _said(wrong), as_json=as_json)
    if wrong:
        raise typer.Exit(1)


def _said(wrong: "list[Verdict]") -> str:
    return "\n".join(f"{one.part} is wrong: {one.sentence}" for one in wrong) or "the signature is valid"


def _stdin() -> str:
    return sys.stdin.buffer.read(LARGEST_REQUEST).decode("utf-8", "surrogateescape")


def _read(text: str) -> tuple[str, str | None]:
    """Return a request's target and its signature, if that is there."""
    lines = text.strip().splitlines()
    if not lines:
        raise RequestUnreadable("there is no request", hint="give its URL, its first line, or all of it on stdin")
    line = _REQUEST_LINE.fullmatch(lines[0].strip())
    target = line["target"] if line else lines[0].strip()
    if "?" not in target or " " in target:
        raise RequestUnreadable(f"{target[:100]!r} is no URL with parameters", hint="quote the URL as one argument")
    values = [match["value"].strip() for one in lines[1:] if (match := _HEADER.fullmatch(one.strip()))]
    return target, values[0] if values else None


def _value(header: str) -> str:
    match = _HEADER.fullmatch(header.strip())
    return match["value"].strip() if match else header.strip()
