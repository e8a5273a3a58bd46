"""Which URLs an action may name: http or https, a host, no password, nothing that cannot be typed.

Whether a host's address may be asked is judged where the socket is made, not here.
"""

import re
from ipaddress import AddressValueError, IPv6Address
from unicodedata import normalize

from offhook.language.display import quoted, shortened
from offhook.language.errors import WrongText
from offhook.language.grammar import LONGEST_URL
from offhook.language.problems import Code
from offhook.language.tokens import Word, odd_blank

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*+):(?P<slashes>[/\\]*+)(?P<authority>[^/?#\\]*+)(?P<rest>.*)", re.DOTALL
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_HOST = re.compile(r"(?:(?:[A-Za-z0-9_-]|[^\x00-\x7f])++\.?)+")
_LONGEST_HOST = 253
_FORBIDDEN = re.compile(r'[\s"<>\\]')
_FILE = re.compile(
    r"[A-Za-z0-9_-]+\.(?:mp3|wav|ogg|flac|m4a|php|py|rb|txt|html?|json|xml|aspx?|cgi|jsp)", re.IGNORECASE
)
_BARE_HOST = re.compile(r"(?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?(?:[/?].*)?", re.DOTALL)


def url_in(word: Word) -> str:
    """Return the URL that a word holds, as its author wrote it, or raise `WrongText`."""
    url = word.text
    match = _URL.fullmatch(url)
    if match is None or (match["slashes"] == "" and _BARE_HOST.fullmatch(url)):
        raise _without_scheme(word)
    if match["scheme"].lower() not in {"http", "https"}:
        raise _bad(word, f"{quoted(match['scheme'])} is not a way to fetch it", "use a URL that starts with https://")
    if match["slashes"] != "//":
        fixed = f"{match['scheme']}://{match['authority']}{match['rest']}".replace("\\", "/")
        raise _bad(word, "two slashes belong after the colon", f'did you mean "{shortened(fixed)}"?')
    _refuse_characters(word)
    if len(url) > LONGEST_URL:
        raise _bad(word, f"the URL has {len(url):,} characters; at most {LONGEST_URL:,} fit", "use a shorter URL")
    _refuse_authority(word, match["authority"])
    return url


def _without_scheme(word: Word) -> WrongText:
    if _BARE_HOST.fullmatch(word.text) and not _FILE.fullmatch(word.text):
        guess = "https://" + word.text.removeprefix("//")
        return _bad(word, f"{quoted(word.text)} lacks https://", f'did you mean "{shortened(guess)}"?')
    hint = "write all of it, such as https://example.com/hello.mp3"
    return _bad(word, f"{quoted(word.text)} is not a URL", hint)


def _refuse_characters(word: Word) -> None:
    forbidden = _FORBIDDEN.search(word.text)
    odd = odd_blank(word.text)
    if forbidden is None and odd is None:
        return
    if forbidden is not None and not forbidden[0].isspace():
        raise _bad(word, f"a URL cannot hold {forbidden[0]}", "percent-encode it")
    raise _bad(word, "a URL cannot hold a blank", "write %20 for a blank")


def _refuse_authority(word: Word, authority: str) -> None:
    if "@" in authority:
        raise _bad(word, "a URL here cannot hold a user name or password", "leave out what stands before the @")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _bad(word, f"{quoted(authority)} is not a host and port", "write it like example.com or example.com:8080")
    if match["port"] is not None and not 1 <= int(match["port"]) <= 65_535:
        raise _bad(word, f"there is no port {match['port']}", "a port is a number from 1 to 65535")
    host = match["host"]
    if not host:
        raise _bad(word, "the URL names no host", "write it like https://example.com/hello.mp3")
    if not _is_host(host):
        raise _bad(word, f"{quoted(host)} is not the name of a host", "write it like example.com")


def _is_host(host: str) -> bool:
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            return False
        return True
    # Full-width letters and the like become plain ones when the name is looked up; what they
    # become must be a name too, or a host could smuggle in a slash.
    return len(host) <= _LONGEST_HOST and all(map(_HOST.fullmatch, (host, normalize("NFKC", host))))


def _bad(word: Word, sentence: str, hint: str) -> WrongText:
    return WrongText(Code.BAD_URL, word.place, sentence, hint)
