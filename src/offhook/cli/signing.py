"""`offhook accounts signing`: what an account's action requests and events are signed with, and where to."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json, new_noun, words_of
from offhook.cli.output import moment, show

if TYPE_CHECKING:
    from offhook.domain.signing import Signing

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")]

KEEP = "Keep the secret: it is not shown again."

app = new_noun("What action requests and events are signed with: secrets, and the origins that are an account's own.")


@app.command()
def rotate(
    account: Account,
    secret: Annotated[str | None, typer.Option(metavar="S", help="The new secret; made up if not given.")] = None,
    at_once: Annotated[bool, typer.Option("--now", help="Sign with the new secret alone, from now on.")] = False,
    as_json: Json = False,
) -> None:
    """Give an account a new secret, or its first one.

    It is printed once. The old one signs beside it for 24 hours, so that nothing stops while servers change over.
    """
    from offhook.cli import documents
    from offhook.cli.credentials import new_token
    from offhook.cli.office import open_office
    from offhook.service import signing

    secret = new_token() if secret is None else secret
    now = datetime.now(UTC)
    with open_office() as database:
        found = database.write_now(
            lambda work: signing.rotate_secret(
                work, signing.account_id_of(work, account), secret=secret, now=now, at_once=at_once
            )
        )
    until = found.both_until(now)
    old = "the new one alone signs" if until is None else f"the old one signs too until {moment(until)} UTC"
    show(
        {**documents.of_signing(found, now), "secret": secret},
        lambda: f"account {account} has a new secret; {old}\n  secret  {secret}\n{KEEP}",
        as_json=as_json,
    )


@app.command()
def origins(
    account: Account,
    sign_origin: Annotated[
        list[str] | None,
        typer.Option("--sign-origin", metavar="ORIGIN", help="An origin like https://api.example.com; repeat it."),
    ] = None,
    no_origins: Annotated[bool, typer.Option("--no-origins", help="Those of its own URLs alone.")] = False,
    as_json: Json = False,
) -> None:
    """Say to which origins redirects and next= are signed, besides those of an account's own URLs.

    What was said before holds no longer.
    """
    from offhook.cli.office import open_office
    from offhook.service import signing

    wanted = words_of(sign_origin or ())
    if bool(wanted) == no_origins:
        raise typer.BadParameter("one of them is given, and one alone", param_hint=["--sign-origin", "--no-origins"])
    with open_office() as database:
        found = database.write_now(
            lambda work: signing.set_origins(work, signing.account_id_of(work, account), origins=wanted)
        )
    _show(account, found, as_json=as_json)


@app.command()
def stop(account: Account, as_json: Json = False) -> None:
    """Sign an account's requests and events no more."""
    from offhook.cli.office import open_office
    from offhook.service import signing

    with open_office() as database:
        found = database.write_now(lambda work: signing.stop(work, signing.account_id_of(work, account)))
    _show(account, found, as_json=as_json)


def in_words(found: "Signing", now: datetime) -> str:
    """Say how an account signs."""
    if not found.secret:
        return "unsigned"
    until = found.both_until(now)
    both = "" if until is None else f", with the old secret too until {moment(until)} UTC"
    return f"signed{both}; besides its own URLs' origins at: {', '.join(found.origins) or 'none'}"


def _show(account: str, found: "Signing", *, as_json: bool) -> None:
    from offhook.cli import documents

    now = datetime.now(UTC)
    said = partial(in_words, found, now)
    show(documents.of_signing(found, now), lambda: f"requests to account {account} are {said()}", as_json=as_json)
