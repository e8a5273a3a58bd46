"""`offhook trunks`: the carriers' gateways that calls come from and transfers go out through."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json, new_noun, words_of
from offhook.cli.output import moment, show, table
from offhook.cli.trunk_peers import AuthBy, PeerPasswordFile, PeerUser, first_line, proof_of
from offhook.cli.trunk_rules import in_words, rows, with_rules
from offhook.domain.rules import RuleChanges

if TYPE_CHECKING:
    from offhook.domain.logins import Login
    from offhook.domain.strangers import Stranger
    from offhook.domain.subscriptions import Dialled

User = Annotated[str | None, typer.Option(metavar="NAME", help="Who we are to its carrier, if that asks for a login.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where the user's password stands, in the first line; - is standard input."),
]
app = new_noun("The carriers' gateways that calls come from and transfers go out through.")


@app.command()
@with_rules
def add(
    rules: RuleChanges,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the trunk is called.")],
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="A network that its calls come from; may be repeated."),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option(metavar="sip:HOST:PORT", help="Where transfers are sent; `;transport=tcp` or `tls` behind it."),
    ] = None,
    pass_caller: Annotated[
        bool, typer.Option("--pass-caller", help="Let transfers through it show the caller's number.")
    ] = False,
    user: User = None,
    password_file: PasswordFile = None,
    register: Annotated[
        bool, typer.Option("--register", help="Register there as --user, as a phone does, and take what it sends then.")
    ] = False,
    auth: AuthBy = None,
    peer_user: PeerUser = None,
    peer_password_file: PeerPasswordFile = None,
    as_json: Json = False,
) -> None:
    """Let a carrier's gateway in.

    Running nodes know it within 2 s.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    proof = proof_of(auth, peer_user, peer_password_file)
    if not source and not register and proof is None:
        raise typer.BadParameter(
            "name where its calls come from with --source CIDR, or let it --register or prove itself by --auth digest"
        )
    adding = partial(
        trunks.add_trunk,
        name=name,
        sources=words_of(source or ()),
        send=send,
        pass_caller=pass_caller,
        rules=rules,
        login=_login(user, password_file),
        registers=register,
        peer=proof.peer if proof else None,
        now=datetime.now(UTC),
    )
    with open_office() as database:
        trunk = database.write_now(adding)
    origin = ", ".join(trunk.sources) or (f"whoever proves to be {proof.peer.user}" if proof else trunk.send)
    said = f"calls from {origin} come in through trunk {trunk.name}"
    show(
        {**documents.of_trunk(trunk), **(proof.shown if proof else {})},
        lambda: proof.say(said) if proof else said,
        as_json=as_json,
    )


@app.command("set")
@with_rules
def set_(
    rules: RuleChanges,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose calls are to be read otherwise.")],
    user: User = None,
    password_file: PasswordFile = None,
    auth: AuthBy = None,
    peer_user: PeerUser = None,
    peer_password_file: PeerPasswordFile = None,
    as_json: Json = False,
) -> None:
    """Change how a trunk's calls are read, and who we are to it; what is not named stays as it is.

    Running nodes follow within 2 s. `offhook trunks try` shows what it means for a number. `--auth digest` gives
    the peer a new password, `--auth source` lets it in without any.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    if rules == RuleChanges() and user is None and (auth, peer_user, peer_password_file) == (None, None, None):
        raise typer.BadParameter("name at least one rule, for example --country-code 81")
    with open_office() as database:
        if user is not None:
            database.write_now(partial(trunks.log_in, name=name, login=_login(user, password_file)))
        peer = database.read_now(partial(trunks.find_trunk, name=name)).peer
        proof = proof_of(auth, peer_user, peer_password_file, peer.user if peer else "")
        if auth is not None:
            database.write_now(partial(trunks.ask_proof, name=name, peer=proof.peer if proof else None))
        trunk = database.write_now(partial(trunks.change_rules, name=name, changes=rules))
    said = f"trunk {trunk.name}: {in_words(trunk.rules) or 'no rules of its own'}"
    show(
        {**documents.of_trunk(trunk), **(proof.shown if proof else {})},
        lambda: proof.say(said) if proof else said,
        as_json=as_json,
    )


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which trunk.")],
    as_json: Json = False,
) -> None:
    """Show a trunk, how it fares, and all of its rules."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.cli.trunk_states import in_words as fares
    from offhook.domain.trunk_states import Kind
    from offhook.service import trunk_states, trunks

    with open_office() as database:
        trunk = database.read_now(partial(trunks.find_trunk, name=name))
        states = database.read_now(partial(trunk_states.list_states, now=datetime.now(UTC))).get(name, [])
    show(
        documents.of_trunk_and_states(trunk, states),
        lambda: table(
            ("trunk", trunk.name),
            [
                ("sources", ", ".join(trunk.sources)),
                ("send", trunk.send or ""),
                ("caller", "passed" if trunk.pass_caller else ""),
                ("registers", "yes" if trunk.registers else "no"),
                ("user", trunk.login.user if trunk.login else ""),
                ("proves to be", trunk.peer.user if trunk.peer else ""),
                ("registration", fares(states, Kind.REGISTRATION)),
                ("gateway", fares(states, Kind.GATEWAY)),
                *rows(trunk.rules),
            ],
        ),
        as_json=as_json,
    )


