"""How a trunk's peer proves itself, on the command line: a user, and a password that is made up or stands in a file."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from offhook.domain.peers import Peer

USER_BYTES = 8
PASSWORD_BYTES = 24
KEEP = "Keep the password: it is not shown again."


class Auth(StrEnum):
    """What lets a trunk's calls in."""

    SOURCE = "source"
    DIGEST = "digest"
    DIGEST_MD5 = "digest-md5"


AuthBy = Annotated[
    Auth | None,
    typer.Option(
        help="What lets its calls in: their source or a password, by MD5 alone if a phone knows nothing else."
    ),
]
PeerUser = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Who its phone or PBX is to us, with --auth digest; made up if not given."),
]
PeerPasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where its password stands, in the first line; - is standard input. Without it one is made up and shown.",
    ),
]


@dataclass(frozen=True, slots=True)
class Proof:
    """A peer, and its password if it was made up here."""

    peer: "Peer"
    password: str = ""

    def say(self, sentence: str) -> str:
        """Return a sentence with what the operator has to give to the peer."""
        if not self.password:
            return sentence
        return f"{sentence}\n  user      {self.peer.user}\n  password  {self.password}\n{KEEP}"

    @property
    def shown(self) -> dict[str, object]:
        """What a document shows once."""
        return {"peer_password": self.password} if self.password else {}


def proof_of(auth: Auth | None, user: str | None, password_file: Path | None, known: str = "") -> Proof | None:
    """Return who proves itself as these options say, None for nobody; `known` is the user until now."""
    import secrets

    from offhook.domain.peers import check_peer

    if auth is None or auth is Auth.SOURCE:
        if user is not None or password_file is not None:
            raise typer.BadParameter("a peer's user and password belong to --auth digest")
        return None
    user = user or known or secrets.token_hex(USER_BYTES)
    only_md5 = auth is Auth.DIGEST_MD5
    if password_file is not None:
        return Proof(check_peer(user, first_line(password_file), only_md5=only_md5))
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return Proof(check_peer(user, password, only_md5=only_md5), password)


def first_line(file: Path) -> str:
    """Read a password."""
    from offhook.cli.files import STANDARD_OUTPUT

    try:
        text = sys.stdin.readline() if file == STANDARD_OUTPUT else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"the password cannot be read: {error}") from None
    return text.split("\n", 1)[0].rstrip("\r")
