"""What all commands share: how they are grouped, and the options `--json` and `--help`."""

from collections.abc import Iterable
from typing import Annotated

import typer
from typer.core import TyperGroup


def _wants_json(context: typer.Context, value: bool) -> bool:
    """Return whether `--json` was given here or before, as in `offhook --json calls list`."""
    outer = context.parent
    return value or (outer is not None and bool(outer.params.get("as_json")))


def _show_help(context: typer.Context, value: bool) -> None:
    if value:
        typer.echo(context.get_help())
        raise typer.Exit


Json = Annotated[bool, typer.Option("--json", callback=_wants_json, help="Print one JSON document.")]
JsonLines = Annotated[bool, typer.Option("--json", callback=_wants_json, help="Print one JSON document a line.")]

# A group's own help option would be brought to its type by pydantic, whose import takes longer than all of help.
Help = Annotated[
    bool, typer.Option("--help", "-h", is_eager=True, callback=_show_help, help="Show this message and exit.")
]


def new_app(help_: str, kind: type[TyperGroup] = TyperGroup) -> typer.Typer:
    """Return a group of commands. Its help is plain text: to draw boxes would take longer than all the rest."""
    return typer.Typer(
        cls=kind,
        help=help_,
        add_help_option=False,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )


def new_noun(help_: str) -> typer.Typer:
    """Return the group of commands of one noun."""
    app = new_app(help_)

    @app.callback()
    def _noun(context: typer.Context, as_json: Json = False, help_: Help = False) -> None:  # noqa: ARG001
        need_command(context)

    return app


def words_of(given: Iterable[str]) -> tuple[str, ...]:
    """Return the values of an option that may be repeated, and may hold several separated by commas."""
    return tuple(word for written in given for word in written.replace(",", " ").split())


def need_command(context: typer.Context) -> None:
    """Show the help of a group whose command was not named; that is wrong usage."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)
