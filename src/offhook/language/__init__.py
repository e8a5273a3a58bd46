"""The language that action servers answer in: text to script and back, and what is wrong with a text.

`parse` understands, `write` writes, `draw` shows a problem under its line. Pure: nothing here
fetches a URL, knows which voices are installed or does anything to a call.
"""

from offhook.language.display import without_logins
from offhook.language.drawing import draw
from offhook.language.grammar import Verb
from offhook.language.parser import Parsed, parse
from offhook.language.problems import Code, Problem, Severity
from offhook.language.script import (
    SELF,
    Action,
    CallerId,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    RejectKind,
    Say,
    Script,
    Transfer,
    Voicemail,
    verb_of,
)
from offhook.language.writer import write

__all__ = [
    "SELF",
    "Action",
    "CallerId",
    "Code",
    "Gather",
    "Hangup",
    "Parsed",
    "Pause",
    "Playback",
    "Problem",
    "Redirect",
    "Reject",
    "RejectKind",
    "Say",
    "Script",
    "Severity",
    "Transfer",
    "Verb",
    "Voicemail",
    "draw",
    "parse",
    "verb_of",
    "without_logins",
    "write",
]
