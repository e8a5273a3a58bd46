"""Reservations: keep a free number from all others for half an hour, and give it back."""

from dataclasses import replace
from datetime import datetime

from offhook.domain.errors import NumberNotFound, NumberTaken, ReservationNotFound, TooManyReservations
from offhook.domain.reservations import MOST, Reservation, begin
from offhook.service.ports import Work


def reserve(work: Work, *, account_id: int, din_uid: str, now: datetime) -> tuple[Reservation, bool]:
    """Reserve a free number for an account; return the reservation, and whether it is new.

    One that the account has already is not made longer, or nobody else would ever get the number. Raises
    NumberNotFound, NumberTaken, TooManyReservations.
    """
    number = work.numbers.by_uid(din_uid)
    if number is None:
        raise NumberNotFound(din_uid)
    wanted = begin(number, now)
    if not work.reservations.begin(account_id, number.id, now, wanted.until):
        present = work.reservations.living(account_id, din_uid, now)
        if present is None:
            raise NumberTaken(din_uid)
        return present, False
    # Locked before they are counted, so that two at once cannot both be the last one that is allowed; after the
    # number's row, since whoever subscribes takes that first as well.
    work.ledger.lock(account_id)
    if work.reservations.count(account_id, now) > MOST:
        raise TooManyReservations(MOST)
    return wanted, True


def list_reservations(work: Work, account_id: int, now: datetime) -> list[Reservation]:
    """Return the account's living reservations, the one that ends first in front."""
    return work.reservations.all_living(account_id, now)


def give_back(work: Work, *, account_id: int, din_uid: str, now: datetime) -> Reservation:
    """End a reservation before its time and return it as it ended; raises ReservationNotFound."""
    present = work.reservations.living(account_id, din_uid, now)
    if present is None or not work.reservations.end(account_id, present.number.id, now):
        raise ReservationNotFound(din_uid)
    return replace(present, until=now)
