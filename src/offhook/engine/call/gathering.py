"""The keys that one `gather` collects."""

from offhook.language import Gather


class Gathering:
    """What was pressed so far; complete with the last digit wanted, or with the key that finishes."""

    __slots__ = ("_finish", "_most", "digits", "is_complete")

    def __init__(self, wish: Gather) -> None:
        self._most = wish.digits
        self._finish = wish.finish
        self.digits = ""
        self.is_complete = False

    def press(self, key: str) -> None:
        """Take a key; what comes after the last one counts no more."""
        if self.is_complete:
            return
        if key == self._finish:
            self.is_complete = True
            return
        self.digits += key
        self.is_complete = len(self.digits) >= self._most
