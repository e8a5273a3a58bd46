"""What Offhook asks an action server, and what came of it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Event(StrEnum):
    """Why an action server is asked (the `event` parameter)."""

    INCOMING = "incoming"
    GATHER = "gather"
    TRANSFER = "transfer"
    VOICEMAIL = "voicemail"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Question:
    """One request to make: the URL as the customer wrote it and the parameters we add, in order.

    `secrets` sign the request, newest first; none means that it is sent unsigned. Only where one of `homes` lives,
    URLs that the customer itself has set, is a request signed; without any it is the question's own URL.
    `account_id` is whose question it is: what its servers do is held against nobody else's.
    """

    url: str
    parameters: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...] = field(default=(), repr=False)
    homes: tuple[str, ...] = ()
    account_id: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """How long the steps of an exchange took, in milliseconds; None for what was not needed, or not reached.

    A connection that was open already needs no name, no connecting and no TLS.
    """

    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None

    def __str__(self) -> str:
        steps = (
            ("DNS", self.dns_ms),
            ("connect", self.connect_ms),
            ("TLS", self.tls_ms),
            ("first byte", self.first_byte_ms),
        )
        return ", ".join(f"{name} {ms:.0f} ms" for name, ms in steps if ms is not None)


@dataclass(frozen=True, slots=True)
class Try:
    """One HTTP exchange on the way to an answer, as the timeline tells it. Times in milliseconds.

    `warning` is a code and a sentence about what was overlooked. `headers` are those of the response that explain
    it, `body` is the beginning of what came with a status that is no answer. `skew_s` is how far the server's clock
    (its Date) is ahead of ours in seconds, None if it told no time; signatures are good for so long only.
    `was_sent` is whether the request left at all.
    """

    url: str
    attempt: int
    status: int | None
    elapsed_ms: float
    code: str | None = None
    text: str = ""
    warning: str = ""
    times: Times = Times()
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    is_signed: bool = False
    skew_s: int | None = None
    was_sent: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with status 200: its body, undecoded and within the limit."""

    body: bytes
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable response. `code` is one of ACTIONS' codes of the request, `text` a sentence."""

    code: str
    text: str
    tries: tuple[Try, ...] = ()
