"""The same POST twice is done once: `Idempotency-Key`."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from offhook.api.auth import Visitor
from offhook.api.door import Door, OpenDoor
from offhook.api.errors import FieldsRefused
from offhook.api.fields import JSON, Raw, raw_fields
from offhook.domain.replies import LONGEST_KEY
from offhook.service import replies
from offhook.service.ports import Work

HEADER = "Idempotency-Key"
PRINTABLE = r"^[\x20-\x7e\xa1-\xac\xae-\xff]+$"
"""What a key may be of all that a header can hold (ISO 8859-1), for the document; the service checks it."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request that must not happen twice. Without a key it is simply done."""

    door: Door
    account_id: int
    key: str | None
    body_hash: str

    async def answer(self, status: int, do: Callable[[Work], BaseModel]) -> Response:
        """Do what `tell` does for work that has one status."""
        return await self.tell(lambda work: (status, do(work)))

    async def tell(self, do: Callable[[Work], tuple[int, BaseModel]]) -> Response:
        """Do the work and answer with the status and the model that it returns, or answer as the first time.

        Work and answer are kept in one unit: there is no moment at which one of them is lost. What
        was refused changed nothing, so its key is free and the next attempt is judged anew.
        """

        def unit(work: Work) -> tuple[int, str]:
            if self.key is None:
                status, model = do(work)
                return status, model.model_dump_json()
            now = self.door.now()
            kept = replies.replay(work, account_id=self.account_id, key=self.key, body_hash=self.body_hash, now=now)
            if kept is not None and kept.status is not None and kept.body is not None:
                return kept.status, kept.body
            status, model = do(work)
            body = model.model_dump_json()
            replies.remember(work, account_id=self.account_id, key=self.key, status=status, body=body)
            return status, body

        answered, body = await self.door.database.write(unit)
        return Response(body, answered, media_type=JSON)


async def once(
    request: Request,
    door: OpenDoor,
    visitor: Visitor,
    raw: Annotated[Raw, Depends(raw_fields)],
    key: Annotated[
        str | None,
        Header(
            alias=HEADER,
            min_length=1,
            max_length=LONGEST_KEY,
            description="Yours to choose: the same key and body get the same answer for 24 hours.",
            json_schema_extra={"pattern": PRINTABLE},
        ),
    ] = None,
) -> Once:
    """Read the key; what it stands for is the path and the fields, however they were encoded."""
    if len(request.headers.getlist(HEADER)) > 1:
        raise FieldsRefused({HEADER: ["This header is given more than once."]})
    said = json.dumps([request.url.path, raw], sort_keys=True)
    return Once(door, visitor.account_id, key, hashlib.sha256(said.encode()).hexdigest())


DoneOnce = Annotated[Once, Depends(once)]
