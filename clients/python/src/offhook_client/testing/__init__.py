"""Calls to an action server within a test: no telephone, no platform, and no network unless a URL is called.

With pytest use the fixture `offhook_call`, elsewhere `Phone`. `read` reads action text as the platform does.
"""

from offhook_client.prompts import Playback, Say
from offhook_client.testing.actions import (
    Action,
    Gather,
    Hangup,
    Pause,
    Redirect,
    Reject,
    Transfer,
    Voicemail,
)
from offhook_client.testing.call import Call
from offhook_client.testing.failures import CallFailed, Failure
from offhook_client.testing.outcomes import Outcome
from offhook_client.testing.phone import Phone
from offhook_client.testing.problems import Problem
from offhook_client.testing.reader import Reading, read
from offhook_client.testing.requests import Request, sign

__all__ = [
    "Action",
    "Call",
    "CallFailed",
    "Failure",
    "Gather",
    "Hangup",
    "Outcome",
    "Pause",
    "Phone",
    "Playback",
    "Problem",
    "Reading",
    "Redirect",
    "Reject",
    "Request",
    "Say",
    "Transfer",
    "Voicemail",
    "read",
    "sign",
]
