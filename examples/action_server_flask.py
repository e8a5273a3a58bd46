"""An action server on Flask: who calls decides what they hear.

    pip install ./clients/python flask
    export OFFHOOK_SECRET=...                    # `offhook accounts signing rotate NAME` shows it, once
    flask --app action_server_flask run --port 9000

The action URL of your number is then http://127.0.0.1:9000/calls.
"""

import os

from flask import Flask, Response, request

from offhook_client import Say, Script, SignatureRefused, verify_request

# While a new secret takes the old one's place: both, with a blank between. Without any, everything is refused.
SECRETS = os.environ.get("OFFHOOK_SECRET", "").split()
FRIENDS = {"819012345678": ("Ms. Sato", "+81-3-5550-0123")}

app = Flask(__name__)


def answer(call: dict[str, str]) -> Script:
    """Say what to do with a call; the text of a Script is quoted right, whatever a name holds."""
    match call:
        case {"anonymous": "1"}:
            return Script().reject("declined")
        case {"event": "incoming", "caller": caller} if caller in FRIENDS:
            name, desk = FRIENDS[caller]
            greeting = Script().say("en", f"Good day, {name}. One moment, please.")
            return greeting.transfer(desk, ring=20).voicemail(Say("en", "Nobody is here. Please leave a message."))
        case {"event": "incoming"}:
            return Script().say("en", "Hello! You have reached Example Limited. Please write to us. Goodbye.")
        case _:
            return Script().say("en", "Sorry, something went wrong. Please call again later.")


@app.get("/calls")
def calls() -> Response:
    """Answer Offhook's question, if it is Offhook who asks."""
    call = verify_request(request.headers.get("Offhook-Signature"), request.environ["QUERY_STRING"], SECRETS)
    return Response(answer(call).text, mimetype="text/plain")


@app.errorhandler(SignatureRefused)
def refuse(refused: SignatureRefused) -> Response:
    """Say why; the sentence stands in the timeline of the call."""
    return Response(f"{refused}\n", 403, mimetype="text/plain")
