"""Why a call did not go as wished, in one sentence: read from its timeline each time, stored nowhere.

`deciding` says what is asked in which order; each other file knows one kind of trouble.
"""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.deciding import cause

__all__ = ["Cause", "cause"]
