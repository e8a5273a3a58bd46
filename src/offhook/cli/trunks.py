"""`offhook trunks`: the carriers' gateways that calls come from and transfers go out through."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from offhook.cli.options import Json, new_noun, words_of
from offhook.cli.output import show, table

app = new_noun("The carriers' gateways that calls come from and transfers go out through.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the trunk is called.")],
    source: Annotated[
        list[str],
        typer.Option(metavar="CIDR", help="A network that its calls come from; may be repeated."),
    ],
    send: Annotated[str | None, typer.Option(metavar="sip:HOST:PORT", help="Where transfers are sent.")] = None,
    pass_caller: Annotated[
        bool, typer.Option("--pass-caller", help="Let transfers through it show the caller's number.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a carrier's gateway in.

    Running nodes know it within 2 s.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    adding = partial(
        trunks.add_trunk, name=name, sources=words_of(source), send=send, pass_caller=pass_caller, now=datetime.now(UTC)
    )
    with open_office() as database:
        trunk = database.write_now(adding)
    show(
        documents.of_trunk(trunk),
        lambda: f"calls from {', '.join(trunk.sources)} come in through trunk {trunk.name}",
        as_json=as_json,
    )


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all trunks."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    with open_office() as database:
        found = database.read_now(trunks.list_trunks)
    show(
        [documents.of_trunk(trunk) for trunk in found],
        lambda: table(
            ("trunk", "sources", "send", "caller"),
            [
                (trunk.name, ", ".join(trunk.sources), trunk.send or "", "passed" if trunk.pass_caller else "")
                for trunk in found
            ],
        ),
        as_json=as_json,
    )
