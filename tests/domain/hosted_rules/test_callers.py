"""Who is in a list of callers, and how such a list is written."""

import pytest

from offhook.domain.hosted_rules.callers import MOST_CALLERS, Callers, read_callers
from offhook.errors import InputError

LIST = Callers(frozenset({"819012345678", "81*", "8190*"}))


@pytest.mark.parametrize(
    ("caller", "entry"),
    [
        ("819012345678", "819012345678"),
        ("8190123456789", "8190*"),
        ("8190", "8190*"),
        ("819", "81*"),
        ("8", None),
        ("4930123456", None),
        ("", None),
    ],
)
def test_the_longest_entry_names_a_caller(caller: str, entry: str | None) -> None:
    assert LIST.entry_of(caller) == entry


def test_numbers_are_read_as_people_write_them() -> None:
    written = ["+81 90-1234-5678", "819012345678", "(81) 3*", "110"]
    assert read_callers("callers", written).entries == {"819012345678", "813*", "110"}


@pytest.mark.parametrize(
    "entry", ["", "*", "81*3", "alice", "8" * 16, "8" * 16 + "*", "81;x=1", "８１", 81, None, ["81"]]
)
def test_what_is_no_number_is_named_by_its_place(entry: object) -> None:
    with pytest.raises(InputError, match="is not 1 to 15 digits") as refused:
        read_callers("block.callers", ["81", entry])
    assert refused.value.field == "block.callers[1]"


def test_a_list_names_somebody_and_not_everybody_by_name() -> None:
    most = [str(number) for number in range(MOST_CALLERS)]
    assert len(read_callers("callers", most).entries) == MOST_CALLERS
    for wrong in ([], [*most, "99999"]):
        with pytest.raises(InputError, match=r"there are 1 to 500 of them") as refused:
            read_callers("callers", wrong)
        assert refused.value.field == "callers"
