"""Commands: a call that runs is told to do something else at once, or to end."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from offhook.api.answers import NOT_FOUND, POSTED, body_of
from offhook.api.auth import Visitor
from offhook.api.calls import CallId
from offhook.api.door import OpenDoor
from offhook.api.errors import FieldsRefused, Problem
from offhook.api.fields import JSON, Fields, Text, fields_of, no_query
from offhook.api.idempotency import DoneOnce
from offhook.api.values import time_json, time_json_or_none
from offhook.domain.commands import Command, CommandStatus
from offhook.service import commands
from offhook.service.ports import Work

router = APIRouter(prefix="/voice/calls", tags=["calls"], dependencies=[Depends(no_query)])


class CommandJson(BaseModel):
    """What is wanted of a call, and how far it came."""

    command_id: str
    call_id: str
    action: str | None = Field(description="The action text; null if the call's end is wanted.")
    status: CommandStatus = Field(description="`accepted` until the call's node has done it.")
    code: str | None = Field(description="Why it was refused.")
    created_at: datetime
    done_at: datetime | None


class CallChange(Fields):
    """What the call is to do: one of the two."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    action: Text = Field(
        default_factory=str,
        description="Action text that takes the place of what runs.",
        examples=['say en "One moment please"'],
    )
    status: Literal["completed"] = Field(default_factory=lambda: "completed", description="`completed` hangs up.")


CommandId = Annotated[
    str, Path(description="From the answer to its POST.", examples=["0b6f6d0e-3c0e-4f0c-9d57-0b1f4f9a7a11"])
]


def command_json(command: Command) -> CommandJson:
    """Write a command as the API does."""
    return CommandJson(
        command_id=command.command_id,
        call_id=command.call_id,
        action=command.action,
        status=command.status,
        code=command.code,
        created_at=time_json(command.created_at),
        done_at=time_json_or_none(command.done_at),
    )


@router.post(
    "/{call_id}/",
    status_code=202,
    response_model=CommandJson,
    responses={
        200: {"model": CommandJson, "description": "It is done."},
        202: {"model": CommandJson, "description": "It will be done within a second."},
        **NOT_FOUND,
        **POSTED,
        409: {"model": Problem, "description": "The call is over, or the same idempotency key is still in progress."},
    },
    openapi_extra=body_of(CallChange),
)
async def change_call(
    door: OpenDoor,
    visitor: Visitor,
    call_id: CallId,
    change: Annotated[CallChange, Depends(fields_of(CallChange))],
    once: DoneOnce,
) -> Response:
    """Tell a running call to do something else at once, or to end."""
    if len(change.model_fields_set) != 1:
        raise FieldsRefused({"action": ["Name either an action or the status completed."]})
    write_down = partial(
        commands.command,
        account_id=visitor.account_id,
        call_id=call_id,
        command_id=door.token(),
        action=change.action if "action" in change.model_fields_set else None,
        by=visitor.sid,
        now=door.now(),
    )

    def command_and_show(work: Work) -> CommandJson:
        return command_json(write_down(work))

    answered = await once.answer(202, command_and_show)
    wanted = CommandJson.model_validate_json(bytes(answered.body))
    await door.running.attend()
    # Also for a key that was used before: nothing is wanted twice, and the answer says how far it came.
    find = partial(commands.find_command, account_id=visitor.account_id, call_id=call_id, command_id=wanted.command_id)
    found = await door.database.read(find)
    commands.raise_refusal(found)
    status = 200 if found.status is CommandStatus.DONE else 202
    return Response(command_json(found).model_dump_json(), status, media_type=JSON)


@router.get("/{call_id}/commands/{command_id}/", responses=NOT_FOUND)
async def read_command(door: OpenDoor, visitor: Visitor, call_id: CallId, command_id: CommandId) -> CommandJson:
    """Read how far it came with what was wanted of a call."""
    find = partial(commands.find_command, account_id=visitor.account_id, call_id=call_id, command_id=command_id)
    return command_json(await door.database.read(find))
