"""The family of errors. Whatever goes wrong is one of these, and every message says what, where and what to do.

OffhookError
├── BadValue            a value that cannot be sent (see `script.BadScript`, too)
├── ApiError            the platform refused: one leaf a status
├── NetworkError        no answer came: one leaf a reason
├── UnexpectedAnswer    an answer came, but not one of this API
└── SignatureRefused    in `signatures`
"""

from collections.abc import Mapping
from typing import ClassVar

Sentences = Mapping[str, tuple[str, ...]]

_LONGEST_REASON = 10_000


class OffhookError(Exception):
    """Anything that this library raises on purpose."""


class BadValue(OffhookError, ValueError):
    """A setting or an argument cannot be sent; nothing was."""


class ApiError(OffhookError):
    """The platform refused. `code` is stable and for programs, `detail` is for people, `help` explains the code.

    `fields` names each wrong field with its sentences; it is empty unless the status is 400.
    """

    cure: ClassVar[str] = ""

    def __init__(
        self,
        where: str,
        status: int,
        *,
        code: str = "",
        detail: str = "",
        fields: Sentences | None = None,
        help: str = "",  # noqa: A002 - as the API names it
        retry_after_s: float | None = None,
    ) -> None:
        self.status, self.code, self.detail, self.help = status, code, detail, help
        self.fields: Sentences = fields or {}
        self.retry_after_s = retry_after_s
        said = [f"{name}: {' '.join(sentences)}" for name, sentences in self.fields.items()]
        why = " ".join(part for part in (detail, *said, self.cure, f"See {help}" if help else "") if part)
        super().__init__(f"{where}: {status}{f' {code}' if code else ''}: {why[:_LONGEST_REASON]}")


class BadRequest(ApiError):
    """400: fields are wrong, or the body is."""


class Unauthorized(ApiError):
    """401: the SID or the token is wrong."""

    cure = "Check sid and token."


class NotEnoughCredit(ApiError):
    """402: the account cannot pay for it."""

    cure = "Top the account up."


class Forbidden(ApiError):
    """403: not for this account, for example before its identity was checked."""


class NotFound(ApiError):
    """404: it does not exist, or not for this account."""


class Conflict(ApiError):
    """409: its present state forbids the wish; a number is taken, a call is over."""


class Gone(ApiError):
    """410: it was there once, and never comes back."""


class KeyReused(ApiError):
    """422: the idempotency key was used for another request."""

    cure = "Give a new request a new key."


class Throttled(ApiError):
    """429: asked too fast, also after all tries."""

    cure = "Wait for retry_after_s, and ask less often."


class Unavailable(ApiError):
    """503: the platform cannot answer for the moment, also after all tries."""

    cure = "Try again later; with the same idempotency key nothing is done twice."


LEAVES: Mapping[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    402: NotEnoughCredit,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: KeyReused,
    429: Throttled,
    503: Unavailable,
}


class NetworkError(OffhookError):
    """No answer came. `is_passing` tells whether another try may help."""

    what: ClassVar[str] = "the connection failed"
    cure: ClassVar[str] = "Check that the platform runs at base_url, and that it is reachable from here."
    is_passing: ClassVar[bool] = True

    def __init__(self, where: str, reason: str = "") -> None:
        super().__init__(f"{where}: {self.what}{f' ({reason})' if reason else ''}. {self.cure}")


class HostNotFound(NetworkError):
    """Its name has no address."""

    what = "the host was not found"
    cure = "Check the host's name in base_url, and that names can be looked up from here."
    is_passing = False


class ConnectionRefused(NetworkError):
    """Nothing listens at that port."""

    what = "the connection was refused"
    cure = "Check the port in base_url, and that the platform runs."


class ConnectionBroken(NetworkError):
    """It ended before the answer was whole, or what came is not HTTP."""

    what = "no whole answer came"
    cure = "Try again (with the same idempotency key nothing is done twice), and check the port in base_url."


class TimedOut(NetworkError):
    """No whole answer came within timeout_s."""

    what = "no whole answer came in time"
    cure = "Check that the platform is reachable from here, or give a larger timeout_s."


class TlsFailed(NetworkError):
    """The certificate is not trusted, or it is not TLS that is spoken there."""

    what = "TLS failed"
    cure = "Check the server's certificate, and whether base_url begins with the right one of http:// and https://."
    is_passing = False


class UnexpectedAnswer(OffhookError):
    """What answered does not speak this API: a page, a redirect, another host, a proxy."""

    def __init__(self, where: str, status: int, what: str, *, retry_after_s: float | None = None) -> None:
        self.status, self.retry_after_s = status, retry_after_s
        super().__init__(f"{where}: {status}: {what} Check that base_url is the address of the platform's API.")
