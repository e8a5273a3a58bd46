"""What an action server makes of what is asked: every event, odd callers, repeated and unknown things, signatures."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from offhook.language import Gather, Hangup, Playback, Reject, Say, Script, Voicemail, write
from offhook.testkit.findings import Check, Finding, failed, ok, warning
from offhook.testkit.questions import ODD_NAME
from offhook.testkit.replies import Reply, unusable

_SUBJECTS = {
    Check.GATHER: "keys that were pressed",
    Check.TRANSFER: "the result of a transfer",
    Check.VOICEMAIL: "a message that was left",
    Check.FALLBACK: "a call that the first URL failed",
    Check.ANONYMOUS: "a caller who withheld the number",
    Check.SHORT_NUMBER: "a caller with a short number",
    Check.SIP_NAME: "a caller whose address is no number",
    Check.NAME: "a caller with an odd name",
    Check.DETAILS: "all that may be known of a caller",
}
REFUSES = frozenset({400, 401, 403})
SERVER_ERROR = 500


def answer(reply: Reply, *, is_signed: bool) -> Finding:
    """Judge the first answer of all: without it there is nothing to check."""
    if reply.is_usable:
        return ok(Check.ANSWER, f"the first question was answered in {reply.elapsed_ms:.0f} ms")
    cure = "Open the URL yourself and look, and read the server's log."
    if reply.body is not None:
        cure = "Correct the text; offhook actions lint checks one."
    elif reply.code == "address-refused":
        cure = "A server of your own is asked with --allow-private."
    elif reply.status in REFUSES and not is_signed:
        cure = "If the server wants signed requests, give its --secret."
    elif reply.status in REFUSES:
        cure = "Is it the right --secret? offhook actions verify-signature says what is wrong with a signature."
    elif reply.status == 405:
        cure = "Questions come by GET: let the server take that."
    return failed(Check.ANSWER, "the first question got no usable answer; nothing else was asked", cure, [reply.drawn])


def event(check: Check, replies: Sequence[Reply], *, is_led_to: bool) -> Finding:
    """Judge the answers about one event; it may fail where none of the server's own answers leads there."""
    wrong = unusable(replies)
    subject = _SUBJECTS[check]
    if not wrong:
        return ok(check, f"questions about {subject} are answered ({len(replies)} asked)")
    bad = sum(not reply.is_usable for reply in replies)
    if is_led_to:
        return failed(
            check,
            f"{bad} of {len(replies)} questions about {subject} got no usable answer",
            "The server's own answers lead there: answer every outcome, also those that are rare.",
            wrong,
        )
    cure = "No answer that was seen leads there. It does no harm until one does"
    if check is Check.FALLBACK:
        cure = "It does no harm unless this is also set as the fallback URL"
    return warning(check, f"{bad} of {len(replies)} questions about {subject} got no usable answer", f"{cure}.", wrong)


def caller(check: Check, reply: Reply) -> Finding:
    """Judge the answer to an odd caller."""
    subject = _SUBJECTS[check]
    if not reply.is_usable:
        cure = "Such callers exist: answer them, be it with reject."
        if reply.body is not None:
            cure = "Quote what comes from outside: the client libraries' action text does."
        return failed(check, f"{subject} gets no usable answer", cure, unusable([reply]))
    if check is Check.NAME:
        return _named(reply)
    return ok(check, f"{subject} is answered")


def _named(reply: Reply) -> Finding:
    assert reply.script is not None, "only a usable answer is read"
    texts = [text for text in _texts(reply.script) if "Ann" in text]
    if texts and not any(ODD_NAME in text for text in texts):
        return warning(
            Check.NAME,
            "the caller's name comes back changed",
            "Decode parameters once, as UTF-8 (%20 and + are blanks), and escape for actions, not for HTML.",
            [f"sent: {ODD_NAME}", f"said: {texts[0]}"],
        )
    return ok(Check.NAME, f"{_SUBJECTS[Check.NAME]} is answered{', and the name said as it was sent' if texts else ''}")


