"""Why a callee was not reached, in words: what its SIP code means, and what the caller hears of it."""

from dataclasses import dataclass
from types import MappingProxyType

from offhook.domain.calls import Reason
from offhook.engine.call.effects import No
from offhook.engine.call.refusals import REFUSED_AS

_MEANINGS: MappingProxyType[int, tuple[Reason, str]] = MappingProxyType(
    {
        400: (Reason.CALLEE_FAILED, "its gateway says that it does not understand our request"),
        401: (Reason.CALLEE_FAILED, "its gateway wants to know who we are"),
        402: (Reason.CALLEE_FAILED, "its carrier wants to be paid first"),
        403: (Reason.CALLEE_REFUSED, "the call to it is forbidden"),
        404: (Reason.CALLEE_FAILED, "nobody has this number"),
        405: (Reason.CALLEE_FAILED, "its gateway takes no calls"),
        406: (Reason.CALLEE_FAILED, "its gateway cannot answer in a form that we take"),
        407: (Reason.CALLEE_FAILED, "its gateway wants to know who we are"),
        408: (Reason.CALLEE_NO_ANSWER, "it did not answer in time"),
        410: (Reason.CALLEE_FAILED, "the number is not in use any more"),
        413: (Reason.CALLEE_FAILED, "our request is too large for its gateway"),
        415: (Reason.CALLEE_FAILED, "its gateway does not take our kind of offer"),
        416: (Reason.CALLEE_FAILED, "its gateway does not take this kind of address"),
        420: (Reason.CALLEE_FAILED, "its gateway lacks an extension of SIP that the call needs"),
        421: (Reason.CALLEE_FAILED, "its gateway demands an extension of SIP that we lack"),
        428: (Reason.CALLEE_REFUSED, "its carrier takes only calls whose number is signed (STIR)"),
        433: (Reason.CALLEE_REFUSED, "it takes no anonymous calls"),
        480: (Reason.CALLEE_NO_ANSWER, "it cannot be reached at the moment"),
        481: (Reason.CALLEE_FAILED, "its gateway lost the call"),
        482: (Reason.CALLEE_FAILED, "its gateway says that the call goes in a circle"),
        483: (Reason.CALLEE_FAILED, "its gateway says that the call has passed too many hops"),
        484: (Reason.CALLEE_FAILED, "the number is not complete"),
        485: (Reason.CALLEE_FAILED, "the number may mean several phones"),
        486: (Reason.CALLEE_BUSY, "it is busy"),
        487: (Reason.CALLEE_NO_ANSWER, "its ringing was ended"),
        488: (Reason.CALLEE_FAILED, "it has no codec in common with us"),
        491: (Reason.CALLEE_FAILED, "its gateway was at work with another request"),
        500: (Reason.CALLEE_FAILED, "its gateway met an error of its own"),
        501: (Reason.CALLEE_FAILED, "its gateway cannot place calls"),
        502: (Reason.CALLEE_FAILED, "the network behind its gateway gave no usable answer"),
        503: (Reason.CALLEE_FAILED, "its gateway is overloaded or out of order"),
        504: (Reason.CALLEE_FAILED, "the network behind its gateway did not answer in time"),
        505: (Reason.CALLEE_FAILED, "its gateway does not speak this version of SIP"),
        513: (Reason.CALLEE_FAILED, "our request is too large for its gateway"),
        600: (Reason.CALLEE_BUSY, "it is busy everywhere"),
        603: (Reason.CALLEE_REFUSED, "it declined the call"),
        604: (Reason.CALLEE_FAILED, "the number exists nowhere"),
        606: (Reason.CALLEE_FAILED, "it cannot take the call as it is"),
        607: (Reason.CALLEE_REFUSED, "it does not want calls of this caller"),
        608: (Reason.CALLEE_REFUSED, "its carrier's filter holds the call for unwanted"),
    }
)
_CHALLENGES = frozenset({401, 407})
_NEVER_SAID = frozenset({408, 503})
"""With these we stand in for somebody who said nothing, or was not reached (RFC 3261 section 8.1.3.1)."""

_WORDS: MappingProxyType[Reason, str] = MappingProxyType(
    {
        Reason.CALLEE_BUSY: "busy",
        Reason.CALLEE_NO_ANSWER: "no-answer",
        Reason.CALLEE_REFUSED: "refused",
        Reason.CALLEE_REDIRECTED: "refused",
        Reason.DESTINATION_REFUSED: "refused",
        Reason.NO_CREDIT: "refused",
        Reason.SPENT_FOR_TODAY: "refused",
    }
)


@dataclass(frozen=True, slots=True)
class Unreached:
    """How a transfer came to nothing. `sip_code` is the callee's last word, None when it said none.

    `fault` is the code of an error of ours that was in the way.
    """

    reason: Reason
    text: str
    sip_code: int | None = None
    fault: str = ""

    @property
    def word(self) -> str:
        """The transfer's status in the words of the action language."""
        return _WORDS.get(self.reason, "failed")

    @property
    def told_as(self) -> No:
        """How a caller hears it who was never answered: 6xx is final for everybody (RFC 3261 section 21.6)."""
        if self.sip_code is not None and self.sip_code >= 600:
            return No.DECLINED
        # Only a 6xx is passed on as one: a carrier's 403 says nothing about the callee's will.
        return No.UNAVAILABLE if self.reason is Reason.CALLEE_REFUSED else REFUSED_AS[self.reason]


def declined(status: int, reason: str) -> Unreached:
    """Say what a final response of 300 or more means; `reason` is its own phrase (RFC 3261 section 21)."""
    meaning, text = _MEANINGS.get(status, _meaning_of_class(status))
    return Unreached(meaning, f"{text} ({status} {reason})".replace(" )", ")"), status)


def failed(status: int, why: str) -> Unreached:
    """Say what it means that we gave up as if this status had been said; `why` are our own words."""
    meaning, text = _MEANINGS.get(status, _meaning_of_class(status))
    if status in _NEVER_SAID:
        return Unreached(meaning, why)
    if status in _CHALLENGES:
        return Unreached(meaning, f"{text} ({status}): {why}", status)
    return Unreached(meaning, f"its answer cannot be used: {why}", status)


def _meaning_of_class(status: int) -> tuple[Reason, str]:
    if status >= 600:
        return Reason.CALLEE_REFUSED, "it declined the call"
    if status >= 500:
        return Reason.CALLEE_FAILED, "its gateway failed"
    if status >= 400:
        return Reason.CALLEE_FAILED, "its gateway refused the call"
    return Reason.CALLEE_REDIRECTED, "its gateway sent us elsewhere, and we do not go there"
