"""What can be wrong with a peer's bytes, and the status that tells it."""

from offhook.errors import ProtocolError


class MalformedMessage(ProtocolError):
    """A message breaks the grammar of RFC 3261; `status` is what a request for it deserves."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status
