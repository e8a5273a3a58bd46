"""How an account's action requests are signed: its secret, and the origins that are its own besides its URLs'."""

import secrets
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from offhook.api.answers import POSTED, body_of
from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.fields import Fields, Text, fields_of, no_query
from offhook.api.idempotency import DoneOnce
from offhook.api.values import time_json_or_none
from offhook.domain.signing import Signing
from offhook.service import signing

SECRET_BYTES = 32

router = APIRouter(prefix="/account/signing", tags=["account"], dependencies=[Depends(no_query)])


class OldSecret(StrEnum):
    """What becomes of the secret before."""

    KEEP = "keep"
    DROP = "drop"


class SigningJson(BaseModel):
    """How action requests are signed."""

    signed: bool = Field(description="Whether they are: without a secret they are not.")
    previous_secret_until: datetime | None = Field(description="Until then the secret before signs as well.")
    sign_origins: list[str] = Field(
        description="Where redirects and `next` are signed besides the origins of the account's own URLs.",
        examples=[["https://api.example.com"]],
    )


class SecretJson(SigningJson):
    """A new secret, shown this once."""

    secret: str = Field(description="The key of the HMAC. Keep it: it is not shown again.")


class NewSecret(Fields):
    """A new secret is made; nothing need be said."""

    old_secret: OldSecret = Field(
        OldSecret.KEEP, description="Whether the secret before signs for 24 hours as well (`keep`), or no more."
    )


class Origins(Fields):
    """Which origins are the account's own."""

    sign_origins: Text = Field(
        description="All of them, with blanks or commas between; an empty text for none.",
        examples=["https://api.example.com https://example.net:8443"],
    )


def signing_json(found: Signing, now: datetime) -> SigningJson:
    """Write how an account signs as the API does."""
    return SigningJson(
        signed=bool(found.secret),
        previous_secret_until=time_json_or_none(found.both_until(now)),
        sign_origins=list(found.origins),
    )


@router.get("/")
async def read_signing(door: OpenDoor, visitor: Visitor) -> SigningJson:
    """Read how the account's action requests are signed. The secrets themselves are not shown."""
    found = await door.database.read(partial(signing.signing_of, account_id=visitor.account_id))
    return signing_json(found, door.now())


@router.post("/", response_model=SigningJson, responses=POSTED, openapi_extra=body_of(Origins))
async def set_origins(
    door: OpenDoor, visitor: Visitor, wish: Annotated[Origins, Depends(fields_of(Origins))], once: DoneOnce
) -> Response:
    """Set the origins at which redirects and `next` are signed too, in place of those before."""
    origins = wish.sign_origins.replace(",", " ").split()
    put = partial(signing.set_origins, account_id=visitor.account_id, origins=origins)
    return await once.answer(200, lambda work: signing_json(put(work), door.now()))


@router.post("/secret/", status_code=201, response_model=SecretJson, responses=POSTED, openapi_extra=body_of(NewSecret))
async def rotate_secret(
    door: OpenDoor, visitor: Visitor, wish: Annotated[NewSecret, Depends(fields_of(NewSecret))], once: DoneOnce
) -> Response:
    """Make a new secret and show it once. The one before signs for 24 hours beside it."""
    secret, now = secrets.token_urlsafe(SECRET_BYTES), door.now()
    rotate = partial(
        signing.rotate_secret,
        account_id=visitor.account_id,
        secret=secret,
        now=now,
        at_once=wish.old_secret is OldSecret.DROP,
    )
    return await once.answer(
        201, lambda work: SecretJson(**signing_json(rotate(work), now).model_dump(), secret=secret)
    )


@router.delete("/secret/")
async def stop_signing(door: OpenDoor, visitor: Visitor) -> SigningJson:
    """Sign no more; the origins stay."""
    found = await door.database.write(partial(signing.stop, account_id=visitor.account_id))
    return signing_json(found, door.now())
