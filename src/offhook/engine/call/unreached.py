"""Why a callee was not reached, in words: what its SIP code means, and what the caller hears of it."""

from dataclasses import dataclass
from types import MappingProxyType

from offhook.domain.calls import Reason
from offhook.engine.call.effects import No
from offhook.engine.call.refusals import REFUSED_AS

_MEANINGS: MappingProxyType[int, tuple[Reason, str]] = MappingProxyType(
    {
        403: (Reason.CALLEE_REFUSED, "the call to it is forbidden"),
        404: (Reason.CALLEE_FAILED, "nobody has this number"),
        408: (Reason.CALLEE_NO_ANSWER, "it did not answer in time"),
        410: (Reason.CALLEE_FAILED, "the number is not in use any more"),
        480: (Reason.CALLEE_NO_ANSWER, "it cannot be reached at the moment"),
        484: (Reason.CALLEE_FAILED, "the number is not complete"),
        486: (Reason.CALLEE_BUSY, "it is busy"),
        487: (Reason.CALLEE_NO_ANSWER, "its ringing was ended"),
        488: (Reason.CALLEE_FAILED, "it has no codec in common with us"),
        503: (Reason.CALLEE_FAILED, "its gateway is overloaded or out of order"),
        504: (Reason.CALLEE_FAILED, "its gateway did not answer in time"),
        600: (Reason.CALLEE_BUSY, "it is busy everywhere"),
        604: (Reason.CALLEE_FAILED, "the number exists nowhere"),
        606: (Reason.CALLEE_FAILED, "it cannot take the call as it is"),
    }
)

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
    """How a transfer came to nothing. `sip_code` is the callee's last word, None when it said none."""

    reason: Reason
    text: str
    sip_code: int | None = None

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


def _meaning_of_class(status: int) -> tuple[Reason, str]:
    if status >= 600:
        return Reason.CALLEE_REFUSED, "it declined the call"
    if status >= 500:
        return Reason.CALLEE_FAILED, "its gateway failed"
    if status >= 400:
        return Reason.CALLEE_FAILED, "its gateway refused the call"
    return Reason.CALLEE_REDIRECTED, "its gateway sent us elsewhere, and we do not go there"
