"""How each reason and each rejection is told to the caller, in words (the code table of the design)."""

from types import MappingProxyType

from offhook.domain.calls import Reason
from offhook.engine.call.effects import No
from offhook.language import RejectKind

REFUSED_AS: MappingProxyType[Reason, No] = MappingProxyType(
    {
        Reason.UNKNOWN_NUMBER: No.NOT_FOUND,
        Reason.NOT_SUBSCRIBED: No.NOT_FOUND,
        Reason.IN_GRACE: No.UNAVAILABLE,
        Reason.NO_CREDIT: No.UNAVAILABLE,
        Reason.CREDIT_ENDED: No.UNAVAILABLE,
        Reason.TOO_MANY_CALLS: No.BUSY,
        Reason.TOO_MANY_PER_MINUTE: No.BUSY,
        Reason.SPENT_FOR_TODAY: No.UNAVAILABLE,
        Reason.NO_COMMON_CODEC: No.NOT_ACCEPTABLE,
        Reason.LOOP: No.LOOPED,
        Reason.TOO_MANY_HOPS: No.TOO_MANY_HOPS,
        # It was answered already, by the status that says why.
        Reason.REQUEST_NOT_TAKEN: No.NOT_ACCEPTABLE,
        # Carriers take a 503 for a dead gateway: only these two say it.
        Reason.DRAINING: No.OVERLOADED,
        Reason.OVERLOAD: No.OVERLOADED,
        Reason.DATABASE_AWAY: No.UNAVAILABLE,
        Reason.CHAIN_EXHAUSTED: No.UNAVAILABLE,
        Reason.DESTINATION_REFUSED: No.UNAVAILABLE,
        Reason.NO_ROUTE: No.UNAVAILABLE,
        Reason.CALLEE_BUSY: No.BUSY,
        Reason.CALLEE_NO_ANSWER: No.UNAVAILABLE,
        Reason.CALLEE_REFUSED: No.DECLINED,
        Reason.CALLEE_FAILED: No.UNAVAILABLE,
        Reason.CALLEE_REDIRECTED: No.UNAVAILABLE,
        Reason.WORKER_DIED: No.UNAVAILABLE,
        Reason.NODE_LOST: No.UNAVAILABLE,
        Reason.NO_RTP: No.UNAVAILABLE,
        Reason.NOT_CONFIRMED: No.UNAVAILABLE,
        Reason.TOO_LONG: No.UNAVAILABLE,
        Reason.DEFECT: No.UNAVAILABLE,
    }
)

REJECTED_AS: MappingProxyType[RejectKind, No] = MappingProxyType(
    {
        RejectKind.BUSY: No.BUSY,
        RejectKind.DECLINED: No.DECLINED,
        RejectKind.UNAVAILABLE: No.UNAVAILABLE,
    }
)
