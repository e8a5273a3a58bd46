"""A customer of the HTTP API who takes a number and gives it back, again and again, also while the database is away."""

from threading import Event
from time import monotonic, sleep
from typing import Any

from running_platform import RunningPlatform

PATH = "/voice/dins/subscriptions/"
PATIENCE_S = 30
TRIES_AGAIN_S = 0.1


class Shopper:
    """Asks until the answer is no 503; `rounds` is how often it took the number and gave it back."""

    def __init__(self, platform: RunningPlatform, din: str) -> None:
        self._platform = platform
        [number] = platform.api("GET", f"/voice/dins/?prefix={din}")
        self._uid = number["din_uid"]
        self.rounds = 0
        self.refusals = 0

    def shop(self, enough: Event) -> None:
        """Go on until it is enough, and end with nothing taken."""
        while not enough.is_set():
            self._take()
            self._look()
            self._give_back()
            self.rounds += 1

    def _take(self) -> None:
        key = f"{self._uid}-{self.rounds}"
        status, taken = self._ask("POST", PATH, key)
        assert status == 201, taken
        assert self._ask("POST", PATH, key) == (201, taken)

    def _look(self) -> None:
        status, account = self._ask("GET", "/account/")
        assert status == 200, account

    def _give_back(self) -> None:
        before = self.refusals
        status, ended = self._ask("DELETE", f"{PATH}{self._uid}/")
        # Where the database went away after its commit, the second attempt finds the work done.
        assert status == 200 or (status == 404 and self.refusals > before), ended

    def _ask(self, method: str, path: str, key: str | None = None) -> tuple[int, Any]:
        deadline = monotonic() + PATIENCE_S
        while True:
            status, document = self._platform.ask(method, path, {"din_uid": self._uid} if key else None, key=key)
            if status != 503:
                return status, document
            assert is_away(document), document
            assert monotonic() < deadline, document
            self.refusals += 1
            sleep(TRIES_AGAIN_S)


def is_away(document: Any) -> bool:
    """Tell whether an answer has the form of API.md and says that the database is away."""
    return set(document) == {"detail", "code", "help"} and document["code"] == "database-away"
