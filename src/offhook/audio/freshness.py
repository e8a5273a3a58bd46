"""What a response's headers allow a cache to do (RFC 9111), told from the headers alone.

Deliberately absent: heuristic freshness (section 4.2.2) and stale answers (4.2.4). A customer who
replaces his greeting hears the new one at the next call, unless he said that it keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from offhook.domain.http_dates import read_http_date


@dataclass(frozen=True, slots=True)
class Freshness:
    """For how many seconds a response may be used unasked, and how to ask whether it is still right."""

    is_kept: bool
    fresh_s: float
    etag: str | None
    last_modified: str | None

    def conditions(self) -> dict[str, str]:
        """Return the request headers that turn an unchanged file into a 304 (RFC 9110 section 13.1)."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}

    def renewed(self, headers: Mapping[str, str]) -> "Freshness":
        """Return the state after a 304, whose headers replace those that it repeats (RFC 9111 section 3.2)."""
        news = freshness(headers)
        return Freshness(news.is_kept, news.fresh_s, news.etag or self.etag, news.last_modified or self.last_modified)


def freshness(headers: Mapping[str, str]) -> Freshness:
    """Read the headers of a response; their names are in lower case."""
    directives = _directives(headers.get("cache-control", ""))
    return Freshness(
        is_kept="no-store" not in directives,
        fresh_s=0.0 if "no-cache" in directives else max(0.0, _lifetime(headers, directives) - _age(headers)),
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
    )


def _directives(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.split(","))
    return {name.strip().lower(): argument.strip().strip('"') for name, _, argument in pairs if name.strip()}


def _lifetime(headers: Mapping[str, str], directives: Mapping[str, str]) -> float:
    # We answer the calls of many, so we are a shared cache: s-maxage goes first (RFC 9111 section 5.2.2.10).
    for name in ("s-maxage", "max-age"):
        if name in directives:
            return _seconds(directives[name])
    try:
        return (read_http_date(headers["expires"]) - read_http_date(headers["date"])).total_seconds()
    except (KeyError, ValueError):
        # An Expires that cannot be read, such as 0, is past (RFC 9111 section 5.3).
        return 0.0


def _age(headers: Mapping[str, str]) -> float:
    return _seconds(headers.get("age", "0"))


def _seconds(value: str) -> float:
    """Read delta-seconds (RFC 9111 section 1.2.2): what is none is 0, what is huge is 2^31."""
    return float(min(int(value[:20]), 2**31)) if value.isascii() and value.isdigit() else 0.0
