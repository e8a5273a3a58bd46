from datetime import UTC, datetime, timedelta

from offhook.domain.numbers import Number
from offhook.domain.reservations import begin

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NUMBER = Number(1, "815012345678", "JPafr34rafic76tf", "81", "50", 650_000_000, 1_000_000, "")


def test_a_reservation_ends_by_itself_after_half_an_hour() -> None:
    reservation = begin(NUMBER, NOW)
    assert (reservation.number, reservation.until) == (NUMBER, NOW + timedelta(minutes=30))
