"""`offhook accounts`: open them, top them up, give them a trunk, verify and list them."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli import api_users, signing
from offhook.cli.credentials import credentials
from offhook.cli.limits import CallsAtOnce, CallsPerMinute, SpendPerDay
from offhook.cli.options import Json, new_noun
from offhook.cli.output import amount, moment, show, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.accounts import AccountSummary
    from offhook.domain.breakers import BreakerState
    from offhook.domain.notices import Notice

app = new_noun("Customers: their credit, their API users and their trunks.")
app.add_typer(api_users.app, name="users")
app.add_typer(signing.app, name="signing")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the account is called.")],
    credit: Annotated[str, typer.Option(metavar="N", help="Credits to begin with.")] = "0",
    sid: Annotated[str | None, typer.Option(metavar="S", help="The API user's SID; made up if not given.")] = None,
    token: Annotated[str | None, typer.Option(metavar="T", help="Its auth token; made up if not given.")] = None,
    trunk: Annotated[
        str, typer.Option(metavar="NAME", help="The trunk that its transfers go out through; any if not given.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Open an account with one API user.

    Its SID and token are printed once: of the token only a hash is kept.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.domain.credits import from_credits
    from offhook.service import accounts

    sid, token = credentials(sid, token)
    opening = partial(
        accounts.create_account,
        name=name,
        credit=from_credits(credit),
        sid=sid,
        token=token,
        trunk=trunk,
        now=datetime.now(UTC),
    )
    with open_office() as database:
        account = database.write_now(lambda work: accounts.summary(work, opening(work).id))
    show(
        {**documents.of_operators_account(account), "sid": sid, "token": token},
        lambda: (
            f"account {account.name} is open with {amount(account.available)} credits\n"
            f"  SID    {sid}\n"
            f"  token  {token}\n"
            f"{api_users.KEEP}"
        ),
        as_json=as_json,
    )


@app.command("top-up")
def top_up(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    added: Annotated[str, typer.Argument(metavar="AMOUNT", help="Credits to add.")],
    reference: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Names the payment: the same one twice adds nothing the second time."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add credits to an account."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.domain.credits import from_credits
    from offhook.service import accounts

    paying = partial(accounts.top_up, name=name, amount=from_credits(added), reference=reference, now=datetime.now(UTC))
    with open_office() as database:
        account = database.write_now(paying)
    show(
        documents.of_operators_account(account),
        lambda: f"account {account.name} has {amount(account.available)} credits available",
        as_json=as_json,
    )


@app.command()
def adjust(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever reads the ledger.")],
    add: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Credits to give.")] = None,
    take: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Credits to take.")] = None,
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who does it; the system's user if not given.")] = None,
    reference: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Names the correction: the same one twice changes nothing."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put an account right by hand. The reason and who did it are kept for ever."""
    from getpass import getuser

    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.domain.credits import from_credits
    from offhook.service import accounts

    if (add is None) == (take is None):
        raise typer.BadParameter("one of them is given, and one alone", param_hint=["--add", "--take"])
    given = from_credits(add) if add is not None else -from_credits(take or "")
    adjusting = partial(
        accounts.adjust,
        name=name,
        amount=given,
        reason=reason,
        by=by or getuser(),
        reference=reference,
        now=datetime.now(UTC),
    )
    with open_office() as database:
        account = database.write_now(adjusting)
    show(
        documents.of_operators_account(account),
        lambda: f"account {account.name} has {amount(account.available)} credits available",
        as_json=as_json,
    )


@app.command()
def destinations(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    country: Annotated[str, typer.Option(metavar="CODE", help="Where the account is at home, like JP.")] = "",
    allow: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A country that transfers may reach; repeat it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which countries an account's transfers may reach.

    Without --allow it is the account's own, without --country that of the number that was called. What is
    allowed needs a rate besides (`offhook tariffs import`).
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import accounts

    settling = partial(accounts.settle_in, name=name, country=country, destinations=allow or ())
    with open_office() as database:
        account = database.write_now(settling)
    allowed = ", ".join(account.destinations) or account.country or "the country of the number that was called"
    show(
        documents.of_operators_account(account),
        lambda: f"transfers of account {account.name} may reach: {allowed}",
        as_json=as_json,
    )


@app.command()
def limit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    calls: CallsAtOnce = None,
    per_minute: CallsPerMinute = None,
    per_day: SpendPerDay = None,
    as_json: Json = False,
) -> None:
    """Limit the calls of an account and what they may cost; what is not named has no limit of its own."""
    from offhook.cli.limits import credits_or_none, show_limit
    from offhook.cli.office import open_office
    from offhook.service import limits

    limiting = partial(
        limits.limit_account,
        name=name,
        calls_at_once=calls,
        calls_per_minute=per_minute,
        spend_per_day=credits_or_none(per_day),
    )
    with open_office() as database:
        found = database.write_now(limiting)
    show_limit(f"account {name}", found, as_json=as_json)


