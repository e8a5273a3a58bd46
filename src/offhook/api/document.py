"""The OpenAPI document, corrected where FastAPI's guess is not what we answer."""

from typing import Any

from offhook.api.meanings import meanings

Json = dict[str, Any]

_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")


def tell_truth(document: Json) -> Json:
    """Correct the document in place: no 422 for bad fields, no null in a query; add every error code."""
    for path in document["paths"].values():
        for operation in path.values():
            # We answer a bad field with 400; a 422 stays only where an idempotency key explains it.
            if _FASTAPIS_OWN[0] in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = without_null(parameter["schema"])
    for name in _FASTAPIS_OWN:
        document["components"]["schemas"].pop(name, None)
    document["x-errors"] = [
        {"code": code, "status": status, "meaning": text} for code, (status, text) in meanings().items()
    ]
    return document


def without_null(schema: Json) -> Json:
    """Return the schema of a field that is left out when there is none: no query and no form can say null."""
    match schema:
        case {"anyOf": [given, {"type": "null"}], **rest}:
            if rest.get("default", 0) is None:
                del rest["default"]
            return {**rest, **given}
    return schema
