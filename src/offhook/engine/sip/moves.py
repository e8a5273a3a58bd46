"""The four transaction machines of RFC 3261 section 17, corrected by RFC 6026, as one table each.

Rule 1: a signal that a state does not list changes nothing and does nothing.
Rule 2: deeds are done in the order written. Timers A, E and G repeat a message and stop where a
state does not list REPEAT_DUE; the others end a state, and each that is set replaces the one before.
"""

from enum import Enum, auto
from types import MappingProxyType


class State(Enum):
    """Where a transaction stands."""

    CALLING = auto()
    TRYING = auto()
    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    TERMINATED = auto()


class Signal(Enum):
    """What happens to a transaction: a message of its peer or of its user, or a timer."""

    REQUEST = auto()
    ACK = auto()
    PROVISIONAL = auto()
    SUCCESS = auto()
    FAILURE = auto()
    REPEAT_DUE = auto()
    LIFE_OVER = auto()


class Deed(Enum):
    """What a transaction then does."""

    SEND = auto()
    """Send the message that came with the signal, and remember it."""
    RESEND = auto()
    """Send the remembered message again."""
    ACK = auto()
    """Acknowledge a final response that is not a success (section 17.1.1.3)."""
    PASS = auto()
    """Hand the message to the transaction user."""
    TIME_OUT = auto()
    """Tell the transaction user that nobody answered, or that nobody acknowledged."""
    REPEAT_DOUBLING = auto()
    """Set the repeat timer, doubling without bound: timer A."""
    REPEAT_UP_TO_T2 = auto()
    """Set the repeat timer, doubling up to T2: timers E and G."""
    REPEAT_EVERY_T2 = auto()
    """Set the repeat timer to T2: timer E while proceeding."""
    LIVE_64_T1 = auto()
    """Set the life timer to 64 x T1: timers B, F, H, J, L, M."""
    LIVE_T4 = auto()
    """Set the life timer to T4: timers I and K."""
    LIVE_32_S = auto()
    """Set the life timer to 32 s: timer D."""
    LIVE_ON = auto()
    """Stop the life timer: timer B ends with the first provisional response; a callee may ring for long."""


Table = MappingProxyType[tuple[State, Signal], tuple[State, tuple[Deed, ...]]]

_S, _G, _D = State, Signal, Deed

# Figure 7 of RFC 3261 with RFC 6026 section 7.1. The user sends responses, the peer sends
# REQUEST (a retransmitted INVITE) and ACK.
INVITE_SERVER: Table = MappingProxyType(
    {
        (_S.PROCEEDING, _G.REQUEST): (_S.PROCEEDING, (_D.RESEND,)),
        (_S.PROCEEDING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.SEND,)),
        (_S.PROCEEDING, _G.SUCCESS): (_S.ACCEPTED, (_D.SEND, _D.LIVE_64_T1)),
        (_S.PROCEEDING, _G.FAILURE): (_S.COMPLETED, (_D.SEND, _D.REPEAT_UP_TO_T2, _D.LIVE_64_T1)),
        (_S.COMPLETED, _G.REQUEST): (_S.COMPLETED, (_D.RESEND,)),
        (_S.COMPLETED, _G.REPEAT_DUE): (_S.COMPLETED, (_D.RESEND, _D.REPEAT_UP_TO_T2)),
        (_S.COMPLETED, _G.ACK): (_S.CONFIRMED, (_D.LIVE_T4,)),
        (_S.COMPLETED, _G.LIFE_OVER): (_S.TERMINATED, (_D.TIME_OUT,)),
        (_S.CONFIRMED, _G.LIFE_OVER): (_S.TERMINATED, ()),
        (_S.ACCEPTED, _G.SUCCESS): (_S.ACCEPTED, (_D.SEND,)),
        (_S.ACCEPTED, _G.LIFE_OVER): (_S.TERMINATED, ()),
    }
)

