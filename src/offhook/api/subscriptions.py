"""Subscriptions: take a number, point it at an action server, give it back."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, Field

from offhook.api.answers import NOT_FOUND, NOT_PAID, NOT_VERIFIED, POSTED, body_of
from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.errors import FieldsRefused
from offhook.api.fields import Fields, Text, fields_of, no_query
from offhook.api.idempotency import DoneOnce
from offhook.api.numbers import DinUid, NumberJson, number_json
from offhook.api.values import time_json, time_json_or_none
from offhook.domain.subscriptions import Subscription, SubscriptionStatus
from offhook.service import subscriptions
from offhook.service.ports import Work
from offhook.service.subscriptions import UNSET, Unset
from offhook.service.urls import LONGEST_URL

router = APIRouter(prefix="/voice/dins/subscriptions", tags=["subscriptions"], dependencies=[Depends(no_query)])


class SubscriptionJson(NumberJson):
    """A number and what its subscriber made of it."""

    action_url: str | None = Field(
        description="Asked what to do with each call.", examples=["https://example.com/calls"]
    )
    fallback_url: str | None = Field(description="Asked when the action URL fails.")
    default_action: str | None = Field(description="Action text for when both fail.", examples=['say en "Goodbye"'])
    status: SubscriptionStatus
    subscribed_at: datetime
    renews_at: datetime = Field(description="When the next 30 days are charged.")
    ended_at: datetime | None


# The service checks a URL; this is as much of its rules as a pattern can say.
_A_URL = {"maxLength": LONGEST_URL, "pattern": r"^([Hh][Tt][Tt][Pp][Ss]?://[^\s\\\x00-\x1f\x7f]+)?$"}
Url = Annotated[str, Field(json_schema_extra=_A_URL)]


class NewSubscription(Fields):
    """Which number to take."""

    din_uid: Text = Field(min_length=1, max_length=64, description="From a search.", examples=["JPafr34rafic76tf"])
    action_url: Url | None = Field(
        None,
        description="Asked what to do with each call; it can be set later.",
        examples=["https://example.com/calls"],
    )


class SubscriptionChange(Fields):
    """What to change; null or an empty text takes a value away."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    action_url: Url | None = Field(
        None, description="Asked what to do with each call.", examples=["https://example.com/calls"]
    )
    fallback_url: Url | None = Field(
        None, description="Asked when the action URL fails.", examples=["https://example.net/calls"]
    )
    default_action: Text | None = Field(
        None, description="Action text for when both fail.", examples=['say en "Goodbye"']
    )


def subscription_json(subscription: Subscription) -> SubscriptionJson:
    """Write a subscription as the API does: its number's fields and its own."""
    return SubscriptionJson(
        **number_json(subscription.number).model_dump(),
        action_url=subscription.action_url,
        fallback_url=subscription.fallback_url,
        default_action=subscription.default_action,
        status=subscription.status,
        subscribed_at=time_json(subscription.subscribed_at),
        renews_at=time_json(subscription.renews_at),
        ended_at=time_json_or_none(subscription.ended_at),
    )


@router.get("/")
async def list_subscriptions(door: OpenDoor, visitor: Visitor) -> list[SubscriptionJson]:
    """List the account's subscriptions by number."""
    listed = partial(subscriptions.list_subscriptions, account_id=visitor.account_id)
    return [subscription_json(subscription) for subscription in await door.database.read(listed)]


@router.post(
    "/",
    status_code=201,
    response_model=SubscriptionJson,
    responses={**NOT_FOUND, **NOT_PAID, **NOT_VERIFIED, **POSTED},
    openapi_extra=body_of(NewSubscription),
)
async def subscribe(
    door: OpenDoor,
    visitor: Visitor,
    wish: Annotated[NewSubscription, Depends(fields_of(NewSubscription))],
    once: DoneOnce,
) -> Response:
    """Subscribe a free number. Its first 30 days are charged at once."""
    subscribe = partial(
        subscriptions.subscribe,
        account_id=visitor.account_id,
        din_uid=wish.din_uid,
        action_url=wish.action_url,
        now=door.now(),
        api_user_id=visitor.id,
    )
    return await once.answer(201, lambda work: subscription_json(subscribe(work)))


@router.get("/{din_uid}/", responses=NOT_FOUND)
async def read_subscription(door: OpenDoor, visitor: Visitor, din_uid: DinUid) -> SubscriptionJson:
    """Read one subscription."""
    find = partial(subscriptions.find_subscription, account_id=visitor.account_id, din_uid=din_uid)
    return subscription_json(await door.database.read(find))


@router.post(
    "/{din_uid}/",
    response_model=SubscriptionJson,
    responses={**NOT_FOUND, **POSTED},
    openapi_extra=body_of(SubscriptionChange),
)
async def set_urls(
    visitor: Visitor,
    din_uid: DinUid,
    change: Annotated[SubscriptionChange, Depends(fields_of(SubscriptionChange))],
    once: DoneOnce,
) -> Response:
    """Set the URLs and the default action; what is not named stays as it is."""
    if not change.model_fields_set:
        names = ", ".join(SubscriptionChange.model_fields)
        raise FieldsRefused({"action_url": [f"Nothing is to be changed; name at least one of {names}."]})

    def wished(name: str, value: str | None) -> str | Unset | None:
        return value if name in change.model_fields_set else UNSET

    def set_and_show(work: Work) -> SubscriptionJson:
        changed = subscriptions.set_urls(
            work,
            account_id=visitor.account_id,
            din_uid=din_uid,
            action_url=wished("action_url", change.action_url),
            fallback_url=wished("fallback_url", change.fallback_url),
            default_action=wished("default_action", change.default_action),
        )
        return subscription_json(changed)

    return await once.answer(200, set_and_show)


@router.delete("/{din_uid}/", responses=NOT_FOUND)
async def unsubscribe(door: OpenDoor, visitor: Visitor, din_uid: DinUid) -> SubscriptionJson:
    """End a subscription. Within 24 hours its charge comes back; later the number rests before it is free."""
    cancel = partial(
        subscriptions.cancel, account_id=visitor.account_id, din_uid=din_uid, now=door.now(), terms=door.terms
    )
    return subscription_json(await door.database.write(cancel))
