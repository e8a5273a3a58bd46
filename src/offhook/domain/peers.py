"""Who a trunk's peer is to us, if it proves itself by a password (RFC 3261 section 22, RFC 8760).

Of the password only digests are kept, one for each algorithm that we offer. They are good for `REALM` alone,
and there as secret as the password itself.
"""

import re
from dataclasses import dataclass, field
from hashlib import md5, sha256

from offhook.errors import InputError

REALM = "offhook"
"""The same on all nodes and for ever: with another one no password that was given would be right any more."""
LONGEST_USER = 64
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128

_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MD5 = "MD5"
_SHA_256 = "SHA-256"


@dataclass(frozen=True, slots=True)
class Peer:
    """A user of ours, and H(user:realm:password) in hexadecimal by MD5 and by SHA-256; no hash is ever shown.

    Without a SHA-256 only MD5 is offered: there are phones that give up on a challenge that they do not know, though
    another one stands beside it.
    """

    user: str
    md5: str = field(repr=False)
    sha_256: str = field(repr=False)

    @property
    def secrets(self) -> dict[str, str]:
        """The hashes by the name of their algorithm."""
        return {_MD5: self.md5, **({_SHA_256: self.sha_256} if self.sha_256 else {})}


def check_peer(user: str, password: str, *, only_md5: bool = False) -> Peer:
    """Return a peer of this user and password; raises InputError (`peer_user`, `peer_password`)."""
    if len(user) > LONGEST_USER or not _USER.fullmatch(user):
        raise InputError("peer_user", f"a peer's user is 1 to {LONGEST_USER} letters, digits, `.`, `_` and `-`")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or not password.isprintable():
        sentence = f"a peer's password is {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} printable characters"
        raise InputError("peer_password", sentence)
    said = f"{user}:{REALM}:{password}".encode()
    strong = "" if only_md5 else sha256(said).hexdigest()
    return Peer(user, md5(said, usedforsecurity=False).hexdigest(), strong)


def read_peer(user: str, secrets: dict[str, str]) -> Peer | None:
    """Return a peer as it was kept, None for no user."""
    return Peer(user, secrets[_MD5], secrets.get(_SHA_256, "")) if user else None
