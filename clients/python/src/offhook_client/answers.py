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
_SUCCESSES = frozenset({200, 201, 202})
# What somebody else wrote stands in our messages, and so in logs and terminals.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_WORD = 500
_MOST_NAMED = 3
_LONGEST_SENTENCE = 10_000


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
        return self.status in _SUCCESSES


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and the query of the next one, if there is one."""

    items: list[T]
    next_query: str | None


def reads(kind: type[T]) -> Callable[[Answer], T]:
    """Make a reader of one JSON object, which has all keys of this kind; a type checker knows it as one."""
    return lambda answer: cast(T, _object(answer, _needed(kind)))


def reads_list(kind: type[T]) -> Callable[[Answer], list[T]]:
    """Make a reader of a JSON array of objects."""
    return lambda answer: cast(list[T], _array(answer, _needed(kind)))


def reads_page(kind: type[T]) -> Callable[[Answer], Page[T]]:
    """Make a reader of one page of a list."""
    return lambda answer: Page(cast(list[T], _array(answer, _needed(kind))), _next_query(answer))


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
        said = _parsed(answer.body)
    except (ValueError, RecursionError):
        return _unexpected(answer)
    if not isinstance(said, dict) or answer.status < 400:
        return _unexpected(answer)
    leaf = LEAVES.get(answer.status, ApiError)
    detail = said.get("detail")
    if isinstance(detail, str):
        code, link = _word(said.get("code")), _word(said.get("help"))
        return leaf(
            answer.where,
            answer.status,
            code=code,
            detail=_sentence(detail),
            help=link,
            retry_after_s=answer.retry_after_s,
        )
    fields = _fields(said)
    if answer.status != 400 or fields is None:
        return _unexpected(answer)
    return leaf(answer.where, answer.status, code="bad-field", fields=fields)


def _fields(said: Mapping[str, object]) -> Sentences | None:
    fields: dict[str, tuple[str, ...]] = {}
    for name, told in said.items():
        sentences = [told] if isinstance(told, str) else told
        if not isinstance(sentences, list) or not sentences or not all(isinstance(one, str) for one in sentences):
            return None
        fields[_word(name)] = tuple(map(_sentence, sentences))
    return fields or None


def _word(said: object) -> str:
    """Return a text for programs, on one line; nothing if it is none."""
    return _sentence(said).replace("\n", " ")[:_LONGEST_WORD] if isinstance(said, str) else ""


def _sentence(said: str) -> str:
    """Return a text for people: it may have lines, because carets stand under them."""
    return _CONTROL.sub(" ", said[:_LONGEST_SENTENCE])


def _next_query(answer: Answer) -> str | None:
    """Find the next page by RFC 8288.

    Of the link only the query counts: behind a proxy a server may not know its own name, and the
    credentials go to nobody but `base_url`.
    """
    link = _NEXT.search(answer.headers.get("link", ""))
    return link[1].partition("#")[0].partition("?")[2] if link else None


def _needed(kind: type) -> frozenset[str]:
    keys: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    return keys


def _object(answer: Answer, needed: frozenset[str]) -> dict[str, object]:
    value = _json(answer)
    if not isinstance(value, dict):
        raise UnexpectedAnswer(answer.where, answer.status, "The answer is JSON, but not an object.")
    _refuse_without(needed, value, answer)
    return value


def _array(answer: Answer, needed: frozenset[str]) -> list[dict[str, object]]:
    value = _json(answer)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UnexpectedAnswer(answer.where, answer.status, "The answer is JSON, but not a list of objects.")
    for item in value:
        _refuse_without(needed, item, answer)
    return value


def _refuse_without(needed: frozenset[str], value: Mapping[str, object], answer: Answer) -> None:
    if missing := needed - value.keys():
        what = f"The answer is JSON, but it has no {' and no '.join(sorted(missing)[:_MOST_NAMED])}."
        raise UnexpectedAnswer(answer.where, answer.status, what)


def _json(answer: Answer) -> object:
    if error := error_of(answer):
        raise error
    try:
        return _parsed(answer.body)
    except (ValueError, RecursionError):
        raise _unexpected(answer) from None


def _parsed(body: bytes) -> object:
    """Read JSON as RFC 8259 has it: UTF-8, no NaN; and no half of a character, which nothing could print."""
    value: object = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    if b"\\u" in body:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number of JSON")


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
