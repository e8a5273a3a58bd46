"""Why a call did not go as wished, in one sentence: read from its timeline each time, stored nowhere.

`deciding` says what is asked in which order; each other file knows one kind of trouble.
"""

from offhook.domain.causes.asking import CLOCK_SKEW
from offhook.domain.causes.cause import Cause
from offhook.domain.causes.deciding import cause
from offhook.domain.causes.hearing import NOT_RECEIVED
from offhook.domain.causes.holding import ON_HOLD
from offhook.domain.causes.keys import KEYS_IN_BAND, UNKNOWN_TYPE
from offhook.domain.causes.poor_sound import POOR

OWN_CODES = frozenset({CLOCK_SKEW, KEYS_IN_BAND, NOT_RECEIVED, ON_HOLD, POOR, UNKNOWN_TYPE})
"""Codes that are found here alone, by looking at several events; all others are those of an event."""

__all__ = ["OWN_CODES", "Cause", "cause"]
