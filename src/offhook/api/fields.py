"""The fields of a request, read strictly: nothing unknown, nothing twice, nothing that cannot be stored."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from offhook.api.errors import BodyMalformed, BodyOfUnknownType, BodyTooLarge, FieldsRefused, refuse

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 100

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Raw = dict[str, object]
M = TypeVar("M", bound=BaseModel)


class Fields(BaseModel):
    """The fields of a body or a query. An unknown one is refused, or a typing error would go unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


async def raw_fields(request: Request) -> Raw:
    """Read a body, form-encoded or JSON, as its fields.

    Raises BodyTooLarge, BodyOfUnknownType, BodyMalformed, FieldsRefused.
    """
    body = await _read(request)
    if not body:
        return {}
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace('"', "").partition("charset=")[2].strip()
    if charset not in ("", "utf-8", "utf8"):
        raise BodyOfUnknownType("a body is written in UTF-8")
    match kind.strip().lower():
        case "application/x-www-form-urlencoded":
            return _read_form(body)
        case "application/json":
            return _read_json(body)
    raise BodyOfUnknownType(f"a body is {FORM} or {JSON}")


def fields_of(model: type[M]) -> Callable[[Raw], Awaitable[M]]:
    """Make a dependency that reads the body as this model; raises FieldsRefused."""

    async def read(raw: Annotated[Raw, Depends(raw_fields)]) -> M:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            raise refuse(error.errors()) from None

    return read


async def plain_query(request: Request) -> None:
    """Refuse a query that says something twice or has characters that no filter knows."""
    query = request.scope["query_string"].decode("latin-1")
    _collect(parse_qsl(query, keep_blank_values=True))


class NoFilters(Fields):
    """The query of an endpoint that has no filters."""


async def no_query(_: Annotated[NoFilters, Query()]) -> None:
    """Refuse every filter."""


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge(f"a body is at most {LARGEST_BODY} bytes")
    return bytes(body)


def _read_form(body: bytes) -> Raw:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BodyMalformed(f"the body is not form-encoded: {error}") from None
    return _collect(pairs)


def _read_json(body: bytes) -> Raw:
    try:
        value = json.loads(body.decode(), object_pairs_hook=_collect, parse_constant=_refuse_constant)
    # A deep nest of brackets exhausts the parser's stack long before our limit of bytes.
    except (ValueError, RecursionError) as error:
        raise BodyMalformed(f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise BodyMalformed("the body is not a JSON object")
    return value


def _collect(pairs: Iterable[tuple[str, object]]) -> Raw:
    fields: Raw = {}
    for name, value in pairs:
        if name in fields:
            raise FieldsRefused({_spoken(name): ["This field is given more than once."]})
        if isinstance(value, str) and not _can_be_kept(value):
            raise FieldsRefused({_spoken(name): ["Control characters and broken Unicode are not possible."]})
        fields[_spoken(name)] = value
    return fields


def _can_be_kept(text: str) -> bool:
    """Tell whether every database and every log can take the text; line ends are fine in action text."""
    return not any("\ud800" <= c <= "\udfff" or (c < " " and c not in "\t\r\n") or c == "\x7f" for c in text)


def _spoken(name: str) -> str:
    """Return a field's name so that it can be written back in an answer."""
    return name.encode("utf-8", "replace").decode()


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
