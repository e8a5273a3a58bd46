"""The fields of a request, read strictly: nothing unknown, nothing twice, nothing that cannot be stored."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema
from starlette.requests import ClientDisconnect

from offhook.api.errors import BodyMalformed, BodyOfUnknownType, BodyTooLarge, FieldsRefused, refuse

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 100
LONGEST_INTEGER = 20
"""Characters: every integer of 64 bits with its sign."""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Raw = dict[str, object]
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
_NOT_KEPT = re.compile(rf"[{_CONTROL}\ud800-\udfff]")
# Bytes that are no UTF-8 become lone surrogates, so that the field they stand in can be named.
_BYTES_KEPT = "surrogateescape"
Text = Annotated[str, Field(json_schema_extra={"pattern": f"^[^{_CONTROL}]*$"})]
"""A text that the document describes as `_can_be_kept` reads it."""
M = TypeVar("M", bound=BaseModel)


class Fields(BaseModel):
    """The fields of a body or a query. An unknown one is refused, or a typing error would go unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _read_time(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    # The first and the last year overflow when they are brought to UTC.
    except (ValueError, OverflowError):
        raise ValueError("a time is written in ISO 8601 with its zone, like 2026-11-23T06:00:00Z") from None


Time = Annotated[datetime, PlainValidator(_read_time), WithJsonSchema({"type": "string", "format": "date-time"})]


async def raw_fields(request: Request) -> Raw:
    """Read a body, form-encoded or JSON, as its fields.

    Raises BodyTooLarge, BodyOfUnknownType, BodyMalformed, FieldsRefused.
    """
    body = await _read(request)
    if not body:
        return {}
    match _kind_of(request):
        case "application/x-www-form-urlencoded":
            return _read_form(body)
        case "application/json":
            return _read_json(body)
    raise BodyOfUnknownType(f"a body is {FORM} or {JSON}")


async def json_document(request: Request) -> object:
    """Read a body that is one JSON object, in which a field may be an object too.

    Raises BodyTooLarge, BodyOfUnknownType, BodyMalformed, FieldsRefused.
    """
    body = await _read(request)
    if _kind_of(request) != JSON:
        raise BodyOfUnknownType(f"a body is {JSON} here")
    return _parse_json(body, _collect_all)


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
    _collect(parse_qsl(query, keep_blank_values=True, errors=_BYTES_KEPT))


class NoFilters(Fields):
    """The query of an endpoint that has no filters."""


async def no_query(_: Annotated[NoFilters, Query()]) -> None:
    """Refuse every filter."""


def _kind_of(request: Request) -> str:
    """Return the type of a body in lower case; raises BodyOfUnknownType if its text is not UTF-8."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace('"', "").partition("charset=")[2].strip()
    if charset not in ("", "utf-8", "utf8"):
        raise BodyOfUnknownType("a body is written in UTF-8")
    return kind.strip().lower()


async def _read(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise BodyTooLarge(f"a body is at most {LARGEST_BODY} bytes")
    # Nobody is left to read the answer, but it is counted, and it was no defect of ours.
    except ClientDisconnect:
        raise BodyMalformed("the body ended before it was whole") from None
    return bytes(body)


def _read_form(body: bytes) -> Raw:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors=_BYTES_KEPT,
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BodyMalformed(f"the body is not form-encoded: {error}") from None
    return _collect(pairs)


def _read_json(body: bytes) -> Raw:
    value = _parse_json(body, _Pairs)
    if not isinstance(value, _Pairs):
        raise BodyMalformed("the body is not a JSON object")
    return _collect(value)


def _parse_json(body: bytes, objects: Callable[[list[tuple[str, object]]], object]) -> object:
    try:
        return json.loads(
            body.decode(), object_pairs_hook=objects, parse_int=_read_integer, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise BodyMalformed(f"the body is not UTF-8: see byte {error.start + 1}") from None
    # A deep nest of brackets exhausts the parser's stack long before our limit of bytes.
    except RecursionError:
        raise BodyMalformed("the body is nested too deep") from None
    except ValueError as error:
        raise BodyMalformed(f"the body is not JSON: {error}") from None


class _Pairs(list[tuple[str, object]]):
    """A JSON object as it was written. Only the names of the outermost are fields: no field is an object."""


def _read_integer(text: str) -> int | float:
    """Read what 64 bits may hold; more is no integer to any field, and would cost the square of its length."""
    return int(text) if len(text) <= LONGEST_INTEGER else float(text)


def _collect(pairs: Iterable[tuple[str, object]]) -> Raw:
    fields: Raw = {}
    for name, value in pairs:
        if name in fields:
            raise FieldsRefused({_spoken(name): ["This field is given more than once."]})
        if isinstance(value, str) and not _can_be_kept(value):
            raise FieldsRefused({_spoken(name): ["Control characters and broken Unicode are not possible."]})
        fields[_spoken(name)] = value
    return fields


def _collect_all(pairs: list[tuple[str, object]]) -> Raw:
    return _collect(pairs)


def _can_be_kept(text: str) -> bool:
    """Tell whether every database and every log can take the text; line ends are fine in action text."""
    return _NOT_KEPT.search(text) is None


def _spoken(name: str) -> str:
    """Return a field's name so that it can be written back in an answer."""
    return name.encode("utf-8", "replace").decode()


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
