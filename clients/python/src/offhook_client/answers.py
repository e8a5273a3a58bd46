"""From an answer to a value, or to the error that it tells. Everything that a server may say ends here.

Read `value_of` first. The shapes are those of the API's documentation: a wrong field is
`{"<field>": ["sentence"]}`, all else is `{"detail", "code", "help"}`; what is neither is not this API.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from offhook_client.errors import LEAVES, ApiError, OffhookError, Sentences, UnexpectedAnswer

T = TypeVar("T")

_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next"?')
_LONGEST_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of `headers` are lower case; `where` says of which request, without its query."""

    where: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    retry_after_s: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and the query of the next one, if there is one."""

    items: list[T]
    next_query: str | None


def reads(_kind: type[T]) -> Callable[[Answer], T]:
    """Make a reader of one JSON object; a type checker knows it as this kind."""
    return lambda answer: cast(T, _object(answer))


def reads_list(_kind: type[T]) -> Callable[[Answer], list[T]]:
    """Make a reader of a JSON array of objects."""
    return lambda answer: cast(list[T], _array(answer))


def reads_page(_kind: type[T]) -> Callable[[Answer], Page[T]]:
    """Make a reader of one page of a list."""
    return lambda answer: Page(cast(list[T], _array(answer)), _next_query(answer))


def read_audio(answer: Answer) -> bytes:
    """Read a sound."""
    kind = answer.headers.get("content-type", "")
    if not answer.is_success or not kind.startswith("audio/"):
        raise error_of(answer) or _unexpected(answer)
    return answer.body


def error_of(answer: Answer) -> OffhookError | None:
    """Return the error that an answer tells; None for a success."""
    if answer.is_success:
        return None
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return _unexpected(answer)
    if not isinstance(said, dict):
        return _unexpected(answer)
    leaf = LEAVES.get(answer.status, ApiError)
    detail = said.get("detail")
    if isinstance(detail, str):
        code, link = (word if isinstance(word, str) else "" for word in (said.get("code"), said.get("help")))
        return leaf(
            answer.where, answer.status, code=code, detail=detail, help=link, retry_after_s=answer.retry_after_s
        )
    fields = _fields(said)
    if answer.status != 400 or fields is None:
        return _unexpected(answer)
    return leaf(answer.where, answer.status, code="bad-field", fields=fields)


def _fields(said: Mapping[str, object]) -> Sentences | None:
    fields: dict[str, tuple[str, ...]] = {}
    for name, sentences in said.items():
        if not isinstance(sentences, list) or not all(isinstance(sentence, str) for sentence in sentences):
            return None
        fields[name] = tuple(sentences)
    return fields or None


def _next_query(answer: Answer) -> str | None:
    """Find the next page by RFC 8288.

    Of the link only the query counts: behind a proxy a server may not know its own name, and the
    credentials go to nobody but `base_url`.
    """
    link = _NEXT.search(answer.headers.get("link", ""))
    return link[1].partition("#")[0].partition("?")[2] if link else None


def _object(answer: Answer) -> dict[str, object]:
    value = _json(answer)
    if not isinstance(value, dict):
        raise UnexpectedAnswer(answer.where, answer.status, "The answer is JSON, but not an object.")
    return value


def _array(answer: Answer) -> list[dict[str, object]]:
    value = _json(answer)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UnexpectedAnswer(answer.where, answer.status, "The answer is JSON, but not a list of objects.")
    return value


def _json(answer: Answer) -> object:
    if error := error_of(answer):
        raise error
    try:
        value: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise _unexpected(answer) from None
    return value


def _unexpected(answer: Answer) -> UnexpectedAnswer:
    return UnexpectedAnswer(answer.where, answer.status, _what(answer), retry_after_s=answer.retry_after_s)


def _what(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        place = answer.headers.get("location", "nowhere").partition("?")[0]
        return f"The answer is a redirect to {place}, which is not followed."
    opening = answer.body[: 4 * _LONGEST_EXCERPT].decode("utf-8", "replace").strip()
    if not opening:
        return "The answer is empty."
    if opening.startswith("<"):
        return f"The answer is a web page, not JSON{_title(answer.body)}."
    shown = "".join(character if character.isprintable() else " " for character in opening)[:_LONGEST_EXCERPT]
    return f"The answer is not one of this API. It begins with {shown!r}."


def _title(body: bytes) -> str:
    found = re.search(r"<title[^>]{0,100}>([^<]{1,80})", body[:4096].decode("utf-8", "replace"), re.IGNORECASE)
    return f", with the title {' '.join(found[1].split())!r}" if found else ""
