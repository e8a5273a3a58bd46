"""How a callee fares: the words of `transfer_status`, and the SIP codes that stand for them."""

from typing import Literal

from offhook_client.errors import BadValue

Unreached = Literal["busy", "no-answer", "failed", "refused"]
Outcome = Literal["answered"] | Unreached
Refusal = Literal["busy", "declined", "unavailable"]

_USUAL: dict[Unreached, int | None] = {"busy": 486, "no-answer": None, "failed": 500, "refused": 603}
_MEANINGS: dict[int, Unreached] = {
    403: "refused",
    408: "no-answer",
    428: "refused",
    433: "refused",
    480: "no-answer",
    486: "busy",
    487: "no-answer",
    600: "busy",
    604: "failed",
    606: "failed",
}


def outcome_of(how: Unreached | int) -> tuple[Unreached, int | None]:
    """Return word and SIP code, of which one is given; a callee who lets it ring has no code of its own."""
    if isinstance(how, int):
        if not 300 <= how <= 699:
            raise BadValue(f"{how} is no SIP code by which a callee says no: those are 300 to 699.")
        usual: Unreached = "failed" if 400 <= how < 600 else "refused"
        return _MEANINGS.get(how, usual), how
    if how not in _USUAL:
        raise BadValue(f"A callee cannot be {how!r}. It is one of answered, {', '.join(_USUAL)}, or a SIP code.")
    return how, _USUAL[how]


def told_as(word: Unreached, sip_code: int | None) -> Refusal:
    """Return how a caller hears it who was not answered yet: a 6xx is final for everybody."""
    if (sip_code or 0) >= 600:
        return "declined"
    return "busy" if word == "busy" else "unavailable"
