"""What one question brought: each HTTP exchange on the way, and the body or the code of the failure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from offhook.language import Parsed, Problem, Script, Severity, draw, parse


@dataclass(frozen=True, slots=True)
class Hop:
    """One HTTP exchange; times in milliseconds, None where nothing was measured.

    `connect_ms` is from wanting a connection to having it, `dns_ms` the part of it in which the name was looked
    up; both are None on a connection that was kept. `first_byte_ms` is from the request sent to the response's head.
    Names of `headers` are in lower case.
    """

    url: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dns_ms: float | None = None
    connect_ms: float | None = None
    first_byte_ms: float | None = None


LOST = frozenset({"connect-failed", "timeout", "dns-failed", "tls-failed"})
"""With these codes no answer came, so they tell of the server and the way to it, and not yet of the question."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question. Without a body there is a `code` of ACTIONS' requests and a sentence."""

    asked: str
    """The question in words, such as `event=gather, digits=1`."""

    parameters: tuple[tuple[str, str], ...]
    elapsed_ms: float
    hops: tuple[Hop, ...] = ()
    body: bytes | None = None
    code: str = ""
    text: str = ""

    @property
    def status(self) -> int | None:
        """The status of the last response."""
        return self.hops[-1].status if self.hops else None

    @property
    def is_lost(self) -> bool:
        """Whether nothing came back at all."""
        return self.body is None and self.code in LOST

    @property
    def parsed(self) -> Parsed | None:
        """The answer as the language understands it, None if there is none."""
        return None if self.body is None else parse(self.body)

    @property
    def script(self) -> Script | None:
        """What the caller would get, None if the answer cannot be used."""
        parsed = self.parsed
        return None if parsed is None else parsed.script

    @property
    def is_usable(self) -> bool:
        """Whether a call could go on with this answer."""
        return self.script is not None

    @property
    def trouble(self) -> str:
        """Why the answer cannot be used, in a few words; empty if it can."""
        if self.body is None:
            return f"{self.code}: {self.text}"
        if self.is_usable:
            return ""
        problem = self._errors[0]
        return f"{problem.code}, line {problem.line}: {problem.sentence}"

    @property
    def drawn(self) -> str:
        """What keeps the answer from being used, with the line and a caret where there is one."""
        if self.body is None or self.is_usable:
            return self.trouble
        return draw(self._errors[0], self.body)

    @property
    def _errors(self) -> list[Problem]:
        problems = () if self.parsed is None else self.parsed.problems
        return [problem for problem in problems if problem.severity is Severity.ERROR]


def unusable(replies: Sequence[Reply]) -> list[str]:
    """Return for each reply that no call can use what was asked and what is wrong, the same fault once."""
    found: dict[str, str] = {}
    for reply in replies:
        if not reply.is_usable:
            found.setdefault(reply.drawn, f"{reply.asked}: {reply.drawn}")
    return list(found.values())