# Figure 8.
SERVER: Table = MappingProxyType(
    {
        (_S.TRYING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.SEND,)),
        (_S.TRYING, _G.SUCCESS): (_S.COMPLETED, (_D.SEND, _D.LIVE_64_T1)),
        (_S.TRYING, _G.FAILURE): (_S.COMPLETED, (_D.SEND, _D.LIVE_64_T1)),
        (_S.PROCEEDING, _G.REQUEST): (_S.PROCEEDING, (_D.RESEND,)),
        (_S.PROCEEDING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.SEND,)),
        (_S.PROCEEDING, _G.SUCCESS): (_S.COMPLETED, (_D.SEND, _D.LIVE_64_T1)),
        (_S.PROCEEDING, _G.FAILURE): (_S.COMPLETED, (_D.SEND, _D.LIVE_64_T1)),
        (_S.COMPLETED, _G.REQUEST): (_S.COMPLETED, (_D.RESEND,)),
        (_S.COMPLETED, _G.LIFE_OVER): (_S.TERMINATED, ()),
    }
)

# Figure 5 with RFC 6026 section 7.2.
INVITE_CLIENT: Table = MappingProxyType(
    {
        (_S.CALLING, _G.REPEAT_DUE): (_S.CALLING, (_D.RESEND, _D.REPEAT_DOUBLING)),
        (_S.CALLING, _G.LIFE_OVER): (_S.TERMINATED, (_D.TIME_OUT,)),
        (_S.CALLING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.PASS, _D.LIVE_ON)),
        (_S.CALLING, _G.SUCCESS): (_S.ACCEPTED, (_D.PASS, _D.LIVE_64_T1)),
        (_S.CALLING, _G.FAILURE): (_S.COMPLETED, (_D.ACK, _D.PASS, _D.LIVE_32_S)),
        (_S.PROCEEDING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.PASS,)),
        # Only a CANCEL limits the life of this state (section 9.1).
        (_S.PROCEEDING, _G.LIFE_OVER): (_S.TERMINATED, (_D.TIME_OUT,)),
        (_S.PROCEEDING, _G.SUCCESS): (_S.ACCEPTED, (_D.PASS, _D.LIVE_64_T1)),
        (_S.PROCEEDING, _G.FAILURE): (_S.COMPLETED, (_D.ACK, _D.PASS, _D.LIVE_32_S)),
        (_S.COMPLETED, _G.FAILURE): (_S.COMPLETED, (_D.ACK,)),
        (_S.COMPLETED, _G.LIFE_OVER): (_S.TERMINATED, ()),
        (_S.ACCEPTED, _G.SUCCESS): (_S.ACCEPTED, (_D.PASS,)),
        (_S.ACCEPTED, _G.LIFE_OVER): (_S.TERMINATED, ()),
    }
)

# Figure 6.
CLIENT: Table = MappingProxyType(
    {
        (_S.TRYING, _G.REPEAT_DUE): (_S.TRYING, (_D.RESEND, _D.REPEAT_UP_TO_T2)),
        (_S.TRYING, _G.LIFE_OVER): (_S.TERMINATED, (_D.TIME_OUT,)),
        (_S.TRYING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.PASS,)),
        (_S.TRYING, _G.SUCCESS): (_S.COMPLETED, (_D.PASS, _D.LIVE_T4)),
        (_S.TRYING, _G.FAILURE): (_S.COMPLETED, (_D.PASS, _D.LIVE_T4)),
        (_S.PROCEEDING, _G.REPEAT_DUE): (_S.PROCEEDING, (_D.RESEND, _D.REPEAT_EVERY_T2)),
        (_S.PROCEEDING, _G.LIFE_OVER): (_S.TERMINATED, (_D.TIME_OUT,)),
        (_S.PROCEEDING, _G.PROVISIONAL): (_S.PROCEEDING, (_D.PASS,)),
        (_S.PROCEEDING, _G.SUCCESS): (_S.COMPLETED, (_D.PASS, _D.LIVE_T4)),
        (_S.PROCEEDING, _G.FAILURE): (_S.COMPLETED, (_D.PASS, _D.LIVE_T4)),
        (_S.COMPLETED, _G.LIFE_OVER): (_S.TERMINATED, ()),
    }
)
