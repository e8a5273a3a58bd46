"""What a customer may write where Offhook will ask: action URLs and the default action."""

from urllib.parse import parse_qsl, urlsplit

from offhook.domain.overrides import overrides
from offhook.errors import InputError
from offhook.language import Severity, parse

LONGEST_URL = 2000
OUR_PARAMETERS = frozenset(
    {
        "caller",
        "recipient",
        "call_id",
        "event",
        "anonymous",
        "caller_name",
        "caller_raw",
        "forwarded_from",
        "verstat",
        "trunk",
        "digits",
        "transfer_status",
        "sip_code",
        "duration",
        "recording_url",
        "reason",
        "attempt",
    }
)
"""What we add to an action URL's own query (ACTIONS, The request)."""


def check_action_url(field: str, url: str | None) -> str | None:
    """Return the URL as given, None for an empty one; raises InputError naming the field."""
    if not url:
        return None
    if len(url) > LONGEST_URL:
        raise InputError(field, f"a URL is at most {LONGEST_URL} characters long")
    # urlsplit silently drops tabs and line ends; what is checked must be what is asked.
    if not url.isprintable() or " " in url or "\\" in url:
        raise InputError(field, "a URL has no blanks, backslashes or control characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(field, f"this is not a URL: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise InputError(field, "a URL begins with http:// or https://")
    if not host or port == 0:
        raise InputError(field, "a URL names a host")
    if parts.username is not None or parts.password is not None:
        raise InputError(field, "a URL must not contain a user name or a password")
    ours = sorted(OUR_PARAMETERS.intersection(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    if ours:
        raise InputError(field, f"the URL's own query uses {ours[0]!r}, which is a parameter that Offhook adds")
    try:
        overrides(url)
    except InputError as error:
        raise InputError(field, error.sentence) from None
    return url


def check_default_action(text: str | None) -> str | None:
    """Return the action text as given, None for an empty one; raises InputError (`default_action`)."""
    if text is None or not text.strip():
        return None
    check_action_text("default_action", text)
    return text


def check_action_text(field: str, text: str) -> None:
    """Return quietly if this is an action text; raises InputError naming the field."""
    first = next((problem for problem in parse(text).problems if problem.severity is Severity.ERROR), None)
    if first is not None:
        raise InputError(field, f"{first.code}, line {first.line}, column {first.column}: {first.sentence}")
