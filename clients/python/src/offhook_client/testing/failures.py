"""How a test learns that a call did not go as it should."""

from dataclasses import dataclass


class CallFailed(AssertionError):
    """The action server's answer cannot be done, or the call is not where the test wants it; tells the call so far."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a URL gave nothing to do. `code` is the platform's, which the fallback URL is told as `reason`.

    `is_unseen` says that no server has seen the request.
    """

    code: str
    text: str
    is_unseen: bool = False
