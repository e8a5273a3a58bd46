"""Where the platform is, and who asks: checked once, so that a wrong setting is said when it is made."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from offhook_client.asks import Ask
from offhook_client.errors import BadValue

LONGEST_TIMEOUT_S = 3_600
_HOST = re.compile(r"[^\s%/\\]+")


class Address:
    """A base URL that can be asked; it may have a path, behind a proxy."""

    def __init__(self, base_url: str) -> None:
        try:
            url = httpx2.URL(base_url)
        except httpx2.InvalidURL as error:
            raise BadValue(f"base_url is no URL: {error}. Write it like https://offhook.example.") from None
        if url.userinfo:
            raise BadValue("base_url has a user name or a password in it. Give them as sid and token.")
        if url.scheme not in {"http", "https"} or not _HOST.fullmatch(url.host):
            raise BadValue("base_url needs http:// or https:// and a host. Write it like https://offhook.example.")
        if url.query or url.fragment:
            raise BadValue("base_url has a query or a fragment. Write it like https://offhook.example.")
        self._base = str(url).rstrip("/")

    def __str__(self) -> str:
        return self._base

    def url_of(self, ask: Ask[object]) -> str:
        """Return where a request goes."""
        return self._base + ask.target

    def where(self, ask: Ask[object]) -> str:
        """Say which request it is, for messages: without its query, in which callers' numbers may stand."""
        return f"{ask.method} {self._base}{ask.path}"


def credentials(sid: str, token: str) -> httpx2.BasicAuth:
    """Return the credentials for HTTP Basic; neither of them stands in a message."""
    if not sid or ":" in sid or not sid.isprintable():
        raise BadValue("sid is empty, or has a colon or a control character in it. Give it as it was printed.")
    if not token or not token.isprintable():
        raise BadValue("token is empty, or has a line end or a control character in it. Give it as it was printed.")
    return httpx2.BasicAuth(sid, token)


@contextmanager
def usable_proxy() -> Iterator[None]:
    """Say it as our own error if a client cannot be made with the proxy that the environment names."""
    try:
        yield
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise BadValue(f"The environment's proxy (HTTP_PROXY, ALL_PROXY) cannot be used: {error}") from None


def timeout_of(timeout_s: float) -> httpx2.Timeout:
    """Return how long to wait for a connection, and in each silence of the server."""
    if not 0 < timeout_s <= LONGEST_TIMEOUT_S:
        raise BadValue(f"timeout_s is more than 0 and at most {LONGEST_TIMEOUT_S} seconds.")
    return httpx2.Timeout(timeout_s)
