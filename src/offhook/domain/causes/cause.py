"""The answer to "why did this call not go as wished?"."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """A stable code, a sentence that names the root of it, and what to do; without a code nothing went wrong."""

    code: str | None
    sentence: str
    cure: str = ""
