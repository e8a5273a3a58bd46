"""Which names are time zones."""

import pytest

from offhook.domain.hosted_rules.zones import zone_named
from offhook.errors import InputError


@pytest.mark.parametrize("name", ["UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_a_place_names_a_zone(name: str) -> None:
    assert zone_named("time_zone", name).key == name


@pytest.mark.parametrize(
    "name",
    [
        # What is not a name, what this machine alone understands, and what leads out of the database.
        *("", "JST-9", "localtime", "posixrules", "posix/Asia/Tokyo", "right/UTC", "../etc/passwd", "/etc/localtime"),
        # What has the form of a name: a place that is not there, a folder, a name that is too long.
        *("Asia/Tokio", "America/Argentina", "Asia/" + "x" * 70, "Asia/Tokyo\n", 9, None),
    ],
)
def test_anything_else_is_none(name: object) -> None:
    with pytest.raises(InputError, match="is no time zone that this server knows") as refused:
        zone_named("time_zone", name)
    assert refused.value.field == "time_zone"
