"""What a timeline is told of a response."""

from types import SimpleNamespace
from typing import cast

from aiohttp import ClientResponse
from multidict import CIMultiDict

from offhook.actionserver.responses import LONGEST_HEADER, shown_headers


def told(**headers: str) -> dict[str, str]:
    response = SimpleNamespace(headers=CIMultiDict(headers))
    return dict(shown_headers(cast(ClientResponse, response)))


def test_bytes_that_are_no_text_can_be_written_as_json() -> None:
    server = b"caf\xe9 \xe5\xb1\xb1".decode("utf-8", "surrogateescape")
    assert told(Server=server) == {"Server": "caf\N{REPLACEMENT CHARACTER} 山"}


def test_a_location_is_told_without_user_and_password() -> None:
    assert told(Location="https://desk:sec@ret@example.com/a@b") == {"Location": "https://example.com/a@b"}
    assert told(Location="/a@b") == {"Location": "/a@b"}


def test_a_long_header_is_cut() -> None:
    assert told(Server="x" * 1000) == {"Server": "x" * LONGEST_HEADER}
