"""`offhook accounts users`: who may act for an account, with which token and from where."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.credentials import credentials, new_token
from offhook.cli.options import Json, new_noun, words_of
from offhook.cli.output import moment, show, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.accounts import ApiUser

Sid = Annotated[str, typer.Argument(metavar="SID", help="The API user's SID.")]
Networks = Annotated[
    list[str] | None, typer.Option("--from", metavar="CIDR", help="A network that it may come from; may be repeated.")
]

KEEP = "Keep the token: it is not shown again."

app = new_noun("API users: who may act for an account, each with a token and a budget of its own.")


@app.command()
def add(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")],
    nickname: Annotated[str, typer.Argument(metavar="NICKNAME", help="What the user is called, as in the call log.")],
    sid: Annotated[str | None, typer.Option(metavar="S", help="Its SID; made up if not given.")] = None,
    token: Annotated[str | None, typer.Option(metavar="T", help="Its auth token; made up if not given.")] = None,
    from_: Networks = None,
    as_json: Json = False,
) -> None:
    """Add an API user to an account.

    Its SID and token are printed once: of the token only a hash is kept. It may come from anywhere unless
    `--from` says otherwise.
    """
    from offhook.cli.office import open_office
    from offhook.service import api_users

    sid, token = credentials(sid, token)
    adding = partial(
        api_users.add_user,
        account=account,
        nickname=nickname,
        sid=sid,
        token=token,
        now=datetime.now(UTC),
        networks=_networks(from_),
    )
    with open_office() as database:
        user = database.write_now(adding)
    said = f"API user {user.nickname} may come from {_places(user)}\n  SID    {sid}\n  token  {token}\n{KEEP}"
    _show(user, said, as_json=as_json, token=token)


@app.command("list")
def list_(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")], as_json: Json = False
) -> None:
    """List the API users of an account."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import api_users

    now = datetime.now(UTC)
    with open_office() as database:
        found = database.read_now(partial(api_users.list_users, account=account))
    show([documents.of_api_user(user, now) for user in found], lambda: _table(found, now), as_json=as_json)


@app.command()
def disable(sid: Sid, as_json: Json = False) -> None:
    """Let an API user in no more, from the next request on."""
    from offhook.cli.office import open_office
    from offhook.service import api_users

    with open_office() as database:
        user = database.write_now(partial(api_users.disable, sid=sid))
    _show(user, f"API user {user.nickname} is disabled", as_json=as_json)


@app.command()
def enable(sid: Sid, as_json: Json = False) -> None:
    """Let an API user in again."""
    from offhook.cli.office import open_office
    from offhook.service import api_users

    with open_office() as database:
        user = database.write_now(partial(api_users.enable, sid=sid))
    _show(user, f"API user {user.nickname} is enabled", as_json=as_json)


@app.command()
def rotate(
    sid: Sid,
    token: Annotated[str | None, typer.Option(metavar="T", help="The new auth token; made up if not given.")] = None,
    at_once: Annotated[bool, typer.Option("--now", help="Let the new token alone be good, from now on.")] = False,
    as_json: Json = False,
) -> None:
    """Give an API user a new token.

    It is printed once. The old one stays good for 24 hours, so that nothing stops while programs change over.
    """
    from offhook.cli.office import open_office
    from offhook.service import api_users

    token = new_token() if token is None else token
    now = datetime.now(UTC)
    with open_office() as database:
        user = database.write_now(partial(api_users.rotate, sid=sid, token=token, now=now, at_once=at_once))
    until = "no more" if user.previous_until is None else f"until {moment(user.previous_until)} UTC"
    said = f"API user {user.nickname} has a new token; the old one is good {until}\n  token  {token}\n{KEEP}"
    _show(user, said, as_json=as_json, token=token)


@app.command()
def restrict(
    sid: Sid,
    from_: Networks = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="It may come from anywhere again.")] = False,
    as_json: Json = False,
) -> None:
    """Say where an API user may come from.

    What was said before holds no longer.
    """
    from offhook.cli.office import open_office
    from offhook.service import api_users

    networks = _networks(from_)
    if bool(networks) == anywhere:
        raise typer.BadParameter("one of them is given, and one alone", param_hint=["--from", "--anywhere"])
    with open_office() as database:
        user = database.write_now(partial(api_users.restrict, sid=sid, networks=networks))
    _show(user, f"API user {user.nickname} may come from {_places(user)}", as_json=as_json)


@app.command()
def rename(
    sid: Sid,
    nickname: Annotated[str, typer.Argument(metavar="NICKNAME", help="What the user is called from now on.")],
    as_json: Json = False,
) -> None:
    """Give an API user another nickname.

    The calls that have come keep the old one.
    """
    from offhook.cli.office import open_office
    from offhook.service import api_users

    with open_office() as database:
        user = database.write_now(partial(api_users.rename, sid=sid, nickname=nickname))
    _show(user, f"API user {user.sid} is called {user.nickname}", as_json=as_json)


def _networks(given: list[str] | None) -> tuple[str, ...]:
    networks = words_of(given or ())
    if given and not networks:
        # A variable that is empty by mistake must not open the door to everybody.
        raise typer.BadParameter("it names no network", param_hint="--from")
    return networks


def _show(user: "ApiUser", said: str, *, as_json: bool, token: str | None = None) -> None:
    """Print a user, with its token when that is new."""
    from offhook.cli import documents

    document = documents.of_api_user(user, datetime.now(UTC))
    show(document if token is None else {**document, "token": token}, lambda: said, as_json=as_json)


def _places(user: "ApiUser") -> str:
    return ", ".join(user.networks) or "anywhere"


def _table(users: "Sequence[ApiUser]", now: datetime) -> "RenderableType":
    from offhook.domain.accounts import both_good_until

    def row(user: "ApiUser") -> tuple[str, ...]:
        until = both_good_until(user, now)
        return (
            user.nickname,
            user.sid,
            "enabled" if user.enabled else "disabled",
            _places(user),
            "" if until is None else moment(until),
        )

    return table(("user", "SID", "state", "from", "old token until"), [row(user) for user in users])
