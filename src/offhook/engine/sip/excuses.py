"""What a peer says beside its status when it refuses: its own phrase, and what Reason and Warning tell.

Carriers put what their telephone network said into Reason (RFC 3326, causes of Q.850) and what does not fit of an offer
into Warning (RFC 3261 section 20.43); their phrase is mostly the standard's.
"""

import re

from offhook.engine.sip.message import Response
from offhook.engine.sip.text import readable

LONGEST = 120
"""Characters of one excuse; foreign text has no end of its own."""

_Q850 = re.compile(r"^Q\.850\s*;", re.IGNORECASE)
_CAUSE = re.compile(r";\s*cause\s*=\s*([0-9]{1,3})\b", re.IGNORECASE)
_TEXT = re.compile(r';\s*text\s*=\s*"([^"]*)"', re.IGNORECASE)
_WARNING = re.compile(r'^[0-9]{3}\s+\S+\s+"([^"]*)"')


def said_in(response: Response) -> str:
    """Return the phrase of a refusal, with what its headers tell besides, each thing once."""
    told = (response.reason, _cause_of(response), _warning_of(response))
    words = (readable(one).strip()[:LONGEST] for one in told)
    return ", ".join(dict.fromkeys(word for word in words if word))


def _cause_of(response: Response) -> str:
    for value in response.headers.get("Reason", ()):
        if _Q850.match(value) and (cause := _CAUSE.search(value)):
            text = _TEXT.search(value)
            return f"Q.850 cause {cause[1]}{f': {text[1]}' if text and text[1] else ''}"
    return ""


def _warning_of(response: Response) -> str:
    found = (_WARNING.match(value.strip()) for value in response.headers.get("Warning", ()))
    return next((match[1] for match in found if match), "")
