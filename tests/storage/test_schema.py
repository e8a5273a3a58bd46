from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from offhook.storage.schema import UtcTime

DIALECT = sqlite.dialect()


def test_times_are_kept_in_utc() -> None:
    tokyo = datetime(2026, 11, 23, 15, 0, tzinfo=timezone(timedelta(hours=9)))
    kept = UtcTime().process_bind_param(tokyo, DIALECT)
    assert kept == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert kept.tzinfo is UTC


def test_a_time_without_a_zone_is_never_stored() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcTime().process_bind_param(datetime(2026, 11, 23), DIALECT)  # noqa: DTZ001


def test_no_time_stays_no_time() -> None:
    assert UtcTime().process_bind_param(None, DIALECT) is None
    assert UtcTime().process_result_value(None, DIALECT) is None
