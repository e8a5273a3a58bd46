"""Commands: what API users want of calls that run. They are written down, and the call's own node does them.

That may be another node than the one that was asked; each looks for its own (`waiting`) and says what came of them.
"""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime

from offhook.domain.commands import MOST_WAITING, Command, CommandStatus
from offhook.domain.errors import CallIsOver, CallNotFound, CommandNotFound, CreditHasEnded, TooManyCommands
from offhook.errors import InputError
from offhook.service.calls import find_call
from offhook.service.ports import Work
from offhook.service.urls import check_action_text


def command(
    work: Work,
    *,
    account_id: int,
    call_id: str,
    command_id: str,
    action: str | None,
    by: str,
    now: datetime,
) -> Command:
    """Write down what is wanted of a running call; None for `action` is its end.

    Raises InputError (`action`) for a text that no call can do; CallNotFound, CallIsOver, TooManyCommands.
    """
    call = work.calls.lock(call_id)
    if call is None or call.account_id != account_id:
        raise CallNotFound(call_id)
    if action is not None:
        check_action_text("action", action)
    if call.ended_at is not None:
        raise CallIsOver(call_id)
    if work.commands.count_waiting(call_id) >= MOST_WAITING:
        raise TooManyCommands(MOST_WAITING)
    wanted = Command(command_id, call_id, action, by, now)
    work.commands.add(wanted)
    return wanted


def find_command(work: Work, account_id: int, call_id: str, command_id: str) -> Command:
    """Return a command as far as it came; raises CallNotFound, CommandNotFound."""
    call = find_call(work, account_id, call_id)
    found = work.commands.get(command_id)
    if found is None or found.call_id != call_id:
        raise CommandNotFound(command_id)
    if found.status is CommandStatus.ACCEPTED and call.ended_at is not None:
        # Its node came too late, or died.
        return replace(found, done_at=call.ended_at, code=CallIsOver.code)
    return found


def raise_refusal(command: Command) -> None:
    """Return quietly unless the command was refused; raises CallIsOver, CreditHasEnded, InputError (`action`)."""
    match command.code:
        case None:
            return
        case CallIsOver.code:
            raise CallIsOver(command.call_id)
        case CreditHasEnded.code:
            raise CreditHasEnded(command.call_id)
        case code:
            raise InputError("action", f"{code}: the call's own node cannot do this")


def waiting(work: Work, node: str) -> list[Command]:
    """Return what a node's calls are told to do and have not done, in order."""
    return work.commands.waiting(node)


def note_done(work: Work, done: Set[tuple[str, str | None]], now: datetime) -> None:
    """Note what came of commands: the id of each, and the code of why it was not done."""
    for command_id, code in sorted(done, key=lambda one: one[0]):
        work.commands.finish(command_id, code, now)
