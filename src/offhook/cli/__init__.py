"""The command line: one small module per noun, joined by `tree`, and this one that runs it.

Rule: a command's module is imported when it is named, and at its top stands only what is quick to import (typer,
`errors`, plain values of `domain`). Everything else is imported inside the command that needs it, so that help is
at once there.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import offhook
from offhook.cli.failures import tell
from offhook.cli.options import Help, Json, need_command, new_app
from offhook.cli.output import bear_any_text
from offhook.cli.tree import Tree
from offhook.errors import OffhookError

INTERRUPTED = 130
"""What a shell reports of a program that SIGINT ended: 128 and its number."""

app = new_app("A self-hosted dial-in number platform: calls that ask your URL what to do.", Tree)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    bear_any_text()
    try:
        status = app(words, prog_name="offhook", standalone_mode=False)
        # Now, and not at the exit, where nobody could take the error.
        print(end="", flush=True)
    except (OffhookError, typer.TyperException) as error:
        # What was asked for may be wrong in itself, so the words are looked at and not what they mean.
        return tell(error, as_json="--json" in words)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has enough (`| head`). What is still in the buffer must not fail again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status if isinstance(status, int) else 0


@app.callback()
def _offhook(
    context: typer.Context,
    as_json: Json = False,  # noqa: ARG001 (the commands read it)
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    help_: Help = False,  # noqa: ARG001 (its callback has shown it)
) -> None:
    if version:
        print(f"offhook {offhook.__version__}")
        raise typer.Exit
    need_command(context)
