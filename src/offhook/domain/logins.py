"""What a trunk's carrier knows us by: a user name and a password (RFC 3261 section 22)."""

from dataclasses import dataclass, field

from offhook.errors import InputError

LONGEST_USER = 128
LONGEST_PASSWORD = 256


@dataclass(frozen=True, slots=True)
class Login:
    """A user at a carrier. The password is never shown."""

    user: str
    password: str = field(repr=False)


def check_login(user: str, password: str) -> Login | None:
    """Return a login, None for an empty user and password; raises InputError (`user`, `password`)."""
    if not user and not password:
        return None
    if not 1 <= len(user) <= LONGEST_USER or not user.isprintable():
        raise InputError("user", f"a user is 1 to {LONGEST_USER} printable characters")
    if not 1 <= len(password) <= LONGEST_PASSWORD or not password.isprintable():
        raise InputError("password", f"a password is 1 to {LONGEST_PASSWORD} printable characters")
    return Login(user, password)
