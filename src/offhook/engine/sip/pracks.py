"""Reliable provisional responses of those we call: each is acknowledged by a PRACK, in order (RFC 3262 section 4)."""

import re

from offhook.engine.sip.authenticator import Attempt
from offhook.engine.sip.core import Core
from offhook.engine.sip.dialog import FORKS_LIMIT, Early, Leg, State, establish
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Response, sdp_of
from offhook.engine.sip.outputs import Output
from offhook.engine.sip.provisionals import RELIABLE
from offhook.engine.sip.replies import tag_of
from offhook.engine.sip.transactions import Transaction

_RSEQ = re.compile(r"[0-9]{1,10}", re.ASCII)


class Pracks:
    """What an agent says to reliable provisional responses."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def hear(self, leg: Leg, transaction: Transaction, response: Response, now: float) -> list[Output] | None:
        """Acknowledge a provisional response if it wants that; None if it is not new, or one before it was lost.

        Raises `MalformedMessage` for one that cannot be acknowledged.
        """
        if response.status == 100 or not any(word.lower() == RELIABLE for word in response.values("Require")):
            return []
        rseq = _rseq(response)
        tag = tag_of(response.first("To"))
        early = leg.early.get(tag)
        if early is None:
            if not tag or len(leg.early) >= FORKS_LIMIT:
                return None
            early = leg.early[tag] = Early(_dialog(leg, response), rseq)
        elif rseq != early.rseq + 1:
            # The peer repeats what we acknowledged until it hears that; our PRACK is repeated by its transaction.
            return None
        early.rseq = rseq
        early.sdp = early.sdp or sdp_of(response)
        assert transaction.outgoing is not None, "only client transactions get responses"
        early.prack = [("RAck", f"{rseq} {transaction.outgoing.cseq} INVITE")]
        return self._acknowledge(leg, early, now)

    def responded(self, leg: Leg, response: Response, now: float) -> list[Output]:
        """Meet a challenge to a PRACK; whatever else became of it, the call goes its way."""
        early = leg.early.get(tag_of(response.first("To")))
        if early is None or leg.authenticator is None or early.dialog.attempt is None:
            return []
        attempt = early.dialog.attempt
        outcome = leg.authenticator.answer(attempt, response, cnonce=self._core.token(), now=now)
        return self._acknowledge(leg, early, now, outcome) if isinstance(outcome, Attempt) else []

    def _acknowledge(self, leg: Leg, early: Early, now: float, attempt: Attempt | None = None) -> list[Output]:
        # All dialogs of a forked call count on from one number, so that whichever is answered has used none twice.
        early.dialog.local_cseq = leg.local_cseq
        outputs = self._core.ask(early.dialog, "PRACK", now, fields=early.prack, attempt=attempt)
        leg.local_cseq = early.dialog.local_cseq
        return outputs


def _dialog(leg: Leg, response: Response) -> Leg:
    """Make the dialog that a provisional response describes (RFC 3261 section 12.1.2)."""
    dialog = Leg(leg.tag, leg.call_id, State.PROCEEDING, leg.local, leg.flow)
    dialog.local_address = leg.local_address
    dialog.authenticator = leg.authenticator
    establish(dialog, response)
    return dialog


def _rseq(response: Response) -> int:
    if not _RSEQ.fullmatch(response.first("RSeq")):
        raise MalformedMessage("a reliable provisional response has no number (RSeq) that could be acknowledged")
    return int(response.first("RSeq"))
