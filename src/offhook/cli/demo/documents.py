"""Documents that another program wrote, read with care: what is not as expected fails the demo with a sentence."""

import json
from decimal import Decimal

from offhook.cli.documents import Document
from offhook.cli.errors import DemoFailed


def read_document(text: str) -> Document:
    """Read a JSON object; raises DemoFailed."""
    return as_document(_read(text))


def read_list(text: str) -> list[Document]:
    """Read a JSON array of objects; raises DemoFailed."""
    value = _read(text)
    if not isinstance(value, list):
        raise DemoFailed(f"this should be a list: {text[:200]}")
    return [as_document(one) for one in value]


def text_of(document: Document, name: str) -> str:
    """Return a field that is a text; raises DemoFailed."""
    value = document.get(name)
    if not isinstance(value, str):
        raise DemoFailed(f"the field {name!r} should be a text: {document}")
    return value


def credits_of(document: Document, name: str) -> Decimal:
    """Return a field that is an amount of credits; raises DemoFailed."""
    value = document.get(name)
    if not isinstance(value, int | float):
        raise DemoFailed(f"the field {name!r} should be a number: {document}")
    return Decimal(str(value))


def as_document(value: object) -> Document:
    """Return a JSON object; raises DemoFailed."""
    if not isinstance(value, dict):
        raise DemoFailed(f"this should be a JSON object: {str(value)[:200]}")
    return value


def _read(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        raise DemoFailed(f"this should be JSON: {text[:200]!r}") from None
    return value
