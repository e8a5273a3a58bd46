"""A menu by telephone (IVR): callers press keys, and get to other menus, to a text or to a person.

    pip install offhook-client flask
    export OFFHOOK_SECRET=...                    # `offhook accounts signing rotate NAME` shows it, once
    flask --app ivr run --port 9000

The action URL of your number is then http://127.0.0.1:9000/menus/main. Change `MENUS`, and start it again.
"""

import os
from dataclasses import dataclass

from flask import Flask, Response, abort, request, url_for

from offhook_client import Say, Script, SignatureRefused, verify_request

# While a new secret takes the old one's place: both, with a blank between. Without any, everything is refused.
SECRETS = os.environ.get("OFFHOOK_SECRET", "").split()
TRIES = 3


@dataclass(frozen=True)
class Menu:
    """What a caller is asked, and where each key leads: to a script, or to the menu of a name."""

    question: str
    keys: dict[str, Script | str]


def reach(number: str) -> Script:
    """Let somebody's telephone ring; if nobody answers, the caller may leave a message."""
    return Script().transfer(number, ring=20).voicemail(Say("en", "Nobody is here now. Please leave a message."))


MENUS = {
    "main": Menu(
        "For your order press one. For our address press two. To speak with us press zero.",
        {
            "1": "orders",
            "2": Script().say("en", "You find us at 1 Example Street, Tokyo. Goodbye."),
            "0": reach("+81-3-5550-0123"),
        },
    ),
    "orders": Menu(
        "To change your order press one. To send it back press two. To hear the first menu again press star.",
        {
            "1": reach("+81-3-5550-0124"),
            "2": Script().say("en", "Please send it to us within two weeks. You need no form. Goodbye."),
            "*": "main",
        },
    ),
}

app = Flask(__name__)


def ask(name: str, tries: int = 1, before: str = "") -> Script:
    """Ask a menu's question; the pressed key comes to `next`, as the event `gather`."""
    following = url_for("menu", name=name, tries=tries, _external=True)
    return Script().gather(Say("en", before + MENUS[name].question), digits=1, timeout=8, next=following)


def answer(name: str, call: dict[str, str], tries: int) -> Script:
    """Say what to do with a caller who is in a menu."""
    if call["event"] != "gather":
        return ask(name)
    match MENUS[name].keys.get(call["digits"]):
        case Script() as script:
            return script
        case str(other):
            return ask(other)
        case None if tries < TRIES:
            return ask(name, tries + 1, before="Sorry, I did not get that. ")
        case None:
            return Script().say("en", "Please call again. Goodbye.")


# The path and `tries` are not signed: all that they choose is which menu a caller hears.
@app.get("/menus/<name>")
def menu(name: str) -> Response:
    """Answer Offhook's question, if it is Offhook who asks."""
    call = verify_request(request.headers.get("Offhook-Signature"), request.environ["QUERY_STRING"], SECRETS)
    if name not in MENUS:
        abort(404, f"There is no menu {name}.")
    return Response(answer(name, call, request.args.get("tries", 1, int)).text, mimetype="text/plain")


@app.errorhandler(SignatureRefused)
def refuse(refused: SignatureRefused) -> Response:
    """Say why; the sentence stands in the timeline of the call."""
    return Response(f"{refused}\n", 403, mimetype="text/plain")
