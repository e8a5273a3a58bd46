"""A shop's telephone menu as a WSGI application: one is sales, two are the opening hours.

Run it with any WSGI server, such as `gunicorn shop:application`, and set its URL as the number's action URL.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from offhook_client import Say, Script, SignatureRefused, verify_request

SALES = "+81-3-1234-5678"
MENU = Say("en", "Welcome to the shop. For sales press one, for our opening hours press two.")


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer Offhook's questions about a call, and nobody else's."""
    try:
        call = verify_request(
            environ.get("HTTP_OFFHOOK_SIGNATURE"), environ["QUERY_STRING"], os.environ["OFFHOOK_SECRET"]
        )
    except SignatureRefused as refused:
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [str(refused).encode()]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [answer(call).text.encode()]


def answer(call: dict[str, str]) -> Script:
    """Say what happens next."""
    match call:
        case {"event": "incoming"}:
            return Script().gather(MENU, digits=1)
        case {"event": "gather", "digits": "1"}:
            return Script().say("en", "One moment, please.").transfer(SALES, ring=20, next="self")
        case {"event": "gather", "digits": "2"}:
            return Script().say("en", "We are open from nine to five, Monday to Friday.").hangup()
        case {"event": "gather", "digits": ""}:
            return Script().say("en", "Goodbye.").hangup()
        case {"event": "gather"}:
            return Script().say("en", "There is nothing behind that key.").gather(MENU, digits=1)
        case {"event": "transfer", "transfer_status": "answered"}:
            return Script().say("en", "Thank you for your call. Goodbye.").hangup()
        case {"event": "transfer"}:
            return Script().voicemail(Say("en", "Sales cannot answer now. Please leave a message."), max=120)
        case _:
            return Script().say("en", "Please call again later.").hangup()