@app.command("try")
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The trunk that the call would come through.")],
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="What would be dialled: digits as a phone sends them, or a URI.")
    ],
    as_json: Json = False,
) -> None:
    """Tell which number a call would find, and the forms in which it is looked for; nobody is called."""
    from offhook.cli.office import open_office
    from offhook.engine.sip.identities import number_in
    from offhook.engine.sip.uri import parse_uri
    from offhook.service import trunks

    dialled = number_in(parse_uri(number)) if ":" in number else number
    with open_office() as database:
        trial = database.read_now(partial(trunks.try_number, name=name, dialled=dialled))
    forms, found = trial.reading.forms, trial.found
    tried = [f"{place}. {form}" for place, form in enumerate(forms, 1)] or [trial.reading.problem]
    document = {
        "trunk": name,
        "dialled": dialled,
        "forms": list(forms),
        "problem": trial.reading.problem or None,
        "din": found.number.din if found else None,
        "din_uid": found.number.din_uid if found else None,
        "subscribed": found is not None and found.subscription is not None,
    }
    show(document, lambda: "\n".join([*tried, _outcome(found)]), as_json=as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all trunks, and how each fares."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.cli.trunk_states import in_words as fares
    from offhook.service import trunk_states, trunks

    with open_office() as database:
        found = database.read_now(trunks.list_trunks)
        states = database.read_now(partial(trunk_states.list_states, now=datetime.now(UTC)))
    show(
        [documents.of_trunk_and_states(trunk, states.get(trunk.name, [])) for trunk in found],
        lambda: table(
            ("trunk", "sources", "send", "caller", "rules", "state"),
            [
                (
                    trunk.name,
                    ", ".join(trunk.sources),
                    trunk.send or "",
                    "passed" if trunk.pass_caller else "",
                    in_words(trunk.rules),
                    fares(states.get(trunk.name, [])),
                )
                for trunk in found
            ],
        ),
        as_json=as_json,
    )


@app.command("strangers")
def strangers_(as_json: Json = False) -> None:
    """List the last sources that were dropped because no trunk names them.

    Running nodes write down every few seconds who knocked. If one is your carrier, its line lets it in.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import strangers

    with open_office() as database:
        found = database.read_now(strangers.list_strangers)
    show(
        [{**documents.of_stranger(one), "command": _letting_in(one)} for one in found],
        lambda: table(
            ("address", "first", "last", "count", "it said", "to let it in"),
            [
                (
                    one.address,
                    moment(one.first_at),
                    moment(one.last_at),
                    f"{one.count:,}",
                    one.first_line,
                    _letting_in(one),
                )
                for one in found
            ],
            right=("count",),
        ),
        as_json=as_json,
    )


def _letting_in(stranger: "Stranger") -> str:
    return f"offhook trunks add NAME --source {stranger.source}"


def _login(user: str | None, password_file: Path | None) -> "Login | None":
    """Read a login; an empty user takes it away."""
    from offhook.domain.logins import check_login

    if password_file is None:
        if user:
            raise typer.BadParameter("a user needs --password-file FILE, or - for standard input")
        return None
    if user is None:
        raise typer.BadParameter("a password belongs to a --user")
    return check_login(user, first_line(password_file))


def _outcome(found: "Dialled | None") -> str:
    if found is None:
        return "finds nothing: the call would be refused as unknown-number"
    if found.subscription is None:
        return f"finds {found.number.din}, which nobody subscribes: the call would be refused as not-subscribed"
    return f"finds {found.number.din} ({found.number.din_uid})"
