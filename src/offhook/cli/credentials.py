"""SIDs and auth tokens: as they are given, or made up. A token is printed once and kept nowhere."""

import typer

SID_BYTES = 16
TOKEN_BYTES = 32


def credentials(sid: str | None, token: str | None) -> tuple[str, str]:
    """Return a SID and a token, given together or made up."""
    import secrets

    if (sid is None) != (token is None):
        raise typer.BadParameter("they are given together or not at all", param_hint=["--sid", "--token"])
    if sid is None or token is None:
        return secrets.token_hex(SID_BYTES), new_token()
    return sid, token


def new_token() -> str:
    """Make up a token."""
    import secrets

    return secrets.token_urlsafe(TOKEN_BYTES)
