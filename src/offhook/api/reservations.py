"""Reservations: keep a free number for half an hour before it is subscribed."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from offhook.api.answers import NOT_FOUND, POSTED, body_of
from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.fields import Fields, Text, fields_of, no_query
from offhook.api.idempotency import DoneOnce
from offhook.api.numbers import DinUid, NumberJson, number_json
from offhook.api.values import time_json
from offhook.domain.reservations import Reservation
from offhook.service import reservations
from offhook.service.ports import Work

router = APIRouter(prefix="/voice/dins/reservations", tags=["reservations"], dependencies=[Depends(no_query)])


class ReservationJson(NumberJson):
    """A number that this account alone may subscribe for a while."""

    reserved_until: datetime = Field(description="From then on it is free for everybody.")


class NewReservation(Fields):
    """Which number to keep."""

    din_uid: Text = Field(min_length=1, max_length=64, description="From a search.", examples=["JPafr34rafic76tf"])


def reservation_json(reservation: Reservation) -> ReservationJson:
    """Write a reservation as the API does: its number's fields and its end."""
    return ReservationJson(**number_json(reservation.number).model_dump(), reserved_until=time_json(reservation.until))


@router.get("/")
async def list_reservations(door: OpenDoor, visitor: Visitor) -> list[ReservationJson]:
    """List the account's reservations that have not ended, the one that ends first in front."""
    listed = partial(reservations.list_reservations, account_id=visitor.account_id, now=door.now())
    return [reservation_json(reservation) for reservation in await door.database.read(listed)]


@router.post(
    "/",
    status_code=201,
    response_model=ReservationJson,
    responses={
        200: {"model": ReservationJson, "description": "The account reserves it already, until then and no longer."},
        **NOT_FOUND,
        **POSTED,
    },
    openapi_extra=body_of(NewReservation),
)
async def reserve(
    door: OpenDoor,
    visitor: Visitor,
    wish: Annotated[NewReservation, Depends(fields_of(NewReservation))],
    once: DoneOnce,
) -> Response:
    """Keep a free number for 30 minutes, in which this account alone can subscribe it. It costs nothing."""
    reserve = partial(reservations.reserve, account_id=visitor.account_id, din_uid=wish.din_uid, now=door.now())

    def reserve_and_show(work: Work) -> tuple[int, ReservationJson]:
        reservation, is_new = reserve(work)
        return 201 if is_new else 200, reservation_json(reservation)

    return await once.tell(reserve_and_show)


@router.delete("/{din_uid}/", responses=NOT_FOUND)
async def give_back(door: OpenDoor, visitor: Visitor, din_uid: DinUid) -> ReservationJson:
    """End a reservation before its time."""
    end = partial(reservations.give_back, account_id=visitor.account_id, din_uid=din_uid, now=door.now())
    return reservation_json(await door.database.write(end))