def _texts(script: Script) -> list[str]:
    found = []
    for action in script.actions:
        sound = action
        if isinstance(action, Gather):
            sound = action.prompt or action
        elif isinstance(action, Voicemail):
            sound = action.greeting or action
        match sound:
            case Say(text=text):
                found.append(text)
            case Playback(url=url):
                found.append(urlsplit(url).path)
            case _:
                pass
    return found


def unknown_parameters(plain: Sequence[Reply], reply: Reply) -> Finding:
    """Judge how a parameter is taken that ACTIONS does not know yet; who answers now so, now so, does it without it."""
    cure = "Overlook parameters that are not known: later versions add some."
    if not reply.is_usable:
        return failed(
            Check.UNKNOWN_PARAMETERS, "a parameter that the server does not know is too much", cure, unusable([reply])
        )
    scripts = [one.script for one in plain if one.is_usable]
    if reply.script not in scripts and all(script == scripts[0] for script in scripts):
        return warning(Check.UNKNOWN_PARAMETERS, "a parameter that nobody knows changes the answer", cure)
    return ok(Check.UNKNOWN_PARAMETERS, "parameters that are not known are overlooked")


def repeated(first: Reply, again: Reply) -> Finding:
    """Judge a second try of the same question: the first answer may never have arrived."""
    if not again.is_usable:
        return failed(
            Check.REPEATED,
            "a question that is asked again (attempt=2, same call_id) gets no usable answer",
            "Answer it as the first time: the first answer may have been lost on the way.",
            unusable([again]),
        )
    if again.script != first.script:
        return warning(
            Check.REPEATED,
            "a question that is asked again (attempt=2, same call_id) is answered otherwise",
            "If that is not meant, decide by call_id and event, and count a call once.",
            [f"first: {_lines(first)}", f"again: {_lines(again)}"],
        )
    return ok(Check.REPEATED, "a question that is asked again gets the same answer")


def signed(reply: Reply) -> Finding:
    """Judge whether a request that is signed rightly is answered."""
    if reply.is_usable:
        return ok(Check.SIGNED, "a rightly signed request is answered")
    return failed(
        Check.SIGNED,
        "a rightly signed request is refused",
        "Is it the right --secret? offhook actions verify-signature says what is wrong with a signature.",
        unusable([reply]),
    )


def rotated(replies: Sequence[Reply]) -> Finding:
    """Judge requests signed with two secrets, as they are while a secret is changed."""
    wrong = unusable(replies)
    if not wrong:
        return ok(Check.ROTATED, "a request with two signatures is answered, whichever of them is the right one")
    return warning(
        Check.ROTATED,
        "a request with two signatures (v1 twice) is refused, though one of them is right",
        "Accept a request if any v1 is right, or every call fails while the secret is changed.",
        wrong,
    )


def refused(check: Check, what: str, replies: Sequence[Reply], good: Reply) -> Finding:
    """Judge whether requests are refused that did not come from the platform."""
    taken = [reply for reply in replies if not _is_refused(reply, good)]
    if taken:
        return warning(
            check,
            f"a request {what} is answered like any other: whoever knows the URL may ask, and learn what it says",
            "Verify Offhook-Signature and answer 403 if it is wrong; the client libraries do it in one line.",
            [reply.asked for reply in taken],
        )
    statuses = sorted({reply.status for reply in replies if reply.status is not None})
    told = ", ".join(map(str, statuses)) or "no answer"
    if any(status >= SERVER_ERROR for status in statuses) or not statuses:
        return warning(
            check, f"a request {what} is refused, but with {told}", "Answer 403: an error looks like a fault of yours."
        )
    return ok(check, f"a request {what} is refused ({told})")


def _is_refused(reply: Reply, good: Reply) -> bool:
    """Tell whether a reply says no: by its status, or by rejecting a call that is taken otherwise."""
    if reply.script is None:
        return True
    return reply.script != good.script and isinstance(reply.script.actions[0], Reject | Hangup)


def _lines(reply: Reply) -> str:
    assert reply.script is not None, "only a usable answer is written"
    return " / ".join(write(reply.script).splitlines())
