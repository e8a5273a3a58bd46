"""What to do about a status that is not 200: pure.

Each advice is for whoever wrote the server; where it has several causes, the usual one comes first.
"""

from offhook.actionserver.breaker import SERVER_ERROR

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ANSWER = "An action server answers 200 and says in its text what to do with the call."
_BEHIND = "The web server in front runs, but the program behind it does not answer: start it, and see the front's log."
_BY_STATUS = {
    204: 'Answer 200 with a text: a call that should simply end is the line "hangup".',
    205: 'Answer 200 with a text: a call that should simply end is the line "hangup".',
    304: "Switch caching off for this URL: each call is asked about anew, and the answer is the text itself.",
    400: (
        "See why the server did not like the request, in its log: web frameworks refuse hosts that they do not know,"
        " and a port of https refuses http."
    ),
    405: "Let the path take GET: action servers are asked by GET.",
    406: "Let the path answer text/plain.",
    407: "The request met a proxy that wants a password: let the URL name the action server itself.",
    408: "The server gave up waiting for our request: see its log, and that of a proxy before it.",
    413: "Shorten the URL's own query, or allow longer ones at the server.",
    414: "Shorten the URL's own query, or allow longer ones at the server.",
    421: "The web server has no site of this name: add it, or correct the host in the URL.",
    426: "If the server wants https, write https:// in the URL.",
    429: "Let the server be asked as often as calls come: it limits how many requests it takes from one place.",
    431: "Let the server take longer headers: ours are of the usual kind and a signature.",
    502: _BEHIND,
    503: "See why the server takes no requests now: it is overloaded, being started or being maintained.",
    504: _BEHIND,
    511: "Something between asks for a login: see the way from this machine to the server.",
}
_CLOUD = range(520, 531)


def refusal(status: int) -> str:
    """Say what a server answered, without its name."""
    if status in REDIRECTS:
        return f"answered with status {status} and no Location"
    return f"answered with status {status}"


def advice(status: int, *, is_signed: bool, wants_login: bool) -> str:
    """Return what to do about a status; `wants_login` if the response names a way to log in (WWW-Authenticate)."""
    if status in REDIRECTS:
        return "Give the redirect a Location, or answer 200 with the text itself."
    if status == 401 and wants_login:
        return "Take the login off this URL: we have no password for it, and a signature proves who asks."
    if status in (401, 403):
        if is_signed:
            return "If it checks signatures, try one of its requests with `offhook actions verify-signature`."
        return (
            "Let our requests in: they are not signed until the account has a secret (`offhook accounts signing"
            " rotate`), and hold no login and no cookie."
        )
    if status in (404, 410):
        return "Check the path of the URL: the server has nothing there."
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status in _CLOUD:
        return f"{_BEHIND} Status {status} is of a content delivery network: it did not reach your server."
    if status >= SERVER_ERROR:
        return "Look into the server's log: its program failed at this request."
    return _ANSWER
