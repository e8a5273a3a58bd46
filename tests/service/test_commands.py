"""What is wanted of calls, over real databases: written down for the call's node, in order, only for its account."""

from datetime import timedelta

import pytest

from house import NOW, House
from offhook.domain.commands import MOST_WAITING, Command, CommandStatus
from offhook.domain.errors import CallIsOver, CallNotFound, CommandNotFound, CreditHasEnded, TooManyCommands
from offhook.errors import InputError
from offhook.service import commands

SECOND = timedelta(seconds=1)
HELLO = 'say en "Hello"'


@pytest.fixture
def call_id(house: House) -> str:
    house.subscribed()
    return house.ring()


def want(house: House, call_id: str, action: str | None = HELLO, **how: int) -> Command:
    account_id = how.get("account_id", house.shop.id)
    return house.write(
        lambda work: commands.command(
            work,
            account_id=account_id,
            call_id=call_id,
            command_id=house.fresh(),
            action=action,
            by="sid",
            now=NOW,
        )
    )


def waiting(house: House, node: str = "node-1") -> list[Command]:
    return house.read(lambda work: commands.waiting(work, node))


def note(house: House, command: Command, code: str | None = None) -> None:
    done = frozenset({(command.command_id, code)})
    house.write(lambda work: commands.note_done(work, done, NOW + SECOND))


def found(house: House, command: Command, **how: int) -> Command:
    account_id = how.get("account_id", house.shop.id)
    return house.read(lambda work: commands.find_command(work, account_id, command.call_id, command.command_id))


def test_the_calls_node_finds_what_is_wanted_in_order_and_no_other_does(house: House, call_id: str) -> None:
    wanted = [want(house, call_id), want(house, call_id, None)]
    assert waiting(house) == wanted
    assert waiting(house, "node-2") == []


def test_what_was_done_does_not_wait_and_is_told_once(house: House, call_id: str) -> None:
    command = want(house, call_id)
    assert found(house, command).status is CommandStatus.ACCEPTED
    note(house, command)
    note(house, command, "call-is-over")
    assert waiting(house) == []
    assert found(house, command) == Command(command.command_id, call_id, HELLO, "sid", NOW, NOW + SECOND)
    assert found(house, command).status is CommandStatus.DONE


def test_what_was_refused_says_why(house: House, call_id: str) -> None:
    command = want(house, call_id)
    note(house, command, "credit-ended")
    refused = found(house, command)
    assert (refused.status, refused.code) == (CommandStatus.REFUSED, "credit-ended")


def test_what_waits_at_the_end_of_its_call_is_refused(house: House, call_id: str) -> None:
    command = want(house, call_id)
    house.give_up(call_id)
    refused = found(house, command)
    assert (refused.status, refused.code) == (CommandStatus.REFUSED, CallIsOver.code)
    assert waiting(house) == [command], "its node still notes that it came too late"


def test_another_accounts_call_is_none(house: House, call_id: str) -> None:
    other = house.open_account("Other")
    with pytest.raises(CallNotFound):
        want(house, call_id, account_id=other.id)
    command = want(house, call_id)
    with pytest.raises(CallNotFound):
        found(house, command, account_id=other.id)


def test_nothing_is_wanted_of_a_call_that_nobody_knows_or_that_is_over(house: House, call_id: str) -> None:
    with pytest.raises(CallNotFound):
        want(house, "never-came")
    house.give_up(call_id)
    with pytest.raises(CallIsOver):
        want(house, call_id)


def test_a_command_belongs_to_its_call(house: House, call_id: str) -> None:
    command, other = want(house, call_id), house.ring()
    with pytest.raises(CommandNotFound):
        house.read(lambda work: commands.find_command(work, house.shop.id, other, command.command_id))
    with pytest.raises(CommandNotFound):
        house.read(lambda work: commands.find_command(work, house.shop.id, call_id, "none"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{HELLO}\nplaybak", "unknown-verb, line 2, column 1: "),
        ("stream wss://a.example/", "not-available-yet, line 1, column 1: "),
        ("", "empty"),
    ],
)
def test_a_text_that_no_call_can_do_is_refused_with_its_place(
    house: House, call_id: str, text: str, problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as error:
        want(house, call_id, text)
    assert error.value.field == "action"
    assert waiting(house) == []


def test_only_so_many_wait(house: House, call_id: str) -> None:
    first, *_ = [want(house, call_id) for _ in range(MOST_WAITING)]
    with pytest.raises(TooManyCommands):
        want(house, call_id)
    note(house, first)
    want(house, call_id)


@pytest.mark.parametrize(
    ("code", "error"), [("call-is-over", CallIsOver), ("credit-ended", CreditHasEnded), ("unknown-verb", InputError)]
)
def test_a_refusal_is_an_error_of_its_own_kind(code: str, error: type[Exception]) -> None:
    commands.raise_refusal(Command("1", "c", HELLO, "sid", NOW))
    with pytest.raises(error):
        commands.raise_refusal(Command("1", "c", HELLO, "sid", NOW, NOW, code))
