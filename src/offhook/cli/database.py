"""`offhook database`: its schema, looked at and brought up to date."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json, new_noun
from offhook.cli.output import show

if TYPE_CHECKING:
    from offhook.storage.inspection import Schema

app = new_noun("The database: SQLite, or PostgreSQL when that is outgrown.")


@app.command()
def check(as_json: Json = False) -> None:
    """Say whether the database is there and has the schema of this program; the exit status is 1 if not."""
    from offhook.serve import office

    schema = office.inspect(_settings_url())
    show(_document(schema), lambda: _told(schema), as_json=as_json)
    if not schema.is_current:
        raise typer.Exit(1)


@app.command()
def upgrade(as_json: Json = False) -> None:
    """Create the tables, or bring those of an older version up to date. `offhook serve` does so by itself."""
    from offhook.cli.office import open_office
    from offhook.serve import office

    with open_office():
        schema = office.inspect(_settings_url())
    show(_document(schema), lambda: _told(schema), as_json=as_json)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; nothing may be there yet.")],
    as_json: Json = False,
) -> None:
    """Copy a SQLite database to a file, whole and of one moment, while calls run.

    The folder's recordings are files of their own: copy them too. For PostgreSQL there is pg_dump.
    """
    from offhook.serve import office

    count = office.back_up(_settings_url(), file)
    show({"file": str(file), "bytes": count}, lambda: f"{count:,} bytes written to {file}", as_json=as_json)


def _settings_url() -> str:
    from offhook.config import Settings

    return Settings.load().database


def _document(schema: "Schema") -> dict[str, object]:
    return {
        "database": schema.kind,
        "schema": schema.present,
        "needed": schema.needed,
        "current": schema.is_current,
    }


def _told(schema: "Schema") -> str:
    if schema.is_current:
        return f"the {schema.kind} database has the schema {schema.present}, which is that of this program"
    present = schema.present or "no tables of Offhook"
    return (
        f"the {schema.kind} database has {present}; this program needs {schema.needed}."
        " `offhook database upgrade` brings it there, and so does the start of `offhook serve`"
    )
