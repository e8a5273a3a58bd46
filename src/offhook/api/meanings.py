"""Every code that the API answers, with its status and what it means, as the catalogue tells it."""

from collections.abc import Mapping

from offhook.catalogue import entries


def meanings() -> Mapping[str, tuple[int, str]]:
    """Return HTTP status and explanation by code, by status."""
    told = ((entry, entry.detail("api")) for entry in entries())
    found = [(int(status), entry) for entry, status in told if status is not None]
    return {entry.code: (status, entry.happened.replace("`", "")) for status, entry in sorted(found, key=_order)}


def _order(one: tuple[int, object]) -> int:
    return one[0]
