"""docs/testing.md names what is there."""

import re
from pathlib import Path

from offhook.testkit.findings import Check

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


def test_every_check_has_its_row_in_the_order_of_the_report() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    codes = [check.value for check in Check]
    assert [row for row in rows if row in codes] == codes