@app.command()
def contact(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where e-mail goes.")] = None,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Where JSON is posted.")] = None,
    as_json: Json = False,
) -> None:
    """Say where an account is told of low credit and of renewals; what is not named is nowhere."""
    from offhook.cli.office import open_office
    from offhook.service import notices, signing

    setting = partial(notices.set_contact, name=name, email=email, webhook_url=webhook)
    with open_office() as database:
        found = database.write_now(setting)
        signs = database.read_now(lambda work: signing.signing_of(work, signing.account_id_of(work, name)))
    ways = [way for way in (found.email, found.webhook_url) if way]
    unsigned = found.webhook_url and not signs.secret
    hint = f"; its events are unsigned until `offhook accounts signing rotate {name}`" if unsigned else ""
    show(
        {"email": found.email or None, "webhook_url": found.webhook_url or None},
        lambda: f"account {name} is told by {' and '.join(ways) or 'nothing'}{hint}",
        as_json=as_json,
    )


@app.command()
def notices(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List what an account was told lately, and what became of it."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import notices

    with open_office() as database:
        found = database.read_now(partial(notices.notices_of, name=name, limit=limit))
    rows = [(moment(one.created_at), one.kind.value, one.way.value, one.target, _fate(one), one.text) for one in found]
    show(
        [documents.of_notice(one) for one in found],
        lambda: table(("at", "kind", "way", "to", "", "text"), rows),
        as_json=as_json,
    )


def _fate(notice: "Notice") -> str:
    if notice.sent_at is not None:
        return "sent"
    tried = f"tried {notice.attempts} times: {notice.error}" if notice.error else "waiting"
    return tried if notice.next_at is not None else f"given up: {notice.error}"


@app.command()
def route(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    trunk: Annotated[str | None, typer.Option(metavar="NAME", help="The trunk to use from now on.")] = None,
    no_trunk: Annotated[bool, typer.Option("--no-trunk", help="No trunk of its own any more.")] = False,
    as_json: Json = False,
) -> None:
    """Choose the trunk that an account's transfers go out through.

    The trunk of the number that was called is tried before it, those of the setting `routes` after it.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import accounts

    if (trunk is None) != no_trunk:
        raise typer.BadParameter("one of them is given, and one alone", param_hint=["--trunk", "--no-trunk"])
    with open_office() as database:
        account = database.write_now(partial(accounts.route, name=name, trunk=trunk or ""))
    way = f"through the trunk {account.trunk} first" if account.trunk else "through no trunk of its own"
    show(
        documents.of_operators_account(account),
        lambda: f"transfers of account {account.name} go out {way}",
        as_json=as_json,
    )


@app.command()
def verify(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")],
    no: Annotated[bool, typer.Option("--no", help="Its owner's identity is not known any more.")] = False,
    as_json: Json = False,
) -> None:
    """Say that the identity of an account's owner was checked.

    Some numbers may be subscribed by such accounts alone. What is subscribed already stays.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import accounts

    with open_office() as database:
        account = database.write_now(partial(accounts.verify, name=name, is_verified=not no))
    show(
        documents.of_operators_account(account),
        lambda: f"account {account.name} is {'verified' if account.is_verified else 'not verified'}",
        as_json=as_json,
    )


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")], as_json: Json = False
) -> None:
    """Show an account: its credit, how its requests are signed, and which of its action servers are left alone."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import accounts, breakers
    from offhook.service import signing as signings

    now = datetime.now(UTC)
    with open_office() as database:
        account_id = database.read_now(partial(signings.account_id_of, name=name))
        account = database.read_now(partial(accounts.summary, account_id=account_id))
        found = database.read_now(partial(signings.signing_of, account_id=account_id))
        states = database.read_now(partial(breakers.list_breakers, account_id=account_id, now=now))
    lines = [
        f"account {account.name}",
        f"  credit          {amount(account.available)} available, {amount(account.held)} held",
        f"  requests        {signing.in_words(found, now)}",
        *[f"  left alone      {_left_alone(state)}" for state in states],
    ]
    show(
        {
            **documents.of_operators_account(account),
            "signing": documents.of_signing(found, now),
            "breakers": [documents.of_breaker(state) for state in states],
        },
        lambda: "\n".join(lines),
        as_json=as_json,
    )


def _left_alone(state: "BreakerState") -> str:
    why = f"{state.node} saw {state.code}: {state.text}"
    return f"{state.origin} ({state.state}) until {moment(state.retry_at)} UTC, as {why}"


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all accounts and their credit."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import accounts

    with open_office() as database:
        found = database.read_now(accounts.list_accounts)
    show([documents.of_operators_account(account) for account in found], lambda: _table(found), as_json=as_json)


def _table(accounts: "list[AccountSummary]") -> "RenderableType":
    rows = [
        (
            account.name,
            amount(account.balance),
            amount(account.held),
            amount(account.available),
            "yes" if account.is_verified else "",
            account.trunk,
        )
        for account in accounts
    ]
    columns = ("account", "balance", "held", "available", "verified", "trunk")
    return table(columns, rows, right=("balance", "held", "available"))
