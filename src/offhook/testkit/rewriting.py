"""Where new code is asked instead of the old: the same paths and queries at another base URL."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from offhook.language import SELF


@dataclass(frozen=True, slots=True)
class Rewriting:
    """`against` takes the place of the old action URL; without a query of its own it gets the old one's."""

    action_url: str
    against: str
    home: str = field(init=False)
    """Where the first question goes."""

    def __post_init__(self) -> None:
        new = urlsplit(self.against)
        home = new if new.query else new._replace(query=urlsplit(self.action_url).query)
        object.__setattr__(self, "home", urlunsplit(home))

    def of(self, url: str | None) -> str:
        """Return where this URL leads with the new code; other servers are left as they are."""
        if url is None or url == SELF or _bare(url) == _bare(self.action_url):
            return self.home
        old, new, parts = urlsplit(self.action_url), urlsplit(self.against), urlsplit(url)
        if _origin(parts) != _origin(old):
            return url
        path = new.path if parts.path == old.path else parts.path
        return urlunsplit(parts._replace(scheme=new.scheme, netloc=new.netloc, path=path))


def _bare(url: str) -> str:
    return url.partition("#")[0]


def _origin(parts: SplitResult) -> tuple[str, str]:
    return parts.scheme.lower(), parts.netloc.lower()
