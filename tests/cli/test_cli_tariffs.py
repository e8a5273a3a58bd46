from pathlib import Path

import pytest

from terminal import Terminal


@pytest.fixture
def tariff(tmp_path: Path) -> Path:
    path = tmp_path / "tariff.csv"
    path.write_text("prefix,minute_cost,kind,name\n81,1,,Japan\n813,0.5,,Tokyo\n881,9,premium,satellite\n")
    return path


def test_a_tariff_is_brought_and_listed(terminal: Terminal, tariff: Path) -> None:
    printed = terminal.type("tariffs", "import", str(tariff))
    assert printed.out == "rates: 3 added, 0 changed, 0 removed, 0 same\n"
    rows = terminal.type("tariffs", "list").out.splitlines()[2:]
    assert [row.split() for row in rows] == [
        ["81", "1.00", "standard", "Japan"],
        ["813", "0.50", "standard", "Tokyo"],
        ["881", "9.00", "premium", "satellite"],
    ]


def test_a_dry_run_changes_nothing(terminal: Terminal, tariff: Path) -> None:
    printed = terminal.type("tariffs", "import", str(tariff), "--dry-run")
    assert printed.out == "rates: 3 would be added, 0 would be changed, 0 would be removed, 0 would be same\n"
    document = terminal.type("tariffs", "import", str(tariff), "--dry-run", "--json").document
    assert document == {"added": 3, "changed": 0, "removed": 0, "same": 0, "dry_run": True}
    assert terminal.type("tariffs", "list", "--json").document == []


def test_every_wrong_line_is_told_and_nothing_is_imported(terminal: Terminal, tariff: Path) -> None:
    tariff.write_text("prefix,minute_cost\nx,1\n81,free\n49,1\n")
    printed = terminal.type("tariffs", "import", str(tariff))
    assert printed.status == 1
    assert "line 2: prefix: 'x'" in printed.err
    assert "line 3: minute_cost: 'free'" in printed.err
    assert "2 lines are wrong; nothing was imported" in printed.err
    assert terminal.type("tariffs", "list", "--json").document == []


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("+81312345678", "+81312345678: 0.50 a minute (813, standard)"),
        ("493012345", "493012345: no rate: it is refused"),
        ("881612345678", "881612345678: 9.00 a minute (881, premium); it is satellite"),
    ],
)
def test_the_rate_of_a_number_is_found(terminal: Terminal, tariff: Path, number: str, told: str) -> None:
    terminal.type("tariffs", "import", str(tariff))
    assert terminal.type("tariffs", "find", number).out == told + "\n"


def test_a_rate_is_found_for_machines_too(terminal: Terminal, tariff: Path) -> None:
    terminal.type("tariffs", "import", str(tariff))
    assert terminal.type("tariffs", "find", "8190", "--json").document == {
        "rate": {"prefix": "81", "minute_cost": 1.0, "kind": "standard", "name": "Japan"},
        "danger": None,
    }
