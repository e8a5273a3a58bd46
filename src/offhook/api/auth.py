"""Who is asking: HTTP Basic with the SID and the token of an API user (RFC 7617)."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from offhook.api.door import OpenDoor
from offhook.api.errors import Throttled, WrongCredentials
from offhook.domain.accounts import ApiUser
from offhook.service import api_users

basic = HTTPBasic(auto_error=False, description="The SID and the auth token of an API user.")


async def visitor(
    request: Request, door: OpenDoor, credentials: Annotated[HTTPBasicCredentials | None, Depends(basic)]
) -> ApiUser:
    """Return the API user who asks; raises WrongCredentials (also for the wrong address), Throttled.

    Read anew for every request, so that a user who is disabled is out at once.
    """
    if credentials is None or not (credentials.username + credentials.password).isprintable():
        raise WrongCredentials
    user = await door.database.read(
        partial(
            api_users.authenticate,
            sid=credentials.username,
            token=credentials.password,
            address=request.client.host if request.client else "",
            now=door.now(),
        )
    )
    if user is None:
        raise WrongCredentials
    wait_s = door.throttle.wait_s(user.id, door.clock())
    if wait_s:
        raise Throttled(wait_s)
    return user


Visitor = Annotated[ApiUser, Depends(visitor)]
