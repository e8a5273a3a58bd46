"""From words to SIP: the one table of how a refusal is told to a caller's trunk."""

from types import MappingProxyType

from offhook.engine.call.effects import No

STATUS: MappingProxyType[No, int] = MappingProxyType(
    {
        No.NOT_FOUND: 404,
        No.UNAVAILABLE: 480,
        No.BUSY: 486,
        No.DECLINED: 603,
        No.NOT_ACCEPTABLE: 488,
        No.OVERLOADED: 503,
        No.LOOPED: 482,
        No.TOO_MANY_HOPS: 483,
    }
)

RETRY_AFTER_S = 5
"""Told with 503 only, so that a carrier comes back instead of taking us for dead (RFC 3261 section 20.33)."""

NO_CODEC = STATUS[No.NOT_ACCEPTABLE]
