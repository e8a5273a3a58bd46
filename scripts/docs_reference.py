"""The API reference as one Markdown page, written from `docs/openapi.json`.

The document itself is served by every platform at `/openapi.json`, and readable at `/docs`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
OPENING = """# API reference

Every request and every document of the HTTP API, from its [OpenAPI description](openapi.json). How to use them, with an
example of each, stands in [the HTTP API](api.md).
"""


def page(root: Path) -> str:
    """Return the page."""
    document = json.loads((root / "docs" / "openapi.json").read_text(encoding="utf-8"))
    return "\n".join([OPENING, *_requests(document), "## Documents\n", *_schemas(document)])


def _requests(document: Document) -> Iterator[str]:
    tagged: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["Other"])[0]
                tagged.setdefault(tag, []).append("\n".join(_request(path, method, item[method])))
    for tag, requests in tagged.items():
        yield f"## {tag[:1].upper()}{tag[1:]}\n"
        yield from requests


def _request(path: str, method: str, operation: Document) -> Iterator[str]:
    yield f"### `{method.upper()} {path}`\n"
    yield f"{operation.get('description') or operation.get('summary', '')}\n"
    if parameters := operation.get("parameters"):
        yield "| parameter | in | what it is |\n|---|---|---|"
        for parameter in parameters:
            name = f"`{parameter['name']}`{' (required)' if parameter.get('required') else ''}"
            told = parameter.get("description") or parameter["schema"].get("description", "")
            yield f"| {name} | {parameter['in']} | {_type(parameter['schema'])}. {_cell(told)} |"
        yield ""
    if body := operation.get("requestBody"):
        kinds = body["content"]
        schema = next(iter(kinds.values())).get("schema", {})
        yield f"Body: {_type(schema)}, as {' or '.join(f'`{kind}`' for kind in kinds)}.\n"
    yield "| status | answer |\n|---|---|"
    for status, answer in operation["responses"].items():
        contents: list[Document] = list(answer.get("content", {}).values())
        told = " ".join(_type(content["schema"]) for content in contents[:1] if "schema" in content)
        # What the framework writes where nothing is to be said.
        said = _cell(answer.get("description", "").removeprefix("Successful Response"))
        yield f"| {status} | {f'{said} {told}'.strip() or 'an empty answer'} |"
    yield ""


def _schemas(document: Document) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        yield f"### {name}\n"
        if told := schema.get("description"):
            yield f"{told}\n"
        if properties := schema.get("properties"):
            yield "| field | type | what it is |\n|---|---|---|"
            required = schema.get("required", [])
            for field, value in properties.items():
                is_needed = " (required)" if field in required else ""
                yield f"| `{field}`{is_needed} | {_type(value)} | {_cell(value.get('description', ''))} |"
            yield ""
        else:
            yield f"{_type(schema)}\n"


def _type(schema: Document) -> str:
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_type(option) for option in options)
    match schema.get("type"):
        case "array":
            return f"array of {_type(schema.get('items', {}))}"
        case "null":
            return "null"
        case str() as kind:
            named = schema.get("format") or kind
            allowed = ", ".join(f"`{value}`" for value in schema.get("enum", ()))
            return f"{named}: {allowed}" if allowed else str(named)
    return f"`{schema['const']}`" if "const" in schema else "anything"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
