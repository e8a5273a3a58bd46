"""Reservations: a number is kept for one account while its customer makes up their mind, at no cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.domain.numbers import Number

LASTS = timedelta(minutes=30)
MOST = 20
"""What costs nothing must not empty the pool: so many an account may have at once."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A number that one account alone may subscribe, until it ends by itself."""

    number: Number
    until: datetime


def begin(number: Number, now: datetime) -> Reservation:
    """Return the reservation of a number that begins now."""
    return Reservation(number, now + LASTS)
