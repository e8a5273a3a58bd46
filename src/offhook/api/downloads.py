"""Lists as CSV: who wants one, what its file is called, and how it is sent, however long it is."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from typing import Any, Literal

import structlog
from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Send

from offhook.api.answers import PAGED
from offhook.service import exports
from offhook.service.exports import Export, Part
from offhook.service.ports import Database
from offhook.storage import DatabaseAway

log = structlog.get_logger(__name__)

CSV = "text/csv"
Format = Literal["json", "csv"]
FORMAT = "Otherwise the `Accept` header decides."
PAGED_OR_CSV: dict[str, Any] = {
    "headers": {
        **PAGED["headers"],
        "Content-Disposition": {"description": "The name of a CSV file.", "schema": {"type": "string"}},
    },
    "content": {CSV: {"schema": {"type": "string"}}},
}


def wants_csv(named: Format | None, accept: str) -> bool:
    """Tell whether CSV is wanted, by the field `format` or else by the `Accept` header."""
    return named == "csv" or (named is None and CSV in accept.lower())


def csv_headers(what: str, since: date | None, until: date) -> dict[str, str]:
    """Return the header that names the file by what is in it: a day, or a moment, that begins a range and one after."""
    begin = f"-since-{_stamp(since)}" if since is not None else ""
    return {"Content-Disposition": f'attachment; filename="{what}{begin}-until-{_stamp(until)}.csv"'}


async def download(database: Database, export: Export, headers: dict[str, str]) -> Response:
    """Answer with all of an export, sent while it is read. Raises DatabaseAway while it is not begun."""
    parts = exports.parts(database, export)
    # The status comes before the first line, so that a database that is away is told as always.
    first = await anext(parts)
    return _Transfer(_lines(export.header, first, parts), media_type=CSV, headers=headers)


class _Transfer(StreamingResponse):
    """An answer that breaks off visibly when the rest of it cannot be read."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except Exception as error:
            # Over HTTP/1.0, which some proxies speak, to close the connection looks like the end.
            await send({"type": "http.response.body", "body": exports.BROKEN_OFF.encode(), "more_body": True})
            if not isinstance(error, DatabaseAway):
                raise
            # The end of the body is not sent, and the server closes the connection.
            log.error("an export broke off", code=error.code, text=error.sentence, hint=error.hint)


async def _lines(header: str, first: Part, rest: AsyncIterator[Part]) -> AsyncIterator[str]:
    yield header + first.text
    async for part in rest:
        yield part.text


def _stamp(at: date) -> str:
    """Write a moment as files can be called, a day's beginning as the day."""
    if isinstance(at, datetime) and at.time() != time():
        return f"{at:%Y-%m-%dT%H%M%SZ}"
    return f"{at:%Y-%m-%d}"
