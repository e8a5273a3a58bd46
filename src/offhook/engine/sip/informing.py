"""Tells the peers of an agent's legs which keys are pressed, by INFO: one at a time, in their order.

What a peer answers ends no call, 408 and 481 neither (RFC 3261 section 12.2.1.2 would let them): a key is not worth it.
"""

from offhook.engine.sip.authenticator import Attempt
from offhook.engine.sip.core import Core
from offhook.engine.sip.dialog import Leg, State
from offhook.engine.sip.keys import RELAY, Press, write_press
from offhook.engine.sip.message import Response
from offhook.engine.sip.outputs import NotInformed, Output
from offhook.engine.sip.transactions import Transaction

WAITING_LIMIT = 32
"""Keys of one leg that wait for the answer to the one before them; what is pressed beyond is lost."""
CHALLENGES = frozenset({401, 407})
TIMEOUT = 408
UNREACHABLE = 503


class Informing:
    """The keys that one agent sends."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def inform(self, leg: Leg, press: Press, now: float) -> list[Output]:
        """Tell the peer of a key as soon as those before it are told."""
        if leg.state is not State.CONFIRMED:
            return []
        if len(leg.untold) >= WAITING_LIMIT:
            return [NotInformed(leg.tag, press.key, TIMEOUT)]
        leg.untold.append(press)
        return self._tell(leg, now) if leg.telling is None else []

    def responded(self, transaction: Transaction, response: Response, now: float) -> list[Output]:
        """An INFO of ours was answered."""
        leg = self._leg_of(transaction)
        if leg is None or response.status < 200:
            return []
        if response.status in CHALLENGES and leg.authenticator is not None and leg.telling_attempt is not None:
            outcome = leg.authenticator.answer(leg.telling_attempt, response, cnonce=self._core.token(), now=now)
            if isinstance(outcome, Attempt):
                return self._tell(leg, now, outcome)
        return self._told(leg, response.status, now)

    def timed_out(self, transaction: Transaction, now: float) -> list[Output]:
        """Nobody answered an INFO of ours."""
        return self._failed(transaction, TIMEOUT, now)

    def undelivered(self, transaction: Transaction, now: float, _why: str) -> list[Output]:
        """An INFO of ours could not be sent."""
        return self._failed(transaction, UNREACHABLE, now)

    def _failed(self, transaction: Transaction, status: int, now: float) -> list[Output]:
        leg = self._leg_of(transaction)
        return self._told(leg, status, now) if leg else []

    def _tell(self, leg: Leg, now: float, attempt: Attempt | None = None) -> list[Output]:
        fields, body = [("Content-Type", RELAY)], write_press(leg.untold[0])
        outputs = self._core.ask(leg, "INFO", now, fields=fields, body=body, attempt=attempt)
        leg.telling, leg.telling_attempt = leg.asked, leg.attempt
        return outputs

    def _told(self, leg: Leg, status: int, now: float) -> list[Output]:
        press, leg.telling = leg.untold.popleft(), None
        outputs: list[Output] = [] if status < 300 else [NotInformed(leg.tag, press.key, status)]
        if leg.state is not State.CONFIRMED:
            # We have hung up meanwhile: nobody wants the rest.
            leg.untold.clear()
        return [*outputs, *self._tell(leg, now)] if leg.untold else outputs

    def _leg_of(self, transaction: Transaction) -> Leg | None:
        leg = self._core.legs.get(transaction.owner)
        return leg if leg and leg.telling is transaction else None
