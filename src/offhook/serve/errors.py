"""What can go wrong where the rooms are joined."""

from offhook.errors import ActionServerError, NotFoundError


class NothingToReplay(NotFoundError):
    """A call's timeline tells of no question to an action server."""

    code = "nothing-to-replay"


class NewCodeUnreachable(ActionServerError):
    """Nobody could be asked where new code was said to be."""

    code = "new-code-unreachable"
