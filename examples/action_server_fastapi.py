"""An action server on FastAPI: callers key the number of their order in, and hear how it stands.

    pip install ./clients/python fastapi uvicorn
    export OFFHOOK_SECRET=...                    # `offhook accounts signing rotate NAME` shows it, once
    uvicorn action_server_fastapi:app --port 9000

The action URL of your number is then http://127.0.0.1:9000/calls.
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse

from offhook_client import Say, Script, SignatureRefused, verify_request

# While a new secret takes the old one's place: both, with a blank between. Without any, everything is refused.
SECRETS = os.environ.get("OFFHOOK_SECRET", "").split()
ORDERS = {"1042": "was sent today, and arrives tomorrow", "1043": "is being packed"}

app = FastAPI(openapi_url=None)


def verified(request: Request) -> dict[str, str]:
    """Return what the signature vouches for: nothing else of a request is used."""
    try:
        return verify_request(request.headers.get("Offhook-Signature"), request.url.query, SECRETS)
    except SignatureRefused as refused:
        raise HTTPException(403, str(refused)) from None


async def find_order(number: str) -> str | None:
    """Ask your database here: Offhook waits for five seconds, and the caller hears ringing or silence meanwhile."""
    return ORDERS.get(number)


def ask(sentence: str) -> Script:
    """Have the caller key in a number; the answer comes as the event `gather`."""
    return Script().gather(Say("en", sentence), digits=4, timeout=8)


@app.get("/calls", response_class=PlainTextResponse)
async def calls(call: Annotated[dict[str, str], Depends(verified)]) -> str:
    """Answer Offhook's question what to do with a call."""
    match call:
        case {"event": "incoming"}:
            script = ask("Please enter the four digits of your order.")
        case {"event": "gather", "digits": ""}:
            script = Script().say("en", "Goodbye.")
        case {"event": "gather", "digits": number} if state := await find_order(number):
            script = Script().say("en", f"Your order {' '.join(number)} {state}. Goodbye.")
        case {"event": "gather"}:
            script = ask("There is no such order. Please try again.")
        case _:
            script = Script().say("en", "Sorry, something went wrong. Please call again later.")
    return script.text
