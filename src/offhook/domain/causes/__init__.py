"""Why a call did not go as wished, in one sentence: read from its timeline each time, stored nowhere.

`deciding` says what is asked in which order; each other file knows one kind of trouble.
"""

from offhook.domain.causes.asking import CLOCK_SKEW
from offhook.domain.causes.cause import Cause
from offhook.domain.causes.deciding import cause
from offhook.domain.causes.hearing import KEYS_IN_BAND, NOT_RECEIVED

OWN_CODES = frozenset({CLOCK_SKEW, KEYS_IN_BAND, NOT_RECEIVED})
"""Codes that are found here alone, by looking at several events; all others are those of an event."""

__all__ = ["OWN_CODES", "Cause", "cause"]
