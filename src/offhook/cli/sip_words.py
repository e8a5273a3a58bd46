"""What a SIP status means to somebody who only wanted to call (RFC 3261 section 21, and where else it stands)."""

WORDS = {
    400: "the request was not understood",
    401: "it asks for a password",
    403: "calls from here are not taken",
    404: "the number is not known there",
    405: "calls are not taken there",
    407: "it asks for a password",
    408: "nothing answered at that address",
    410: "the number exists no more",
    415: "it cannot read our offer of sound",
    420: "it lacks something that the call needs",
    480: "the number cannot take the call now",
    481: "the call is not known there any more",
    482: "the call went in circles",
    483: "the call went through too many hands",
    484: "the number is not complete",
    486: "the number is busy",
    487: "the call was given up before an answer",
    488: "there is no codec that both sides know",
    500: "something is broken there",
    501: "it does not know how to do that",
    502: "its own carrier gave a wrong answer",
    503: "it has too much to do, or is being shut down",
    504: "its own carrier does not answer",
    600: "the callee is busy everywhere",
    603: "the callee declined",
    604: "the number exists nowhere",
    606: "the callee wants the call, but not like this",
}
_CLASSES = {
    3: "the call is to be made elsewhere",
    4: "the call was refused",
    5: "the other side failed",
    6: "the call was refused for good",
}


def words_of(status: int | None) -> str:
    """Return a sentence without a full stop; None is a call that was given up before any last word."""
    if status is None:
        return "the call was given up before an answer"
    return WORDS.get(status) or _CLASSES.get(status // 100, "the call was not answered")
