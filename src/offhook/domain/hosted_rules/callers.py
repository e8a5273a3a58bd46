"""Lists of callers: whole numbers, and beginnings of numbers with a `*` behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from offhook.domain.numbers import LONGEST_DIN, is_digits, unadorned
from offhook.errors import InputError

MOST_CALLERS = 500
"""Entries of one list."""
ANY = "*"
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Callers:
    """Some callers, as digits without `+`; an entry that ends with `*` stands for all numbers that begin so."""

    entries: frozenset[str]

    def entry_of(self, caller: str) -> str | None:
        """Return the entry that names a caller, the longest one; None if none does, or the caller has no number."""
        if caller in self.entries:
            return caller
        beginnings = (caller[:length] + ANY for length in range(len(caller), 0, -1))
        return next((beginning for beginning in beginnings if beginning in self.entries), None)


def read_callers(field: str, written: Iterable[object]) -> Callers:
    """Read a list, each entry as people write numbers; raises InputError naming the entry."""
    entries = frozenset(_read(f"{field}[{place}]", entry) for place, entry in enumerate(written))
    if not 1 <= len(entries) <= MOST_CALLERS:
        raise InputError(field, f"there are 1 to {MOST_CALLERS} of them", hint="leave the rule out if it names nobody")
    return Callers(entries)


def _read(field: str, entry: object) -> str:
    if isinstance(entry, str):
        digits = unadorned(entry.removesuffix(ANY)).removeprefix("+")
        if is_digits(digits) and len(digits) <= LONGEST_DIN and ";" not in entry:
            return digits + ANY * entry.endswith(ANY)
    raise InputError(
        field,
        f"{str(entry)[:_SHOWN]!r} is not 1 to {LONGEST_DIN} digits",
        hint="write a number as in 819012345678, or the beginning of numbers as in 8190*",
    )
