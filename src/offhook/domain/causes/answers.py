"""What to do about a callee's last word: by its SIP code, else by its class (RFC 3261 section 21)."""

from types import MappingProxyType

_CHECK = "Check the number: its carrier says that nobody has it."
_WHOLE = "Write the number whole, with its country code."
_LOGIN = "Say rightly who we are to the carrier: `offhook trunks set {trunk} --user NAME --password-file FILE`."
_AWAY = "Its phone may be off or out of reach: call it yourself, and put a second number or a line behind the transfer."
_ITS_END = "Ask the carrier how long it lets a call ring, and put a line behind the transfer, such as voicemail."
_CODECS = "Ask the carrier which codecs it takes: we offer G.711 and G.722."
_CIRCLE = "Look where the number is forwarded to: somebody sends the call back to where it came from."
_GATEWAY = (
    "Look into the log of the gateway, or ask the carrier of trunk {trunk}; a second trunk (`routes`) takes over from"
    " one that fails."
)
_ASK = "Ask the carrier of trunk {trunk} what it misses, with the messages of `offhook calls show ID --bodies`."
_ALLOWED = "Ask the carrier of trunk {trunk} which numbers it lets us call, and which callers' numbers it lets us show."

_CURES: MappingProxyType[int, str] = MappingProxyType(
    {
        401: _LOGIN,
        402: "Pay the carrier of trunk {trunk}: it takes no calls before.",
        403: _ALLOWED,
        404: _CHECK,
        407: _LOGIN,
        408: _AWAY,
        410: "Transfer to another number: this one was given up.",
        413: _ASK,
        428: "Ask the carrier of trunk {trunk} to sign our calls, or to take them unsigned.",
        433: "Show a number of ours: `from=recipient` behind the transfer.",
        480: _AWAY,
        482: _CIRCLE,
        483: _CIRCLE,
        484: _WHOLE,
        487: _ITS_END,
        488: _CODECS,
        501: _ASK,
        505: _ASK,
        513: _ASK,
        603: "Ask the callee, or its carrier: the call was turned down.",
        604: _CHECK,
        606: _CODECS,
        607: "Show a number that the callee knows, or ask the callee: it turned the caller's number down.",
        608: "Ask the carrier of trunk {trunk} whose list our number stands on, and have it taken off.",
    }
)
_OF_CLASS = {4: _ASK, 5: _GATEWAY}
_SAME_FOR_ALL = frozenset({486, 600})
"""Of being busy there is nothing to ask a carrier."""


def cure_of(sip_code: int, trunk: str) -> str:
    """Return what to do about a final answer that came through a trunk; empty if its code alone tells nothing."""
    if sip_code in _SAME_FOR_ALL:
        return ""
    found = _CURES.get(sip_code) or _OF_CLASS.get(sip_code // 100, "")
    return found.format(trunk=trunk or "NAME")
