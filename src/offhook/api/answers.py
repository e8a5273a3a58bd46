"""What the OpenAPI document says about answers and bodies, besides what FastAPI finds out by itself."""

from typing import Any

from pydantic import BaseModel, RootModel

from offhook.api.document import without_null
from offhook.api.errors import Problem
from offhook.api.fields import FORM, JSON

Answers = dict[int | str, dict[str, Any]]


class BadFields(RootModel[dict[str, list[str]]]):
    """The fields that are wrong, each with what is wrong."""


_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer"}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "RFC 7617.", "required": True, "schema": {"type": "string"}}}

ALWAYS: Answers = {
    400: {"model": BadFields | Problem, "description": "A field is wrong, or the body cannot be read."},
    401: {"model": Problem, "description": "The SID or the auth token is wrong.", "headers": _CHALLENGE},
    429: {"model": Problem, "description": "Too many requests; come back later.", "headers": _RETRY_AFTER},
    500: {"model": Problem, "description": "A defect of ours."},
    503: {"model": Problem, "description": "The database is away; try again.", "headers": _RETRY_AFTER},
}
NOT_FOUND: Answers = {404: {"model": Problem, "description": "It does not exist, or not for this account."}}
POSTED: Answers = {
    409: {"model": Problem, "description": "It is taken, or the same idempotency key is still in progress."},
    413: {"model": Problem, "description": "The body is too large."},
    415: {"model": Problem, "description": "The body is neither form-encoded nor JSON."},
    422: {"model": Problem, "description": "The idempotency key was used with another body."},
}
NOT_VERIFIED: Answers = {
    403: {"model": Problem, "description": "Only an account whose identity was checked may have it."}
}
NOT_PAID: Answers = {402: {"model": Problem, "description": "The account has not enough credit."}}
PAGED: dict[str, Any] = {
    "headers": {"Link": {"description": '`<URL>; rel="next"` if there is more.', "schema": {"type": "string"}}}
}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that may come form-encoded or as JSON."""
    schema = model.model_json_schema()
    form = {**schema, "properties": {name: without_null(field) for name, field in schema["properties"].items()}}
    required = "required" in schema or "minProperties" in schema
    return {"requestBody": {"required": required, "content": {FORM: {"schema": form}, JSON: {"schema": schema}}}}
