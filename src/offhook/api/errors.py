"""Every answer that is not a success: one table from the house's errors to HTTP statuses.

Read `STATUSES` first; an error that is not listed is answered as its nearest ancestor is. A bad
field is `{"<field>": ["sentence"]}`, all else is a `Problem`.
"""

from collections.abc import Mapping, Sequence
from http import HTTPMethod, HTTPStatus
from math import ceil

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from offhook.domain.errors import KeyUsedOtherwise, VerificationRequired
from offhook.errors import (
    ActionServerError,
    Codes,
    ConflictError,
    CreditError,
    GoneError,
    ImpossibleMove,
    InputError,
    NotFoundError,
    OffhookError,
    ProtocolError,
    SetupError,
    SoundError,
)
from offhook.storage import DatabaseAway

log = structlog.get_logger(__name__)

Sentences = Mapping[str, Sequence[str]]


class WrongCredentials(OffhookError):
    code = "wrong-credentials"

    def __init__(self) -> None:
        super().__init__("the SID or the auth token is wrong")


class Throttled(OffhookError):
    """The API user asks faster than allowed; `seconds` is when to come back."""

    code = "throttled"

    def __init__(self, wait_s: float) -> None:
        self.seconds = max(1, ceil(wait_s))
        super().__init__(f"Request was throttled. Expected available in {self.seconds} second.")


class FieldsRefused(OffhookError):
    """Fields of a body or a query are wrong, each with its sentences."""

    code = "bad-field"

    def __init__(self, sentences: Sentences) -> None:
        super().__init__(f"wrong fields: {', '.join(sentences)}")
        self.sentences = sentences


class BodyMalformed(OffhookError):
    code = "malformed-body"


class BodyTooLarge(OffhookError):
    code = "body-too-large"


class BodyOfUnknownType(OffhookError):
    code = "unsupported-media-type"


class NotReady(OffhookError):
    code = "not-ready"


STATUSES: Mapping[type[OffhookError], HTTPStatus] = {
    InputError: HTTPStatus.BAD_REQUEST,
    FieldsRefused: HTTPStatus.BAD_REQUEST,
    BodyMalformed: HTTPStatus.BAD_REQUEST,
    WrongCredentials: HTTPStatus.UNAUTHORIZED,
    CreditError: HTTPStatus.PAYMENT_REQUIRED,
    VerificationRequired: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    GoneError: HTTPStatus.GONE,
    ConflictError: HTTPStatus.CONFLICT,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyOfUnknownType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    KeyUsedOtherwise: HTTPStatus.UNPROCESSABLE_ENTITY,
    Throttled: HTTPStatus.TOO_MANY_REQUESTS,
    DatabaseAway: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    # No endpoint asks action servers, plays sounds or speaks SIP: here these are our own defects.
    ActionServerError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SoundError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ProtocolError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SetupError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ImpossibleMove: HTTPStatus.INTERNAL_SERVER_ERROR,
    OffhookError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class HttpCode(Codes):
    """What is wrong with a request before any endpoint has seen it."""

    NO_SUCH_PATH = "no-such-path"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    BAD_REQUEST = "bad-request"


_HTTP_CODES: Mapping[HTTPStatus, str] = {
    HTTPStatus.UNAUTHORIZED: WrongCredentials.code,
    HTTPStatus.NOT_FOUND: HttpCode.NO_SUCH_PATH,
    HTTPStatus.METHOD_NOT_ALLOWED: HttpCode.METHOD_NOT_ALLOWED,
}
_OWN_FAULT = "Something went wrong on our side. It was logged; please try again."
# It may have gone between its commit and its answer, so what was done is not known.
_DATABASE_AWAY = "The database is away for the moment. Please try again; with an Idempotency-Key nothing is done twice."


class Problem(BaseModel):
    """What went wrong, in a sentence for people and a stable code for programs."""

    detail: str = Field(description="What happened and what to do about it.")
    code: str = Field(description="The same for every error of this kind, for ever.")
    help: str = Field(description="Where this code is explained.")


def status_of(error: OffhookError) -> HTTPStatus:
    """Return how an error is answered: as listed for its class, or for the nearest class above it."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def install(app: FastAPI) -> None:
    """Answer everything that can be raised, from the house, from FastAPI or from a defect."""
    app.add_exception_handler(OffhookError, _answer_ours)
    app.add_exception_handler(RequestValidationError, _answer_query)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_defect)


def refuse(errors: Sequence[Mapping[str, object]]) -> FieldsRefused:
    """Turn pydantic's list of errors into one sentence or more for each field."""
    sentences: dict[str, list[str]] = {}
    for error in errors:
        place = error["loc"]
        field = str(place[-1]) if isinstance(place, tuple) and place else "body"
        kind, message = error["type"], str(error["msg"])
        match kind:
            case "missing":
                message = "This field is required."
            case "extra_forbidden":
                message = "There is no such field."
            case "string_pattern_mismatch":
                message = "This is not of the form that this field has; the API's documentation shows an example."
        sentences.setdefault(field, []).append(as_sentence(message.removeprefix("Value error, ")))
    return FieldsRefused(sentences)


def as_sentence(text: str) -> str:
    """Begin with a capital letter, and end as sentences do."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


async def _answer_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OffhookError)
    status = status_of(error)
    match error:
        case InputError():
            return JSONResponse({error.field: [_told(error)]}, status)
        case FieldsRefused():
            return JSONResponse(dict(error.sentences), status)
        case WrongCredentials():
            headers = {"WWW-Authenticate": 'Basic realm="Offhook", charset="UTF-8"'}
            return _problem(request, status, error.code, _told(error), headers)
        case Throttled():
            return _problem(request, status, error.code, error.sentence, {"Retry-After": str(error.seconds)})
        case DatabaseAway():
            log.error("database-away", path=request.url.path, sentence=error.sentence, hint=error.hint)
            return _problem(request, status, error.code, _DATABASE_AWAY, {"Retry-After": "1"})
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        # The server logs it with its traceback, as it does every other defect.
        raise error
    return _problem(request, status, error.code, _told(error))


async def _answer_query(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return await _answer_ours(request, refuse(error.errors()))


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = _HTTP_CODES.get(status, HttpCode.BAD_REQUEST)
    headers = _allowed(request) if status is HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return _problem(request, status, code, as_sentence(str(error.detail)), headers)


async def _answer_defect(request: Request, error: Exception) -> JSONResponse:
    code = error.code if isinstance(error, OffhookError) else OffhookError.code
    log.error("defect", path=request.url.path, code=code, kind=type(error).__name__)
    # After a defect the server closes the connection; a client that keeps it must know.
    closed = {"Connection": "close"}
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, OffhookError.code, _OWN_FAULT, closed)


def _allowed(request: Request) -> Mapping[str, str]:
    """Name every method of the path (RFC 9110 section 15.5.6); the router names those of one of its endpoints."""
    routes = request.app.router.routes
    methods = [
        method
        for method in HTTPMethod
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return {"Allow": ", ".join(methods)}


def _told(error: OffhookError) -> str:
    return " ".join(as_sentence(part) for part in (error.sentence, error.hint) if part)


def _problem(
    request: Request, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    problem = Problem(detail=detail, code=code, help=f"{request.base_url}docs/errors/{code}")
    return JSONResponse(problem.model_dump(), status, headers)
