"""Terms: what an operator decides about money, the same for all customers."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from offhook.domain.credits import CREDIT


class ChargedFrom(StrEnum):
    """When the minutes of an inbound call begin to count."""

    ANSWER = "answer"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Terms:
    """Money in micro-credits. An account with less than `minimum_credit` takes no calls that cost anything.

    `unanswered_minutes` is what a call costs that the action server was asked about and that nobody
    answered; one that it rejected is free. `grace` is how long a subscription waits for its renewal to
    be paid, `quarantine` how long its number rests when it has ended. `recording_cost` is for 30 days of one
    recording, which is deleted when it was kept as long as `recordings_kept`.
    """

    minimum_credit: int = 50 * CREDIT
    charged_from: ChargedFrom = ChargedFrom.ANSWER
    unanswered_minutes: int = 0
    grace: timedelta = timedelta(days=7)
    quarantine: timedelta = timedelta(days=30)
    recording_cost: int = 0
    recordings_kept: timedelta = timedelta(days=30)


TERMS = Terms()
