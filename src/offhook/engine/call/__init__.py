"""The life of one call, pure: it knows no SIP, no RTP and no HTTP.

`table` draws the life, `call` lives it, `inputs` and `effects` are its words.
"""

from offhook.engine.call.call import Call
from offhook.engine.call.limits import Limits
from offhook.engine.call.table import State

__all__ = ["Call", "Limits", "State"]
