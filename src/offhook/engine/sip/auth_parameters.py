"""A scheme and its parameters, the shape of every challenge and every proof (RFC 3261 section 25.1).

Strict: each parameter once, commas between them, quotes where the grammar has them. A hostile
value costs one pass over it.
"""

import re

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.text import readable

VALUE_LIMIT = 8_192
"""Characters of a whole header value."""
PARAMETER_LIMIT = 2_048
"""Characters of one parameter's value: a nonce comes back in each request that follows."""
PARAMETERS_LIMIT = 32
_ECHO_LIMIT = 40

_NAME = re.compile(r"[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*=[ \t]*")
_TOKEN = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*")
# No letter begins two of the branches, so nothing is ever tried twice.
_QUOTED = re.compile(r'"((?:[^"\\]|\\[\t -~])*)"[ \t]*')
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = re.compile(r'(["\\])')
_ESCAPE = r"\\\1"

# The others of the grammar are tokens; some peers quote those, which leaves no doubt about what they say.
_QUOTED_ONLY = frozenset({"username", "realm", "nonce", "uri", "response", "cnonce", "opaque"})


class Parameters:
    """A Digest value taken apart: names in lower case. `kind` is what sentences call it."""

    def __init__(self, kind: str, value: str) -> None:
        self.kind = kind
        if len(value) > VALUE_LIMIT:
            raise MalformedMessage(f"the {kind} has {len(value):,} characters; {VALUE_LIMIT:,} are the limit")
        if _CONTROL.search(value):
            raise MalformedMessage(f"the {kind} contains a control character")
        scheme = _TOKEN.match(value)
        if not scheme:
            raise MalformedMessage(f"the {kind} names no scheme")
        if scheme[1].lower() != "digest":
            raise MalformedMessage(f"the {kind} is of the scheme {named(scheme[1])}; only Digest is known here")
        self._values: dict[str, str] = {}
        at = self._read(value, scheme.end())
        while at < len(value):
            if value[at] != ",":
                raise MalformedMessage(f"the {kind} has no comma after a parameter, at character {at + 1}")
            if len(self._values) == PARAMETERS_LIMIT:
                raise MalformedMessage(f"the {kind} has more than {PARAMETERS_LIMIT} parameters")
            at = self._read(value, at + 1)

    def find(self, name: str) -> str | None:
        return self._values.get(name)

    def need(self, name: str) -> str:
        value = self._values.get(name)
        if value is None:
            raise MalformedMessage(f"the {self.kind} has no {name}")
        return value

    def _read(self, value: str, at: int) -> int:
        """Read the parameter at a place, and return the place after it."""
        found = _NAME.match(value, at)
        if not found:
            raise MalformedMessage(f"the {self.kind} has no parameter at character {at + 1}")
        name, at = found[1].lower(), found.end()
        if name in self._values:
            raise MalformedMessage(f"the {self.kind} says {named(name)} twice")
        is_quoted = value.startswith('"', at)
        text = (_QUOTED if is_quoted else _TOKEN).match(value, at)
        if not text:
            wrong = "a quoted value that does not end" if is_quoted else "no value"
            raise MalformedMessage(f"the {self.kind} has {wrong} for {named(name)}")
        if not is_quoted and name in _QUOTED_ONLY:
            raise MalformedMessage(f"the {self.kind} has a {name} without quotes")
        if len(text[1]) > PARAMETER_LIMIT:
            raise MalformedMessage(f"the {self.kind} has a {named(name)} of more than {PARAMETER_LIMIT:,} characters")
        self._values[name] = _ESCAPED.sub(r"\1", text[1]) if is_quoted else text[1]
        return text.end()


def scheme_of(value: str) -> str:
    """Return a value's scheme in lower case, an empty string when it has none."""
    found = _TOKEN.match(value)
    return found[1].lower() if found else ""


def quoted(name: str, text: str) -> str:
    """Write a parameter with its value in quotes. Raises `MalformedMessage` for a control character."""
    if _CONTROL.search(text):
        raise MalformedMessage(f"a {name} to be written contains a control character")
    return f'{name}="{_SPECIAL.sub(_ESCAPE, text)}"'


def named(text: str) -> str:
    """Return a peer's text as it may stand in a sentence of ours."""
    text = readable(text)
    return f"'{text}'" if len(text) <= _ECHO_LIMIT else f"'{text[:_ECHO_LIMIT]}…'"
